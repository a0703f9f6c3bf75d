/** The rules across files: ids, names and leases here, references and load in their own tables. Each reads the whole record once. */
import { pathOf } from "../../core/paths.ts";
import { JOB_RECORD_RULES } from "./job-rules.ts";
import { LOAD_RULES } from "./load-rules.ts";
import { OBJECT_RECORD_RULES } from "./object-record-rules.ts";
import { isEnded, type RecordView } from "./record-view.ts";
import { REFERENCE_RULES } from "./reference-rules.ts";
import type { Found, Keys, Rule } from "./rule.ts";
import { RUN_RECORD_RULES } from "./run-rules.ts";

const taskPath = (id: string) => pathOf("Task", id);
const leasePath = (id: string) => pathOf("Lease", id);

export const RECORD_RULES: readonly Rule<RecordView>[] = [
  {
    code: "policy_missing",
    severity: "error",
    kinds: ["Policy"],
    why: "owp.yaml makes a branch a record of owp; without it the branch is something else, or its policy is lost.",
    check: (record) =>
      record.exists("Policy", "owp")
        ? []
        : [{ path: pathOf("Policy", "owp"), message: "There is no owp.yaml: this is no record of owp." }],
  },
  {
    code: "duplicate_id",
    severity: "error",
    kinds: ["Task", "Worker", "Repo"],
    why: "An id names one object among all kinds (CWOM 2.1); with two, a reference no longer says which is meant.",
    check: duplicateIds,
  },
  ...REFERENCE_RULES,
  ...OBJECT_RECORD_RULES,
  ...RUN_RECORD_RULES,
  {
    code: "lookalike_name",
    severity: "warning",
    kinds: ["Worker", "Repo"],
    why: "Names that differ only in case or in separators are mistaken for each other.",
    check: lookalikes,
  },
  {
    code: "lease_stray",
    severity: "error",
    kinds: ["Lease", "Task"],
    why: "A lease belongs to a task; without one nobody can finish or release it.",
    check: (record) =>
      eachLease(record, ["task"], (id) =>
        record.exists("Task", id) ? undefined : `There is a lease for ${id}, but no such task.`,
      ),
  },
  {
    code: "lease_ended",
    severity: "error",
    kinds: ["Lease", "Task"],
    why: "Ending a task removes its lease; with both, the epoch stands in two places and they can differ.",
    check: (record) =>
      eachLease(record, ["epoch"], (id) => {
        const task = record.tasks.get(id);
        return task && !task.broken && isEnded(task)
          ? `The task is ${task.status}, so its lease should be gone.`
          : undefined;
      }),
  },
  {
    code: "holder_unknown",
    severity: "error",
    kinds: ["Lease", "Worker"],
    why: "A holder is a worker of the record: its capacity and trust are read from there.",
    check: (record) =>
      eachLease(record, ["worker"], (id) => {
        const lease = record.leases.get(id);
        if (!lease || "broken" in lease || lease.worker === null || record.exists("Worker", lease.worker))
          return undefined;
        return `The lease is held by ${lease.worker}, who is no worker of this record.`;
      }),
  },
  ...LOAD_RULES,
  ...JOB_RECORD_RULES,
];

function* duplicateIds({ repeated, workers, repos }: RecordView): Iterable<Found> {
  for (const id of repeated)
    yield { path: taskPath(id), keys: ["id"], message: `There is more than one task ${id}.` };
  const seen = new Map<string, string>();
  const named = [
    ...[...workers.values()].map(({ id, name }) => ({ id, path: pathOf("Worker", name) })),
    ...[...repos.values()].map(({ id, slug }) => ({ id, path: pathOf("Repo", slug) })),
  ];
  for (const { id, path } of named) {
    const first = seen.get(id);
    if (first) yield { path, keys: ["id"], message: `The id ${id} is also that of ${first}.` };
    else seen.set(id, path);
  }
}

/** Differences that an eye passes over. */
const folded = (name: string) => name.toLowerCase().replace(/[._-]+/g, "-");

function* lookalikes({ workers, repos }: RecordView): Iterable<Found> {
  const groups = [
    { kind: "Worker" as const, names: workers.keys() },
    { kind: "Repo" as const, names: repos.keys() },
  ];
  for (const { kind, names } of groups) {
    const seen = new Map<string, string>();
    for (const name of names) {
      const first = seen.get(folded(name));
      if (first) yield { path: pathOf(kind, name), message: `${name} is easily mistaken for ${first}.` };
      else seen.set(folded(name), name);
    }
  }
}

function* eachLease(
  { leases }: RecordView,
  keys: Keys,
  judge: (task: string) => string | undefined,
): Iterable<Found> {
  for (const id of leases.keys()) {
    const message = judge(id);
    if (message) yield { path: leasePath(id), keys, message };
  }
}
