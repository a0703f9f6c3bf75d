/** Forged histories of runs that follow leases: each caught by one rule alone. */
import { OPERATIONS } from "../../../../src/domain/operations.ts";
import type { Run } from "../../../../src/generated/types.ts";
import { issueRef, object, oid, refTo } from "../../../helpers/objects.ts";
import {
  at,
  type File,
  HOUR,
  lease,
  maintainer,
  NOW,
  policy,
  repo,
  task,
  tid,
  worker,
} from "../../../helpers/record.ts";
import type { Forged, Row } from "../support.ts";

export const RUN = oid("Run", "e001");
export const by = (name: string) => ({
  actor: { actor_kind: "agent" as const, actor_id: name },
  runtime: "local",
});
export const run = (fields: Partial<Run> = {}, short = "e001") =>
  object("Run", short, {
    status: "running",
    executor: by("ada"),
    inputs: {
      context_packets: [refTo("ContextPacket", "c001")],
      constraint_snapshot: refTo("ConstraintSnapshot", "f001"),
    },
    telemetry: { started_at: at(-HOUR / 2) },
    ...fields,
  });
export const ended = (status: "done" | "canceled", executor = by("ada"), short = "e001") =>
  run(
    {
      status,
      executor,
      telemetry: { started_at: at(-HOUR / 2), ended_at: at(0), duration_s: 1800 },
    },
    short,
  );
export const bobsEnded = ended("canceled", by("bob"), "e002");
export const WORLD = [policy(), repo("web"), worker("ada"), worker("bob"), maintainer("max")];
export const held = (fields: Parameters<typeof lease>[1] = {}) => lease("0001", { run: RUN, ...fields });
export const free = (fields: Parameters<typeof lease>[1] = {}) =>
  lease("0001", { worker: null, phase: "queued", attempt: 0, claimed_at: undefined, ...fields });
export const done = task("0001", {
  status: "done",
  outcome: { epoch: 1, attempt: 1, worker: "ada", at: at(0) },
});

export const RELEASE = { event: "task.released", actor: "ada" };
export const DONE = { event: "task.done", actor: "ada" };
export const CLAIM = { event: "task.claimed", actor: "ada" };
export const EDIT = { event: "object.edited", actor: "ada" };
export const ready = task("0001");

export interface Told {
  event: string;
  actor: string;
  epoch?: number;
}

/** A commit of one of owp's own operations, on a small record. */
export function commitOf(before: readonly File[], after: readonly File[], told: Told): Forged {
  const { event, actor, epoch = 1 } = told;
  const tasks = event.startsWith("task.") ? [{ id: tid("0001"), epoch }] : [];
  return {
    before: [...WORLD, ...before],
    after: [...WORLD, ...after],
    entry: { event, actor, tasks },
    operations: OPERATIONS,
    at_ms: NOW,
    now: NOW,
  };
}

const ROWS: [code: string, name: string, before: File[], after: File[], told: Told][] = [
  [
    "run_not_holder",
    "another worker changes it",
    [ready, held(), run()],
    [ready, held(), run({ cost: { usd: 1 } })],
    { ...EDIT, actor: "bob" },
  ],
  [
    "run_not_holder",
    "a release ends another task's run as well",
    [ready, held(), run(), run({ executor: by("bob") }, "e002")],
    [ready, free(), ended("canceled"), bobsEnded],
    RELEASE,
  ],
  [
    "run_adrift",
    "a release that calls it done",
    [ready, held(), run()],
    [ready, free(), ended("done")],
    RELEASE,
  ],
  ["run_adrift", "done that leaves it open", [ready, held(), run()], [done, run({ cost: { usd: 1 } })], DONE],
  [
    "run_adrift",
    "a claim that names a run which it did not open",
    [ready, run()],
    [ready, held(), run()],
    CLAIM,
  ],
  ["run_adrift", "a run that has ended", [ready], [ready, held(), ended("done")], CLAIM],
  [
    "run_adrift",
    "a run for another task",
    [ready],
    [ready, held(), run({ for_issue: issueRef("0002") })],
    CLAIM,
  ],
  ["run_adrift", "a run of someone else", [ready], [ready, held(), run({ executor: by("bob") })], CLAIM],
];
export const RUN_ROWS: readonly Row[] = ROWS.map(([code, name, before, after, told]) => [
  code,
  name,
  commitOf(before, after, told),
]);
