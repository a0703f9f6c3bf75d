/** What a settling says of itself: its line in the log, and a word on each mention that came to nothing. */
import type { LedgerEvent } from "../../core/operation.ts";
import type { SettleInput } from "../../generated/types.ts";
import { clip } from "../tasks/find.ts";
import { subjectOf } from "../tasks/settle.ts";
import type { SettleResult } from "./settle.ts";
import type { Skipped } from "./standing.ts";

/** Lines of one commit's message. */
const TOLD_LIMIT = 100;
const SUBJECT_LIMIT = 100;

export function eventOf({ merged, reopened }: SettleResult, actor: string, concerned?: string): LedgerEvent {
  const all = [...merged, ...reopened];
  const [first] = all;
  const many = clip(`settle ${all.map(({ short }) => short).join(", ")}`, SUBJECT_LIMIT);
  const lines = [
    ...merged.map(({ short, commit, pr }) => `${short} was merged as ${commit}${pr ? ` (${pr})` : ""}`),
    ...reopened.map(({ short, commit }) => `${short} was taken back by ${commit}`),
  ];
  const told = lines.slice(0, TOLD_LIMIT);
  return {
    type: merged.length > 0 ? "task.merged" : "task.requeued",
    subject: first && all.length === 1 ? subjectOf("settle", first) : many,
    tasks: all.map(({ id, epoch }) => ({ id, epoch })),
    actor,
    ...(concerned && concerned !== actor ? { worker: concerned } : {}),
    message: [
      ...told,
      ...(lines.length > told.length ? [`and ${lines.length - told.length} more`] : []),
    ].join("\n"),
  };
}

const SHA_SHOWN = 10;
/** A record that was begun anew has a history full of trailers that it does not know. */
const WARNED_LIMIT = 10;

export function warningsOf(skipped: readonly Skipped[], { merged }: SettleInput): string[] {
  const subjects = new Map(merged.map(({ commit, subject }) => [commit, subject]));
  const warnings = skipped.slice(0, WARNED_LIMIT).map(({ task, commit, says }) => {
    const subject = subjects.get(commit);
    return `${commit.slice(0, SHA_SHOWN)}${subject ? ` "${clip(subject, 60)}"` : ""} names ${task}: ${says}`;
  });
  const rest = skipped.length - warnings.length;
  return rest > 0 ? [...warnings, `and ${rest} more such lines, in --json under skipped`] : warnings;
}
