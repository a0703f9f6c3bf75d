/** What must hold between an object that is written and those it leads to: the checks of owp validate, on one object (CWOM 4, 5). */
import { type ObjectRow, objectRow } from "../../core/object-rows.ts";
import { kindOfId, type ObjectKind } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { versionKey } from "../validate/object-record-rules.ts";
import { pointing } from "./pointing.ts";

const target = (row: ObjectRow, field: string): string | undefined =>
  row.links.find(([at]) => at === field)?.[1];

/** (suspends) */
export const verifyChain = (snapshot: Snapshot, kind: ObjectKind, value: object): Refusal | undefined =>
  CHECKS[kind]?.(snapshot, objectRow(kind, value));

const CHECKS: Partial<Record<ObjectKind, (snapshot: Snapshot, row: ObjectRow) => Refusal | undefined>> = {
  ContextPacket: (snapshot, row) =>
    taken(row, pointing(snapshot, target(row, "for_issue") ?? "", "ContextPacket", "for_issue")),
  DoctrineRef: (snapshot, row) => taken(row, snapshot.objects("DoctrineRef")),
  Run: verifyRun,
  Artifact: (snapshot, row) => {
    const run = snapshot.object(target(row, "produced_by") ?? "");
    const [is, should] = [target(row, "for_issue"), run && target(run, "for_issue")];
    if (should === undefined || is === should) return undefined;
    return wrong("for_issue", is, `the issue of its run, ${should}`);
  },
};

function verifyRun(snapshot: Snapshot, row: ObjectRow): Refusal | undefined {
  const repo = [...snapshot.repos.values()].find(({ id }) => id === target(row, "repo"));
  const issue = repoOf(snapshot, target(row, "for_issue") ?? "");
  if (repo && issue !== undefined && repo.slug !== issue)
    return wrong("repo", repo.slug, `the repo of its issue, ${issue}`);
  for (const [field, id] of row.links) {
    const artifact = field === "outputs.artifacts" ? snapshot.object(id) : undefined;
    const maker = artifact && target(artifact, "produced_by");
    if (maker !== undefined && maker !== row.id)
      return refuse(
        "invalid_input",
        `outputs.artifacts names ${id}, which ${maker} made; an artifact belongs to one run. Nothing was changed.`,
        { data: { field: "outputs.artifacts", value: id, rule: "artifact_run" } },
      );
  }
  return undefined;
}

/** (suspends) The slug of the repo that a task belongs to. */
export function repoOf(snapshot: Snapshot, task: string): string | undefined {
  if (kindOfId(task) !== "Task") return undefined;
  return (snapshot.openTask(task) ?? snapshot.closedTask(task))?.repo;
}

function taken(row: ObjectRow, others: Iterable<ObjectRow>): Refusal | undefined {
  const key = versionKey(row);
  for (const other of others) {
    if (other.id === row.id || versionKey(other) !== key) continue;
    return refuse(
      "already_exists",
      `${other.id} has version ${row.facts.version} already. Nothing was changed.`,
      { hint: "give another --version", data: { field: "version", id: other.id } },
    );
  }
  return undefined;
}

const wrong = (field: string, value: unknown, rule: string): Refusal =>
  refuse("invalid_input", `${field} is ${value}; it must be ${rule}. Nothing was changed.`, {
    data: { field, value, rule },
  });
