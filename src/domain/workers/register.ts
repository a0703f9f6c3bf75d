/**
 * Registers a worker under a free name (FEATURES A01–A04), with an invite where the policy asks for one (C01, C05). Its
 * token is made and shown by the caller; the record has the hash, and that of the invite's code.
 */
import type { Change, Ctx, Plan } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import { demandStamp } from "../../core/pow.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { Invite, Worker, WorkerRegisterInput } from "../../generated/types.ts";
import { momentOf } from "../governance/moment.ts";
import { readKey, verifyFree } from "../members/keys.ts";
import { redeemable } from "../members/standing.ts";
import {
  actingWorker,
  asksForInvite,
  draftWorker,
  isMaintainer,
  refuseNew,
  refuseUninvited,
} from "./acting.ts";
import { readWorkerFields, readWorkerName, WORKER_FIELDS, type WorkerFields } from "./fields.ts";

export interface Registered {
  worker_id: string;
  name: string;
  trust_tier: Worker["trust_tier"];
  /** The invite that it used up. */
  invite?: string;
  /** The worker was there, with all of this; a token made for this call is not on the record and must not be shown. */
  already?: true;
}

export function planRegister(snapshot: Snapshot, input: WorkerRegisterInput, ctx: Ctx): Plan<Registered> {
  const me = actingWorker(snapshot, ctx);
  const typed =
    input.name === undefined
      ? { ok: true as const, name: me.name, display: undefined }
      : readWorkerName(input.name);
  if (!typed.ok) return typed;
  const { name } = typed;
  const read = readWorkerFields(typed.display === undefined ? input : { display: typed.display, ...input });
  if (!read.ok) return read;
  const key = input.ssh_key === undefined ? undefined : readKey(input.ssh_key);
  if (key && !key.ok) return key;
  const path = pathOf("Worker", name);
  const problem = snapshot.problems.get(path);
  if (problem) {
    return refuse(
      "record_invalid",
      `The file of worker ${name} cannot be read: ${problem.message}. Nothing was changed.`,
      {
        data: { path, line: problem.line },
      },
    );
  }
  const known = snapshot.workers.get(name);
  if (known) return repeated(known, me.name, read.fields, key?.key);
  if (snapshot.rules.registration === "closed" && !isMaintainer(me.worker)) {
    const kind = read.fields.actor_kind ?? ctx.caller.actor_kind;
    return refuseNew(snapshot, "not_allowed", `${name} was not registered.`, { name, kind });
  }
  const taken = key && verifyFree(snapshot, key.key, name);
  if (taken) return taken;
  const invited = redeem(snapshot, input.invite_hash, name, ctx);
  if (!invited.ok) return invited;
  const { clone, ...draft } = draftWorker(snapshot.rules, name, ctx);
  // The clone tells apart those who share a default name; a name that was chosen is whoever uses it.
  const own = name === me.name && clone !== undefined ? { clone } : {};
  const content: Worker = {
    ...draft,
    ...own,
    ...read.fields,
    ...(key && { ssh_key: key.key }),
    ...(invited.id !== undefined && { invite: invited.id }),
    id: ctx.newId("w"),
    created_at: momentOf(ctx, snapshot.rules, "register"),
  };
  const bound = { actor: name, action: "register", target: name, content } as const;
  const stamp = demandStamp(bound, input, ctx, snapshot.rules, snapshot);
  if (stamp && "ok" in stamp) return stamp;
  const worker: Worker = stamp ? { ...content, pow: stamp } : content;
  return {
    ok: true,
    changes: [...invited.changes, { path, value: worker }],
    event: {
      type: "worker.registered",
      subject: `register ${name}`,
      actor: me.name,
      ...(me.name === name ? {} : { worker: name }),
    },
    result: {
      ...{ worker_id: worker.id, name, trust_tier: worker.trust_tier },
      ...(invited.id !== undefined && { invite: invited.id }),
    },
  };
}

type Redeemed = { ok: true; id?: string; changes: Change[] };

/**
 * (suspends) Uses the invite up in the commit that registers, so that of two who come with one code the second finds it
 * used (C11). One is used also where the policy asks for none: whoever shows it means it.
 */
function redeem(snapshot: Snapshot, hash: string | undefined, name: string, ctx: Ctx): Redeemed | Refusal {
  if (hash === undefined)
    return asksForInvite(snapshot)
      ? refuseUninvited(snapshot, "invite_required", `${name} was not registered.`, name)
      : { ok: true, changes: [] };
  const file = redeemable(snapshot, hash, ctx.now);
  if (!file.ok) return file;
  const value: Invite = { ...file.invite, used_by: name, used_at: iso(ctx.now) };
  return { ok: true, id: value.id, changes: [{ path: file.path, value }] };
}

/** The name is taken: by me, with nothing new (fine), or otherwise. */
function repeated(known: Worker, me: string, fields: WorkerFields, key?: string): Plan<Registered> {
  const news: string[] = WORKER_FIELDS.filter(
    (field) =>
      field !== "token_hash" &&
      field in fields &&
      JSON.stringify(fields[field]) !== JSON.stringify(known[field]),
  );
  if (key !== undefined && key !== known.ssh_key) news.push("ssh_key");
  if (known.name === me && news.length === 0) {
    return {
      ok: true,
      changes: [],
      result: { worker_id: known.id, name: me, trust_tier: known.trust_tier, already: true },
    };
  }
  const message =
    known.name === me
      ? `You are registered as ${me}, with another ${news.join(", ")}. Nothing was changed.`
      : `There is a worker ${known.name} already. Nothing was changed.`;
  return refuse("already_exists", message, {
    hint:
      known.name === me
        ? news.includes("ssh_key")
          ? "owp member rotate"
          : "owp worker edit"
        : "take another name, or act as this worker with --as",
    data: { worker: known.name, fields: news },
  });
}
