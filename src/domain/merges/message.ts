/** What a commit message of the code says to the queue: the tasks that the commit is for, and the commits that it takes back. */

export interface Said {
  /** As written, in lower case: ids, parts of ids, or what the record will not know. */
  tasks: string[];
  /** Ids of commits, or their beginnings. */
  reverts: string[];
}

/** The key of the line by which a commit names its task. */
export const TRAILER_KEY = "Owp-Task";

/** The whole line, perhaps an item of a list, or indented as `git merge --squash` does it; never quoted (`> `). */
const TRAILER = new RegExp(`^ {0,4}(?:[-*] )?${TRAILER_KEY}[ \\t]*:(.*)$`, "i");
const REVERTS = /^[ \t]*This reverts commit ([0-9a-f]{7,64})\b/i;
/** A commit of a record is an operation; its trailers say what was done there. */
const OPERATION = /^Owp-Op:/m;
const FENCE = /^[ \t]*(?:```|~~~)/;
const TASK_LIMIT = 128;

/**
 * git's own rule counts only the last paragraph. A squash puts the messages of its commits one after the other, and a
 * host puts the request's text around them; so here a line counts wherever it stands below the first one.
 */
export function readMessage(message: string): Said {
  const said: Said = { tasks: [], reverts: [] };
  if (OPERATION.test(message)) return said;
  for (const line of proseOf(message)) {
    const value = TRAILER.exec(line)?.[1];
    if (value !== undefined) said.tasks.push(...tasksIn(value));
    const reverted = REVERTS.exec(line)?.[1];
    if (reverted !== undefined) said.reverts.push(reverted.toLowerCase());
  }
  return { tasks: [...new Set(said.tasks)], reverts: [...new Set(said.reverts)] };
}

/** The lines below the first, without blocks of code. A fence that nothing closes is none. */
function proseOf(message: string): string[] {
  const lines = message.replaceAll("\r\n", "\n").split("\n").slice(1);
  const fences = lines.flatMap((line, at) => (FENCE.test(line) ? [at] : []));
  if (fences.length % 2 === 1) fences.pop();
  const isFence = new Set(fences);
  let inCode = false;
  return lines.filter((_, at) => {
    if (isFence.has(at)) inCode = !inCode;
    return !inCode && !isFence.has(at);
  });
}

/** Several are divided by commas. A place that was not filled in (`<id>`, nothing) names none. */
function tasksIn(value: string): string[] {
  return value
    .split(",")
    .map((part) =>
      part
        .replaceAll("`", "")
        .replace(/\s+epoch=\d+\s*$/, "")
        .trim()
        .toLowerCase(),
    )
    .filter((part) => part !== "" && !part.startsWith("<"))
    .map((part) => [...part].slice(0, TASK_LIMIT).join(""));
}
