/** A hub: the operations on one record. The command line and programs use the same one. */
import { once } from "../core/once.ts";
import type { OperationRow } from "../core/operation.ts";
import { type Refusal, refuse } from "../core/refusal.ts";
import { inputRefusal } from "../core/violations.ts";
import { OPERATIONS } from "../domain/operations.ts";
import type { ActInput } from "../domain/tasks/act.ts";
import type { Act } from "../domain/tasks/transitions.ts";
import { noRecord } from "../engine/answers.ts";
import { contextOf } from "../engine/context.ts";
import { classify, faultRefusal, StoreError } from "../engine/git/errors.ts";
import type { Repository } from "../engine/git/locate.ts";
import { GitRemote } from "../engine/git/remote.ts";
import { LOOKED_AT, look } from "../engine/look.ts";
import type { Loadable, LoadOperation } from "../engine/planning.ts";
import type { Answer, ObjectStore, Ticket } from "../engine/ports.ts";
import type { RecordView } from "../engine/record.ts";
import { type Parts, planning, submit } from "../engine/transact.ts";
import { MissingObject } from "../engine/tree-cache.ts";
import type { RecordBranch } from "./branch.ts";
import { SERVICES } from "./services.ts";
import type { Hub, HubPlace, Outcome, RunOptions, Success, ViewAge } from "./types.ts";

const pinning = once(() => import("../domain/tasks/pin.ts"));
const DEFAULT_TIMEOUT_MS = 60_000;
/** A view that was not confirmed for so long is called stale. */
const STALE_MS = 60_000;

/** What a hub is made of besides the engine's parts. */
export interface HubParts extends Parts {
  caller: Ticket["caller"];
  email?: string;
  clockShiftMs: number;
  newOp: () => string;
  /** Ends what was started: the process that reads objects. */
  dispose: () => void;
  /** What a new record's first repo is named after. */
  place: HubPlace;
  /** The user's repository; none where a record is read by URL. */
  repository?: Repository;
  /** owp's folder of this record in the common git dir; a record read by URL has none. */
  folder?: string;
  /** The repository itself is the remote. */
  embedded?: boolean;
  /** The repository's remotes that are not this one. */
  otherRemotes?: readonly string[];
  /** Which of the records beside each other this one is. */
  queue?: Omit<RecordBranch, "branch">;
  progress: { report?: RunOptions["onProgress"] };
  /** Until when the call at hand wants its answer, ms since 1970, where its caller said so. */
  patience?: { endsAt?: number | undefined };
}

type LoadedOperation = Loadable & Pick<Awaited<ReturnType<OperationRow["load"]>>, "schema">;

const loaded = new Map<string, Promise<LoadedOperation>>();

/** Plan, input schema and its check of an operation, loaded once in a process. */
export function loadOperation(name: string): Promise<LoadedOperation | undefined> {
  const row = OPERATIONS.find((candidate) => candidate.name === name);
  if (!row) return Promise.resolve(undefined);
  const { touches, creates = false } = row;
  const known = loaded.get(name) ?? row.load().then((parts) => ({ ...parts, touches, creates }));
  loaded.set(name, known);
  return known;
}

/** The same for a hub's store, where a plan that asks for history finds it. */
export const loadWith =
  (store: ObjectStore, progress: HubParts["progress"] = {}): LoadOperation =>
  async (name) => {
    const operation = await loadOperation(name);
    if (!operation || !OPERATIONS.some((row) => row.name === name && row.history)) return operation;
    const { gatherEvidence } = await import("./repair/gather.ts");
    const gather = async (view: RecordView) => ({ evidence: await gatherEvidence(store, view, progress) });
    return { ...operation, gather };
  };

export class RecordHub implements Hub {
  private isRunning = false;

  constructor(readonly parts: HubParts) {}

  async run(name: string, input: unknown, options: RunOptions = {}): Promise<Outcome> {
    if (this.isRunning) return this.beside().run(name, input, options);
    this.isRunning = true;
    try {
      return await this.runAlone(name, input, options);
    } finally {
      this.isRunning = false;
    }
  }

  /** The same hub with a view of its own, for a call that comes while another runs. */
  private beside(): RecordHub {
    const Same = this.constructor as new (parts: HubParts) => RecordHub;
    const { remote, view } = this.parts;
    const patience: HubParts["patience"] = {};
    const own = remote instanceof GitRemote ? remote.with({ endsAt: () => patience.endsAt }) : remote;
    return new Same({ ...this.parts, view: view.beside(), remote: own, patience });
  }

  private async runAlone(name: string, input: unknown, options: RunOptions): Promise<Outcome> {
    const op = options.op ?? this.parts.newOp();
    this.parts.progress.report = options.onProgress;
    const { patience, clock } = this.parts;
    const { timeout_ms } = options;
    if (patience) patience.endsAt = timeout_ms === undefined ? undefined : clock.now() + timeout_ms;
    try {
      // The first look takes up the index while it waits for the remote.
      if (options.offline || this.parts.view.isOpen) await this.parts.view.open();
      const outcome = await this.dispatch(name, input, op, options);
      await this.parts.view.persist().catch(() => undefined); // A cache: it is made again.
      return this.explained(outcome);
    } catch (error) {
      if (error instanceof MissingObject) return { ...damaged(error), op };
      const fault = error instanceof StoreError ? error.fault : classify((error as Error).message ?? "");
      if (fault.class !== "disk") throw error;
      return { ...faultRefusal(fault, { ...this.parts.names, doing: "read" }), op };
    }
  }

  /** Where another remote may have the record, to start one is not the first thing to try. */
  private explained(outcome: Outcome): Outcome {
    const [first, ...more] = this.parts.otherRemotes ?? [];
    if (outcome.ok || outcome.code !== "not_initialized" || first === undefined) return outcome;
    const where = more.length > 0 ? "one of the other remotes" : first;
    return { ...outcome, hint: `owp doctor tells whether ${where} has the record; owp init starts one here` };
  }

  private async dispatch(name: string, input: unknown, op: string, options: RunOptions): Promise<Outcome> {
    const service = SERVICES[name];
    if (service) return service(this, (input ?? {}) as Record<string, unknown>, op, options);
    return this.operate(name, input, op, options);
  }

  /** Runs a row of the operations table. */
  async operate(name: string, input: unknown, op: string, options: RunOptions): Promise<Outcome> {
    const row = OPERATIONS.find((candidate) => candidate.name === name);
    if (!row) return { ...refuse("usage", `There is no operation ${name}.`), op };
    if (options.review) return (await import("./review/propose.ts")).propose(this, row, input, op, options);
    if (row.type === "query" || options.dry_run) return this.read(row, input, op, options);
    if (options.offline) return this.enqueue(row, input, op);
    void Promise.all([loadOperation(name), planning()]).catch(() => undefined); // Here by the time the remote has answered.
    return this.toOutcome(await submit(this.parts, this.ticket(name, input, op, options), options.abort));
  }

  async close(): Promise<void> {
    this.parts.dispose();
  }

  ticket(name: string, input: unknown, op: string, options: RunOptions): Ticket {
    const { caller, email, clock, clockShiftMs } = this.parts;
    const now = clock.now();
    return {
      op,
      name,
      input,
      caller,
      ...(email !== undefined && { email }),
      enqueued_at: now,
      deadline: now + (options.timeout_ms ?? DEFAULT_TIMEOUT_MS),
      clock_shift_ms: clockShiftMs,
      // An id that was given may be that of an operation that landed long ago.
      ...(options.op !== undefined && { suspect: true }),
    };
  }

  /** Looks at the remote where it can; answers from the last view, and says so, where it cannot. */
  private async read(row: OperationRow, input: unknown, op: string, options: RunOptions): Promise<Outcome> {
    const { parts } = this;
    const seen = options.offline ? undefined : await look(parts);
    const blind = seen && !seen.ok;
    if (blind && (!seen.fault || parts.view.snapshot.tip === null || row.type === "change"))
      return { ...seen.refusal, op };
    const operation = (await parts.operations(row.name)) as Loadable;
    const state = parts.view.snapshot;
    const bare = row.creates ? undefined : noRecord(state, parts.names.branch);
    if (bare) return { ...bare, op };
    const ticket = this.ticket(row.name, input, op, options);
    const now = parts.clock.now() + parts.clockShiftMs;
    const { prepare } = await planning();
    const prepared = await prepare(parts.view, state, ticket, operation, now, seen?.ok ? seen.pulses : []);
    if ("code" in prepared) return { ...prepared, op };
    const { result, warnings = [] } = prepared.planned;
    const view = await this.age(seen?.ok === true);
    const success: Success = {
      ok: true,
      op,
      result,
      commit: null,
      already: false,
      queued: false,
      warnings: [...warnings],
      view,
      attempts: 0,
    };
    if (blind) success.warnings.push(`${seen.refusal.message} This answer is from this clone's last view.`);
    if (options.dry_run) success.changes = prepared.files;
    return success;
  }

  private async enqueue(row: OperationRow, input: unknown, op: string): Promise<Outcome> {
    if (!row.offline)
      return {
        ...refuse(
          "offline_needs_remote",
          `owp ${row.name} is decided by the remote: it cannot wait in a queue.`,
        ),
        op,
      };
    const operation = (await loadOperation(row.name)) as LoadedOperation;
    const { check, schema } = operation;
    if (!check(input ?? {})) return { ...inputRefusal(check.errors, input), op };
    const ticket: Ticket = { ...this.ticket(row.name, input, op, {}), deadline: null };
    const wrong = await this.rehearse(operation, ticket);
    if (wrong) return { ...wrong, op };
    const isAct = "epoch" in (schema as { properties: object }).properties;
    const pinned = isAct ? await this.pin(ticket) : { ok: true as const, input };
    if (!pinned.ok) return { ...pinned, op };
    await this.parts.desk.enqueue({ ...ticket, input: pinned.input });
    return {
      ok: true,
      op,
      result: null,
      commit: null,
      already: false,
      queued: true,
      warnings: [],
      view: await this.age(),
      attempts: 0,
    };
  }

  /** What no remote will change: a value that breaks a rule of the last view. All else is decided at `owp sync`. */
  private async rehearse(operation: Loadable, ticket: Ticket): Promise<Refusal | undefined> {
    const { view, clock } = this.parts;
    if (view.snapshot.tip === null) return undefined;
    const { prepare } = await planning();
    const prepared = await prepare(
      view,
      view.snapshot,
      ticket,
      operation,
      clock.now() + ticket.clock_shift_ms,
      [],
    );
    return "code" in prepared && prepared.code === "invalid_input" ? prepared : undefined;
  }

  /** The act with the task and the epoch that it means by this clone's last view. */
  private async pin(ticket: Ticket): Promise<{ ok: true; input: unknown } | Refusal> {
    const { view, clock } = this.parts;
    if (view.snapshot.tip === null) return { ok: true, input: ticket.input };
    const { pinAct } = await pinning();
    const ctx = contextOf(ticket, clock.now() + ticket.clock_shift_ms, []);
    return view.loading(() =>
      pinAct(view.snapshot, (ticket.input ?? {}) as ActInput, ctx, ticket.name as Act),
    );
  }

  async toOutcome(answer: Answer): Promise<Outcome> {
    if (!answer.ok) return answer;
    return { ...answer, queued: false, view: await this.age() };
  }

  /** How old what this hub knows of the record is. What the remote was not asked about, or did not answer, is stale at any age. */
  async age(asked = true): Promise<ViewAge> {
    const at = await this.parts.desk.recall<number>(LOOKED_AT);
    const age_ms = at === undefined ? 0 : Math.max(0, this.parts.clock.now() - at);
    return {
      tip: this.parts.view.snapshot.tip,
      age_ms,
      stale: !asked || at === undefined || age_ms > STALE_MS,
    };
  }
}

function damaged(error: MissingObject): Refusal {
  return refuse(
    "record_invalid",
    `This clone's copy of the record is damaged: ${error.message}. The record itself is on the remote; nothing was changed.`,
    { hint: "owp doctor --fix" },
  );
}
