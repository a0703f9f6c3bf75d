/** What must hold between CWOM's objects: that references lead somewhere, and that the chain agrees with itself (CWOM 4, 5). */
import type { ObjectRow } from "../../core/object-rows.ts";
import { KINDS, kindOfId, type ObjectKind } from "../../core/paths.ts";
import type { RecordView } from "./record-view.ts";
import type { Found, Keys, Rule } from "./rule.ts";

export const OBJECT_RECORD_RULES: readonly Rule<RecordView>[] = [
  {
    code: "run_repo",
    severity: "error",
    kinds: ["Run", "Task"],
    why: "A run works in the repo of its issue (B57).",
    check: runRepos,
  },
  {
    code: "artifact_issue",
    severity: "error",
    kinds: ["Artifact", "Run"],
    why: "An artifact is for the issue that its run worked on (B68).",
    check: artifactIssues,
  },
  {
    code: "artifact_run",
    severity: "error",
    kinds: ["Run", "Artifact"],
    why: "An artifact belongs to the one run that made it (CWOM 5): no other lists it among its outputs.",
    check: artifactRuns,
  },
  {
    code: "version_taken",
    severity: "error",
    kinds: ["ContextPacket", "DoctrineRef"],
    why: "A version names one packet of an issue (B45), and one doctrine of a namespace and name (B53).",
    check: takenVersions,
  },
];

const pathOfRow = ({ kind, id }: ObjectRow): string => KINDS[kind as ObjectKind].path(id);
const keysOf = (field: string): Keys => field.split(".");
const target = (row: ObjectRow, field: string): string | undefined =>
  row.links.find(([at]) => at === field)?.[1];

/** Objects whose references lead nowhere; an id of another kind is a matter of the file alone. */
export function* danglingObjects(record: RecordView): Iterable<Found> {
  for (const row of record.objects.values()) {
    for (const [field, id] of row.links) {
      if (resolves(record, id)) continue;
      yield {
        path: pathOfRow(row),
        keys: keysOf(field),
        message: `${field} names ${id}, which does not exist.`,
      };
    }
  }
}

/** What is no id of any kind was reported for its form. */
export function resolves(record: RecordView, id: string): boolean {
  const kind = kindOfId(id);
  if (kind === undefined) return true;
  return kind === "Repo" ? record.repoById(id) !== undefined : record.exists(kind, id);
}

function* runRepos(record: RecordView): Iterable<Found> {
  for (const run of ofKind(record, "Run")) {
    const repo = record.repoById(target(run, "repo") ?? "");
    const task = record.tasks.get(target(run, "for_issue") ?? "");
    if (!repo || repo === "unreadable" || !task || task.broken || repo.slug === task.repo) continue;
    const message = `The run works in ${repo.slug}, and its issue ${task.id} belongs to ${task.repo}.`;
    yield { path: pathOfRow(run), keys: ["repo"], message };
  }
}

function* artifactIssues(record: RecordView): Iterable<Found> {
  for (const artifact of ofKind(record, "Artifact")) {
    const run = record.objects.get(target(artifact, "produced_by") ?? "");
    const [is, should] = [target(artifact, "for_issue"), run && target(run, "for_issue")];
    if (should === undefined || is === should) continue;
    const message = `The artifact is for ${is}, and its run ${run?.id} for ${should}.`;
    yield { path: pathOfRow(artifact), keys: ["for_issue"], message };
  }
}

function* artifactRuns(record: RecordView): Iterable<Found> {
  for (const run of ofKind(record, "Run")) {
    for (const [field, id] of run.links) {
      const artifact = field === "outputs.artifacts" ? record.objects.get(id) : undefined;
      const maker = artifact && target(artifact, "produced_by");
      if (maker === undefined || maker === run.id) continue;
      const message = `It lists ${id}, which says that ${maker} made it.`;
      yield { path: pathOfRow(run), keys: keysOf(field), message };
    }
  }
}

function* takenVersions(record: RecordView): Iterable<Found> {
  const seen = new Map<string, string>();
  for (const row of record.objects.values()) {
    const key = versionKey(row);
    if (key === undefined) continue;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, row.id);
    else {
      const message = `${first} has version ${row.facts.version} already.`;
      yield { path: pathOfRow(row), keys: ["version"], message };
    }
  }
}

/** What a version must be unique among; undefined for kinds without one. */
export function versionKey(row: ObjectRow): string | undefined {
  const { namespace, name, version } = row.facts;
  if (row.kind === "ContextPacket") return JSON.stringify([target(row, "for_issue"), version]);
  return row.kind === "DoctrineRef" ? JSON.stringify([namespace, name, version]) : undefined;
}

function* ofKind(record: RecordView, kind: ObjectKind): Iterable<ObjectRow> {
  for (const row of record.objects.values()) if (row.kind === kind) yield row;
}
