/** The rules of history that are not about leases: what may never change, who may raise trust, and honest trailers. */
import { OBJECT_KINDS } from "../../core/paths.ts";
import { readsProtocol } from "../../core/rules.ts";
import { iso, spell } from "../../core/time.ts";
import type { Policy, Worker } from "../../generated/types.ts";
import { ANY, type CommitRule } from "./commit-rule.ts";
import type { CommitView, FileStep } from "./commit-view.ts";
import { EPOCH_RULES } from "./epoch-rules.ts";
import { HOLDER_RULES } from "./holder-rules.ts";
import { JOB_COMMIT_RULES } from "./job-rules.ts";
import { MERGE_RULES } from "./merge-rules.ts";
import { movedRepos, OBJECT_COMMIT_RULES } from "./object-commit-rules.ts";
import type { Found } from "./rule.ts";
import { RUN_RULES } from "./run-rules.ts";

export const COMMIT_RULES: readonly CommitRule[] = [
  ...EPOCH_RULES,
  ...HOLDER_RULES,
  ...MERGE_RULES,
  ...JOB_COMMIT_RULES,
  ...OBJECT_COMMIT_RULES,
  ...RUN_RULES,
  {
    code: "immutable_field",
    severity: "error",
    kinds: ["Task", "Worker", "Repo", "JobKey"],
    on: ANY,
    why: "Ids and beginnings do not change (B24): others refer to them, and age is read from them.",
    check: immutableFields,
  },
  {
    code: "file_deleted",
    severity: "error",
    kinds: ["Policy", "Worker", "Repo", "Task", "JobKey", ...OBJECT_KINDS],
    on: ANY,
    why: "Objects end, they are not deleted: others refer to them, and with a task its epoch would be lost.",
    check: deletedFiles,
  },
  {
    code: "protocol_changed",
    severity: "error",
    kinds: ["Policy"],
    on: ANY,
    why: "A new major version of the protocol locks out every clone that does not read it; it is never changed in passing.",
    check: protocolChanged,
  },
  {
    code: "trust_raised",
    severity: "error",
    kinds: ["Worker"],
    on: ["operation"],
    why: "Only a maintainer raises a worker's trust, or registers one above the policy's default.",
    check: (view) => (view.byMaintainer || view.first ? [] : raisedTrust(view)),
  },
  {
    code: "trust_edited",
    severity: "warning",
    kinds: ["Worker"],
    on: ["edit"],
    why: "A commit that is no operation does not say who made it, so whether a maintainer raised this trust has to be looked at.",
    check: (view) => (view.first ? [] : raisedTrust(view)),
  },
  {
    code: "not_maintainer",
    severity: "error",
    kinds: ["Policy", "Repo", "Worker"],
    on: ["operation"],
    why: "The rules and the repos are the maintainers' to change, and a worker's file is its own or theirs.",
    check: changedByOthers,
  },
  {
    code: "trailers_ignored",
    severity: "warning",
    kinds: ["Task", "Lease", "Worker", "Repo", "Policy", ...OBJECT_KINDS],
    on: ANY,
    why: "Trailers count only on a single-parent commit whose diff they explain; otherwise a pasted text could forge an event.",
    check: ({ ignored, commit }) =>
      ignored
        ? [
            {
              message: `The commit's trailers name ${commit.entry?.event}, but ${ignored}; it is read as an edit.`,
            },
          ]
        : [],
  },
  {
    code: "commit_future",
    severity: "warning",
    kinds: ["Task", "Lease", "Worker", "Repo", "Policy", ...OBJECT_KINDS],
    on: ANY,
    why: "A commit from the future comes from a wrong clock; its time is ignored where clocks are judged.",
    check: ({ commit, now, rules }) => {
      const ahead = commit.at_ms - now;
      if (!(ahead > rules.max_skew_ms)) return [];
      return [
        {
          message: `The commit is dated ${iso(commit.at_ms)}, ${spell(ahead)} ahead of this machine's clock.`,
        },
      ];
    },
  },
];

const FIXED: Partial<Record<FileStep["kind"], readonly string[]>> = {
  Task: ["created_at", "created_by"],
  Worker: ["id", "created_at"],
  Repo: ["id", "created_at"],
  JobKey: ["task"],
};

function* immutableFields({ files }: CommitView): Iterable<Found> {
  for (const { path, kind, before, after } of files) {
    if (!before || !after) continue;
    const [old, fresh] = [before as Record<string, unknown>, after as Record<string, unknown>];
    for (const field of FIXED[kind] ?? []) {
      if (old[field] === fresh[field]) continue;
      yield {
        path,
        keys: [field],
        message: `${field} was ${old[field] ?? "empty"} and is ${fresh[field] ?? "empty"}; it does not change.`,
      };
    }
  }
}

function* deletedFiles(view: CommitView): Iterable<Found> {
  const moved = new Set(movedRepos(view).map(({ gone }) => gone));
  for (const { path, kind, was, is } of view.files) {
    if (kind === "Lease" || !was || is || moved.has(path)) continue;
    yield { path, message: INSTEAD[kind] };
  }
}

const INSTEAD: Record<Exclude<FileStep["kind"], "Lease">, string> = {
  Task: "The task was deleted; owp cancel ends a task that is not wanted any more.",
  Worker: "The worker was deleted; owp worker retire ends a worker.",
  Repo: "The repo was deleted, and tasks that belong to it may still be there.",
  JobKey: "The key was deleted; a request that is sent again under it would make a second job.",
  Policy: "The policy was deleted; clones go on with the last valid one.",
  ContextPacket: "The context packet was deleted, and runs that started from it can no longer be explained.",
  ConstraintSnapshot:
    "The constraint snapshot was deleted, and what was done under it can no longer be explained.",
  DoctrineRef:
    "The doctrine was deleted, and what it governed can no longer be explained; a new version supersedes it.",
  Run: "The run was deleted; runs are kept, and a new one supersedes it.",
  Artifact: "The artifact was deleted, and its run no longer shows what it made.",
};

function* protocolChanged({ files }: CommitView): Iterable<Found> {
  for (const { path, kind, before, after } of files) {
    if (kind !== "Policy" || !before || !after) continue;
    const [from, to] = [(before as Policy).protocol, (after as Policy).protocol];
    if (from.split(".")[0] === to.split(".")[0]) continue;
    const reads = readsProtocol(to) ? "" : ", which this version does not read";
    yield { path, keys: ["protocol"], message: `The protocol went from ${from} to ${to}${reads}.` };
  }
}

const TRUST: readonly Worker["trust_tier"][] = ["untrusted", "basic", "trusted", "maintainer"];

function* raisedTrust({ files, rules }: CommitView): Iterable<Found> {
  for (const { path, kind, before, after } of files) {
    if (kind !== "Worker" || !after) continue;
    const [old, fresh] = [before as Worker | undefined, after as Worker];
    const from = old?.trust_tier ?? rules.default_trust;
    if (TRUST.indexOf(fresh.trust_tier) <= TRUST.indexOf(from)) continue;
    const message = old
      ? `The trust of ${fresh.name} went from ${from} to ${fresh.trust_tier}.`
      : `${fresh.name} was registered as ${fresh.trust_tier}, and the policy gives ${from}.`;
    yield { path, keys: ["trust_tier"], message };
  }
}

function* changedByOthers({ files, actor, byMaintainer }: CommitView): Iterable<Found> {
  if (byMaintainer) return;
  for (const { path, kind, id, was, is } of files) {
    const guarded = kind === "Policy" || kind === "Repo" || (kind === "Worker" && id !== actor);
    if (guarded && was && is) yield { path, message: `${actor} changed ${path} and is no maintainer.` };
  }
}
