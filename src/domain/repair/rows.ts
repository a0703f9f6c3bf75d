/** What `owp repair` mends, in the order in which it does, and what it leaves to people. One row for each kind of damage. */
import { PROBLEMS } from "../../core/problem.ts";
import type { Bench } from "./bench.ts";
import { mendLeases } from "./epochs.ts";
import { restoreFiles } from "./files.ts";
import { completeOutcomes } from "./outcomes.ts";
import { movePlaces } from "./places.ts";
import { openCircles, takeBackReferences } from "./references.ts";

export interface RepairRow {
  /** The findings of `owp validate` that it answers, of the record or, in the last row, of a range. */
  codes: readonly string[];
  /** For docs/validation.md: one or two sentences. */
  does: string;
  run: (bench: Bench) => void;
}

const UNREADABLE = Object.keys(PROBLEMS).filter((code) => code !== "foreign_path");

export const REPAIRS: readonly RepairRow[] = [
  {
    codes: ["misplaced"],
    does: "A file in the wrong place is moved to the path of its id; a second copy of the same text goes.",
    run: movePlaces,
  },
  {
    codes: [...UNREADABLE, "policy_missing"],
    does: "A file that cannot be read, or that is gone while others name it, is restored as it stood when it could be read last; after a merge, from the side on which the task went further. The lines that it loses stand in the commit's message. Leases: see below.",
    run: restoreFiles,
  },
  {
    codes: ["reference", "self_reference"],
    does: "A task's reference that leads nowhere is taken out of its list. Where its target was deleted, that is restored instead.",
    run: takeBackReferences,
  },
  {
    codes: ["dependency_cycle", "parent_cycle"],
    does: "A circle is opened at the link that came last, one made by hand before one made by a command.",
    run: openCircles,
  },
  {
    codes: ["outcome_missing", "outcome_unexpected"],
    does: "A task that was ended by hand gets its outcome, and one whose status was set back while its outcome stood is ended again. What has ended stays ended.",
    run: completeOutcomes,
  },
  {
    codes: [
      ...["lease_stray", "lease_ended", "holder_phase", "lease_expiry", "taken_from_epoch"],
      ...["epoch_decreased", "lease_removed", "holder_same_epoch"],
    ],
    does: "A lease that cannot be read, contradicts itself or was deleted is restored as it stood last; where that is in doubt, no one holds the task. A lease of an ended task, or of none, goes. Where an epoch was turned back, or given to two holders, it becomes one more than the highest that the history shows.",
    run: mendLeases,
  },
];

/** What needs a person, and what to do. */
export const BY_HAND: Readonly<Record<string, string>> = {
  outcome_unexpected: "it never ended: take the outcome out of the file with an editor",
  duplicate_id: "give one of the two an id of its own with an editor",
  ref_kind: "take the reference out of the file with an editor",
  reference: "make what is named, or take the reference out of the file with an editor",
  failure_missing: "owp object edit <id> --category <category> --message <why>",
  failure_unexpected: "take the failure out of the file with an editor, or set the status to failed",
  run_times: "write the times as they were, with an editor",
  run_repo: "write the repo of its issue, with an editor",
  artifact_issue: "write the issue of its run, with an editor",
  artifact_run: "take it out of the outputs of the run that did not make it, with an editor",
  version_taken: "give one of the two a version of its own with an editor",
  estimate_over_cap: "owp edit <id> --estimate <n>, or raise max_estimate in owp.yaml",
  duplicate_source: "take source out of one of the two tasks, or cancel one",
  holder_unknown: "owp requeue <id> frees the task; or register the worker: owp worker register <name>",
  job_place: "give the job its own job_id again, or delete what is no job, with an editor",
  job_key:
    "where the job is gone: delete the key's file; where the key is gone: owp job cancel <id>, and submit again",
  job_lease: "owp job cancel <id>; where the task is no job, take job out of its lease with an editor",
  protocol_newer: "npm install -g owp@latest",
  time_impossible: "write a day that there is, with an editor",
  secret: "revoke the secret; then take it out of the file with an editor",
  missing_blob: "owp doctor --fix fetches this clone's copy anew",
};
