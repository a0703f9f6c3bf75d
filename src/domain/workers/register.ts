/** Registers a worker under a free name (FEATURES A01–A04). Its token is made and shown by the caller; the record has the hash. */
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import { refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Worker, WorkerRegisterInput } from "../../generated/types.ts";
import { actingWorker, draftWorker, isMaintainer, refuseNew } from "./acting.ts";
import { readWorkerFields, readWorkerName, WORKER_FIELDS, type WorkerFields } from "./fields.ts";

export interface Registered {
  worker_id: string;
  name: string;
  trust_tier: Worker["trust_tier"];
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
  if (known) return repeated(known, me.name, read.fields);
  if (snapshot.rules.registration === "closed" && !isMaintainer(me.worker)) {
    const kind = read.fields.actor_kind ?? ctx.caller.actor_kind;
    return refuseNew(snapshot, "not_allowed", `${name} was not registered.`, { name, kind });
  }
  const { clone, ...draft } = draftWorker(snapshot.rules, name, ctx);
  // The clone tells apart those who share a default name; a name that was chosen is whoever uses it.
  const own = name === me.name && clone !== undefined ? { clone } : {};
  const worker: Worker = { ...draft, ...own, ...read.fields, id: ctx.newId("w") };
  return {
    ok: true,
    changes: [{ path, value: worker }],
    event: {
      type: "worker.registered",
      subject: `register ${name}`,
      actor: me.name,
      ...(me.name === name ? {} : { worker: name }),
    },
    result: { worker_id: worker.id, name, trust_tier: worker.trust_tier },
  };
}

/** The name is taken: by me, with nothing new (fine), or otherwise. */
function repeated(known: Worker, me: string, fields: WorkerFields): Plan<Registered> {
  const news = WORKER_FIELDS.filter(
    (field) =>
      field !== "token_hash" &&
      field in fields &&
      JSON.stringify(fields[field]) !== JSON.stringify(known[field]),
  );
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
    hint: known.name === me ? "owp worker edit" : "take another name, or act as this worker with --as",
    data: { worker: known.name, fields: news },
  });
}
