/** Fingerprints by which an import sees what changed, there and here. */
import type { Task } from "../../generated/types.ts";

/** What an import keeps up with after the first time. */
export const FOLLOWED = ["title", "description", "priority", "labels"] as const;
export type Followed = Pick<Task, (typeof FOLLOWED)[number]>;

export const digestOf = ({ title, description = "", priority, labels = [] }: Followed): string =>
  digestText(JSON.stringify([title, description, priority, labels]));

/** 14 hexadecimal digits. Tells versions of a text apart; is no protection against anyone. */
export function digestText(text: string): string {
  let [one, two] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    one = Math.imul(one ^ code, 0x9e3779b1);
    two = Math.imul(two ^ code, 0x5f356495);
  }
  one = Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(two ^ (two >>> 13), 0xc2b2ae35);
  two = Math.imul(two ^ (two >>> 16), 0x85ebca6b) ^ Math.imul(one ^ (one >>> 13), 0xc2b2ae35);
  return (two >>> 8).toString(16).padStart(6, "0") + (one >>> 0).toString(16).padStart(8, "0");
}

const KEY = "owp.import";

/** The fingerprint that the last import left; undefined: the task was not imported. */
export function importedDigest(task: Task): string | undefined {
  const mark = task.meta?.[KEY];
  const digest =
    typeof mark === "object" && mark !== null ? (mark as { digest?: unknown }).digest : undefined;
  return typeof digest === "string" ? digest : undefined;
}

export const withDigest = (task: Task): Task => ({
  ...task,
  meta: { ...task.meta, [KEY]: { digest: digestOf(task) } },
});
