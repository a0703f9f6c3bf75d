/** What a hub does that is no planned operation: heartbeats go beside the record, sync and log go through it. */
import { once } from "../core/once.ts";
import { pathOf } from "../core/paths.ts";
import { refuse } from "../core/refusal.ts";
import { iso } from "../core/time.ts";
import { OPERATIONS } from "../domain/operations.ts";
import { publicUrl } from "../domain/repos/name.ts";
import { findTask } from "../domain/tasks/find.ts";
import { actingWorker } from "../domain/workers/acting.ts";
import { noRecord } from "../engine/answers.ts";
import { beat } from "../engine/beat.ts";
import { contextOf } from "../engine/context.ts";
import { faultRefusal, hideCredentials } from "../engine/git/errors.ts";
import { readLog } from "../engine/ledger.ts";
import { look } from "../engine/look.ts";
import type { Ticket } from "../engine/ports.ts";
import { sync } from "../engine/transact.ts";
import { branchesOf } from "./empty-host.ts";
import type { RecordHub } from "./hub.ts";
import type { JobQuery } from "./jobs/service.ts";
import { keptRecords, optionsFor, waitingIn } from "./record-folder.ts";
import type { Outcome, RunOptions, Success } from "./types.ts";

export type Service = (
  hub: RecordHub,
  input: Record<string, unknown>,
  op: string,
  options: RunOptions,
) => Promise<Outcome>;

const settling = once(() => import("./settle/new.ts"));
const jobs = once(() => import("./jobs/acts.ts"));
const answers = once(() => import("./jobs/answers.ts"));
const briefs = once(() => import("./brief.ts"));
const DEFAULT_TIMEOUT_MS = 60_000;

/** The answer of a service. */
export async function success(
  hub: RecordHub,
  op: string,
  result: unknown,
  warnings: string[] = [],
): Promise<Success> {
  return {
    ok: true,
    op,
    result,
    commit: null,
    already: false,
    queued: false,
    warnings,
    view: await hub.age(),
    attempts: 0,
  };
}

/** Fetches, settles what is pending, sends what was queued offline, ends what was merged. result: {answers, waiting, notices, settled?}, the first two by operation. */
const runSync: Service = async (hub, _input, op, options) => {
  const tickets = await hub.parts.desk.offlineTickets();
  if (options.dry_run) return tellSync(hub, tickets, op);
  const queued = new Map(tickets.map((ticket) => [ticket.op, ticket.name]));
  const deadline = hub.parts.clock.now() + (options.timeout_ms ?? DEFAULT_TIMEOUT_MS);
  const report = await sync(hub.parts, deadline, options.abort);
  if (report.refusal) return { ...report.refusal, op };
  const named = <T extends { op: string }>(list: T[]) =>
    list.map((one) => ({ name: queued.get(one.op), ...one }));
  const { settleNew } = await settling();
  const merges = await settleNew(hub, options);
  const result = {
    answers: named(report.answers),
    waiting: named(report.waiting),
    notices: report.notices,
    ...(merges.settled && { settled: merges.settled }),
  };
  return success(hub, op, result, [...merges.notes, ...waitingElsewhere(hub)]);
};

/** What a sync would do, on the newest view. Nothing is sent. */
async function tellSync(hub: RecordHub, tickets: readonly Ticket[], op: string): Promise<Outcome> {
  const seen = await look(hub.parts);
  if (!seen.ok) return { ...seen.refusal, op };
  const waiting = tickets.map(({ op, name }) => ({ op, name, message: "a sync would plan and send it" }));
  const merges = "what was merged and would end its task is told by: owp settle --dry-run";
  return success(hub, op, { answers: [], waiting, notices: [] }, [merges, ...waitingElsewhere(hub)]);
}

/** What waits in this clone for other records: a sync sends what is this record's, and nothing else. */
function waitingElsewhere({ parts }: RecordHub): string[] {
  if (!parts.repository) return [];
  const others = keptRecords(parts.repository.commonDir).filter(({ folder }) => folder !== parts.folder);
  return others.flatMap((kept) => {
    const waiting = waitingIn(kept.folder);
    if (waiting === 0) return [];
    const wait = waiting === 1 ? "operation waits" : "operations wait";
    return [
      `${waiting} ${wait} for the record on ${kept.branch}: owp sync ${optionsFor(kept, parts.queue?.base ?? parts.names.branch)}`,
    ];
  });
}

/** Ends the tasks whose code was merged. result: {merged, reopened, skipped, freed?, commits}. */
const runSettle: Service = async (...call) => (await import("./settle/service.ts")).runSettle(...call);

/** The ledger, newest first. result: {events}. */
const runLog: Service = async (hub, input, op, options) => {
  const { view, store, clock, names } = hub.parts;
  const seen = options.offline ? undefined : await look(hub.parts);
  if (seen && !seen.ok && (!seen.fault || view.snapshot.tip === null)) return { ...seen.refusal, op };
  const bare = noRecord(view.snapshot, names.branch);
  if (bare) return { ...bare, op };
  let task: string | undefined;
  if (typeof input.task === "string") {
    const wanted = input.task;
    const found = await view.loading(() => findTask(view.snapshot, wanted));
    if (!found.ok) return { ...found, op };
    task = found.id;
  }
  const filter = {
    limit: Number(input.limit ?? 50),
    ...(task !== undefined && { task }),
    ...(typeof input.worker === "string" && { worker: input.worker }),
    ...(typeof input.event === "string" && { event: input.event }),
    ...(typeof input.since_ms === "number" && { sinceMs: input.since_ms }),
  };
  const events = await readLog(store, view.snapshot.tip as string, filter, OPERATIONS, clock.now());
  const answer = await success(hub, op, { events }, seen && !seen.ok ? [seen.refusal.message] : []);
  return { ...answer, view: await hub.age(seen?.ok === true) };
};

/** Sends a heartbeat and renews, on the record, what is half used. result: {worker, status, at, renewed}. */
const runHeartbeat: Service = async (hub, input, op, options) => {
  const { parts } = hub;
  const seen = await look(parts);
  if (!seen.ok) return { ...seen.refusal, op };
  const bare = noRecord(parts.view.snapshot, parts.names.branch);
  if (bare) return { ...bare, op };
  const now = parts.clock.now() + parts.clockShiftMs;
  const ctx = contextOf(hub.ticket("heartbeat", input, op, options), now, seen.pulses);
  const acting = actingWorker(parts.view.snapshot, ctx);
  if (!acting.worker)
    return {
      ...refuse("worker_unknown", `${acting.name} is no worker of this record yet.`, {
        hint: "owp worker register, or owp claim",
      }),
      op,
    };
  const held = [...parts.view.snapshot.open()].flatMap((row) =>
    row.lease && !("broken" in row.lease) && !row.job && row.lease.worker === acting.name ? [row.lease] : [],
  );
  const working = held.some((lease) => lease.phase === "in_progress");
  const status =
    (input.status as "idle" | "working" | "paused" | undefined) ?? (working ? "working" : "idle");
  const sent = await beat(
    parts,
    {
      name: acting.name,
      status,
      ...(typeof input.note === "string" && { note: input.note }),
      at: iso(now),
      leases: held.map(({ task, epoch }) => ({ task, epoch })),
    },
    now,
  );
  if (!sent.ok) {
    if (sent.reason === "fault")
      return { ...faultRefusal(sent.fault, { ...parts.names, doing: "publish" }), op };
    return {
      ...refuse("conflict", "Another copy of this clone sends heartbeats under the same clone id.", {
        hint: "owp doctor --fix gives this clone an id of its own",
      }),
      op,
    };
  }
  const renewed: string[] = [];
  for (const lease of held) {
    const input = { id: lease.task, epoch: lease.epoch };
    const timeout_ms = options.timeout_ms ?? DEFAULT_TIMEOUT_MS;
    const outcome = await hub.operate("renew", input, hub.parts.newOp(), { timeout_ms });
    if (outcome.ok && outcome.commit) renewed.push(lease.task);
  }
  return success(hub, op, {
    ok: true,
    worker: acting.name,
    status,
    at: iso(now),
    server_time: iso(now),
    renewed,
    holding: held.map(({ task, epoch }) => ({ task, epoch, path: pathOf("Lease", task) })),
  });
};

/** The operation init, with what only the caller's side can know: the texts, the remote's URL, the folder's name. */
const runInit: Service = async (hub, input, op, options) => {
  const { RECORD_FILES } = await import("../generated/record-files.ts");
  const { force, ...asked } = input;
  const { empty, ...told } = await branchesOf(hub);
  if (empty && force !== true) return { ...empty, op };
  const { url, ...given } = { files: RECORD_FILES, ...hub.parts.place, ...told, ...asked };
  // Tickets lie on the disk: an address goes into one without its password.
  const shown = typeof url === "string" ? (publicUrl(url) ?? hideCredentials(url)) : url;
  return hub.operate("init", { ...given, ...(shown === undefined ? {} : { url: shown }) }, op, options);
};

/** Takes init back. result: {folder, waiting, record?, backup?, restore?, would?}. */
const runUninit: Service = async (hub, input, op, options) => {
  const { uninit } = await import("./uninit.ts");
  const asked = { record: input.record === true, all: input.all === true };
  const done = await uninit(hub, { ...asked, dry_run: options.dry_run === true });
  return done.ok ? success(hub, op, done.result, done.warnings) : { ...done, op };
};

/** The operation show; a brief also tells who had the task before. */
const runShow: Service = async (hub, input, op, options) => {
  const shown = await hub.operate("show", input, op, options);
  if (!shown.ok || input.brief !== true) return shown;
  return (await briefs()).withAttempts(hub, shown);
};

/** The record at its tip, or the commits of a range. result: {problems, commits?}. */
const runValidate: Service = async (...call) => (await import("./validate/service.ts")).runValidate(...call);

/** An operation as a patch for someone who may push. result: Patched. */
const runPatch: Service = async (...call) => (await import("./patch.ts")).runPatch(...call);

/** The records beside each other on the remote. result: {base, queues}. */
const runQueues: Service = async (...call) => (await import("./queues.ts")).runQueues(...call);

/** What the commits' trailers tell of jobs. result: by the query, in the seed's form. */
const jobQuery =
  (name: JobQuery): Service =>
  async (...call) =>
    (await import("./jobs/service.ts")).runJobQuery(name, ...call);
/** Digests against content. result: ObjectsChecked. */
const runObjectCheck: Service = async (...call) =>
  (await import("./objects/check.ts")).runObjectCheck(...call);

export const SERVICES: Readonly<Record<string, Service>> = {
  init: runInit,
  settle: runSettle,
  sync: runSync,
  log: runLog,
  show: runShow,
  heartbeat: runHeartbeat,
  uninit: runUninit,
  validate: runValidate,
  patch: runPatch,
  queues: runQueues,
  "job submit": async (...call) => (await answers()).runTelling("job submit", ...call),
  "job cancel": async (...call) => (await answers()).runTelling("job cancel", ...call),
  "job claim": async (...call) => (await jobs()).runJobClaim(...call),
  "job heartbeat": async (...call) => (await jobs()).withTokenHash("job heartbeat")(...call),
  "job complete": async (...call) => (await jobs()).withTokenHash("job complete")(...call),
  "job fail": async (...call) => (await jobs()).withTokenHash("job fail")(...call),
  "job events": jobQuery("events"),
  "job ready": jobQuery("ready"),
  "job status": jobQuery("status"),
  "job snapshot": jobQuery("snapshot"),
  "job rebuild": jobQuery("rebuild"),
  "object check": runObjectCheck,
};
