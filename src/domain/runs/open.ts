/** The run that a claim opens (CWOM 4.6; FEATURES B56–B60): who works, where, since when, and from what. */
import type { Ctx } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import type { Lease, Ref, Run, Task, Worker } from "../../generated/types.ts";
import { type Governing, governing, packetsOf } from "./inputs.ts";

/** The schema's limit; what binds most comes first. */
const REFS_LIMIT = 500;

/** (suspends) undefined: the policy wants none here, or the task's repo, which a run must name, is not there. */
export function openRun(
  snapshot: Snapshot,
  ctx: Ctx,
  row: OpenTask,
  lease: Lease,
  worker: Worker,
): Run | undefined {
  const { runs } = snapshot.rules;
  const repo = snapshot.repos.get(row.repo);
  if (runs === "never" || !repo) return undefined;
  // Most records have no objects: nothing is read for them.
  if (runs === "packets" && !mayHavePackets(snapshot, row)) return undefined;
  const task = snapshot.doc<Task>(pathOf("Task", row.id))?.value;
  if (!task || (runs === "packets" && packetsOf(snapshot, task).length === 0)) return undefined;
  const started_at = lease.claimed_at ?? null;
  return {
    kind: "Run",
    id: ctx.newId("rn"),
    for_issue: { kind: "Issue", id: row.id },
    repo: { kind: "Repo", id: repo.id },
    status: "running",
    mode: worker.actor_kind,
    executor: { actor: actorOf(worker), runtime: worker.actor_kind === "system" ? "ci" : "local" },
    inputs: inputsOf(governing(snapshot, task)),
    telemetry: { started_at },
    created_at: started_at ?? task.created_at,
  };
}

/** (suspends) */
const mayHavePackets = (snapshot: Snapshot, { id, linked }: OpenTask): boolean =>
  linked === true || snapshot.pointingTo(id).length > 0;

const actorOf = ({ name, actor_kind, display }: Worker): Run["executor"]["actor"] => ({
  actor_kind,
  actor_id: name,
  ...(display ? { display } : {}),
});

function inputsOf({ packets, constraint, doctrine }: Governing): Run["inputs"] {
  const refs = (kind: Ref["kind"], rows: readonly { id: string }[]): Ref[] =>
    rows.slice(0, REFS_LIMIT).map(({ id }) => ({ kind, id }));
  const rules = doctrine.map(({ row }) => row);
  return {
    ...(packets.length > 0 ? { context_packets: refs("ContextPacket", packets) } : {}),
    ...(rules.length > 0 ? { doctrine_refs: refs("DoctrineRef", rules) } : {}),
    constraint_snapshot: constraint ? { kind: "ConstraintSnapshot", id: constraint.id } : null,
  };
}
