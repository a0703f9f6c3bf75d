/** What an act on one task says: done, fail, release, handoff, block, pr, resume, requeue, cancel. */
import type { DoneResult } from "../domain/tasks/done.ts";
import type { ActResult } from "../domain/tasks/settle.ts";
import type { Look, View } from "./look.ts";
import { paint } from "./paint.ts";
import { named, onward, stateWord } from "./task-lines.ts";
import { relative } from "./words.ts";

type Act = "done" | "fail" | "release" | "handoff" | "block" | "pr" | "resume" | "requeue" | "cancel";

interface ActRow {
  /** Goes on after the task's name. */
  says: (result: ActResult, look: Look) => string;
  next: (result: ActResult) => string[];
}

const SHA_SHOWN = 10;

const claimNext = () => ["owp claim"];
/** A freed task is named, and many only counted. */
const FREED_SHOWN = 5;

const ROWS: Record<Act, ActRow> = {
  done: {
    says: () => "is done",
    next: ({ already, next }: DoneResult) => {
      if (already) return ["owp claim"];
      return next ? [next.waits ? onward({ ...next, state: next.waits }) : "owp claim"] : [];
    },
  },
  fail: {
    says: ({ state, not_before }, { now }) => {
      if (state === "failed") return "has failed";
      return not_before
        ? `goes back to the queue; the next attempt may start ${relative(not_before, now)}`
        : "goes back to the queue";
    },
    next: claimNext,
  },
  release: { says: () => "is back in the queue", next: claimNext },
  handoff: {
    says: ({ worker, expires_at }, { now }) => `is now with ${worker}${until(expires_at, now)}`,
    next: claimNext,
  },
  block: {
    says: () => "is blocked; it stays yours and frees your capacity",
    next: ({ short }) => ["owp claim", `owp resume ${short}`],
  },
  pr: {
    says: () => "waits for its pull request; it stays yours and frees your capacity",
    next: ({ short }) => [`owp done ${short}`, "owp claim"],
  },
  resume: {
    says: ({ expires_at }, { now }) => `goes on${until(expires_at, now)}`,
    next: (result) => [onward({ ...result, state: "in_progress" })],
  },
  requeue: { says: () => "is open again", next: ({ short }) => [`owp claim ${short}`] },
  cancel: { says: () => "is canceled", next: () => [] },
};

const until = (expiresAt: string | undefined, now: number): string =>
  expiresAt ? `; the lease ends ${relative(expiresAt, now)}` : "";

/** The view of one act. */
export const act = (name: Act): View<ActResult> => ({
  render: (result, look) => renderAct(name, result, look),
  next: (result) => ROWS[name].next(result),
  quiet: () => "",
});

function renderAct(name: Act, result: ActResult, look: Look): string {
  const notes = [
    result.worker ? paint(look, "dim", `epoch ${result.epoch}`) : "",
    result.already ? "it was so before" : "",
    result.merged_as ? `merged as ${result.merged_as.slice(0, SHA_SHOWN)}` : "",
    result.forced ? "in the holder's place" : "",
  ].filter((note) => note !== "");
  const end = notes.length > 0 ? ` (${notes.join("; ")})` : "";
  const says = `${named(result, look)}: ${ROWS[name].says(result, look)}${end}`;
  return [says, ...(name === "done" ? whatFollows(result, look) : [])].join("\n");
}

function whatFollows({ freed = [], next, already }: DoneResult, look: Look): string[] {
  const lines = freed.slice(0, FREED_SHOWN).map((task) => `  now free: ${named(task, look)}`);
  if (freed.length > FREED_SHOWN) lines.push(`  and ${freed.length - FREED_SHOWN} more`);
  if (already) return lines;
  if (!next) return [...lines, "  nothing more is ready for you"];
  const whose = next.waits
    ? `still yours, ${stateWord(next.waits)}`
    : next.yours
      ? "still yours"
      : "next for you";
  return [...lines, `  ${whose}: ${named(next, look)}`];
}
