/** Gives a member its first ssh key, or another one in place of it (FEATURES C14). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import { refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { MemberRotateInput, Worker } from "../../generated/types.ts";
import { targetWorker, verifyOwn } from "../workers/rights.ts";
import { readKey, verifyFree } from "./keys.ts";

export interface Rotated {
  name: string;
  ssh_key: string;
  /** How many keys it had before. */
  former: number;
  /** It was so before; nothing was published. */
  already?: true;
}

/** Former keys that a file keeps; beyond them a member would be a machine gone wrong. */
const FORMER_LIMIT = 100;

export function planMemberRotate(snapshot: Snapshot, input: MemberRotateInput, ctx: Ctx): Plan<Rotated> {
  const read = readKey(input.ssh_key);
  if (!read.ok) return read;
  const target = targetWorker(snapshot, input.name, ctx);
  if (!target.ok) return target;
  const denied = verifyOwn(target);
  if (denied) return denied;
  const { me, worker } = target;
  const { name, ssh_key: old, former_keys = [] } = worker;
  if (worker.status === "retired")
    return refuse("worker_retired", `${name} is retired, and needs no new key. Nothing was changed.`, {
      data: { worker: name },
    });
  const result: Rotated = { name, ssh_key: read.key, former: former_keys.length };
  if (old === read.key) return { ok: true, changes: [], result: { ...result, already: true } };
  const taken = verifyFree(snapshot, read.key, name);
  if (taken) return taken;
  const at = iso(ctx.now);
  const former = old === undefined ? former_keys : [...former_keys, { key: old, until: at }];
  if (former.length > FORMER_LIMIT)
    return refuse(
      "not_allowed",
      `${name} has had ${FORMER_LIMIT} keys, as many as are kept. Nothing was changed.`,
      { hint: "owp member register makes a new member", data: { worker: name } },
    );
  const value: Worker = {
    ...worker,
    ssh_key: read.key,
    ...(former.length > 0 ? { former_keys: former } : {}),
    updated_at: at,
  };
  return {
    ok: true,
    changes: [{ path: pathOf("Worker", name), value }],
    event: {
      ...{ type: "member.rotated", subject: `give ${name} another key`, actor: me.name },
      ...(me.name === name ? {} : { worker: name }),
    },
    result: { ...result, former: former.length },
  };
}
