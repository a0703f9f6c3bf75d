/** What the commit of a repair says of itself: the log keeps what was done, and the lines that a file lost. */
import { placeOf, shortId } from "../../core/paths.ts";
import { secretsIn } from "../validate/secrets.ts";
import { type Changed, type Mend, valueIn } from "./bench.ts";

const SUBJECT_NAMES = 3;
/** The commit's message names so many mends, and so much of what a file lost. */
const TOLD_MENDS = 200;
const TOLD_LINES = 40;
const TOLD_WIDTH = 200;

export function subjectOf(paths: readonly string[]): string {
  const names = [...new Set(paths.map(nameOf))];
  if (names.length > SUBJECT_NAMES) return `repair ${paths.length} files`;
  return `repair ${names.join(", ")}`;
}

/** What people call a task by, or the file's name. */
function nameOf(path: string): string {
  const place = placeOf(path);
  return place?.kind === "Task" || place?.kind === "Lease"
    ? shortId(place.id)
    : (path.split("/").at(-1) ?? path);
}

/** Each mend, and the lines that restored files lose: the whole files stand in the commit before. */
export function messageOf(mends: readonly Mend[], changed: readonly Changed[]): string {
  const lines = mends.slice(0, TOLD_MENDS).map(({ path, did }) => `${path}: ${did}`);
  if (mends.length > TOLD_MENDS) lines.push(`and ${mends.length - TOLD_MENDS} more`);
  // What moved to another file is not lost.
  const kept = new Set(changed.flatMap(({ next }) => (next ?? "").split("\n")));
  const lost = changed.flatMap(({ path, now }) => {
    if (now === undefined || (placeOf(path) && valueIn(path, now) !== undefined)) return [];
    const gone = now.split("\n").filter((line) => line.trim() !== "" && !kept.has(line));
    const shown = gone.slice(0, TOLD_LINES).map((line) => `  ${told(line)}`);
    return gone.length === 0
      ? []
      : [["", `${path} no longer says:`, ...shown, ...more(gone.length - TOLD_LINES)]];
  });
  return [...lines, ...lost.flat()].join("\n");
}

/** A secret is not written a second time. */
const told = (line: string): string =>
  secretsIn(line).length > 0 ? "(a line with what looks like a secret)" : line.slice(0, TOLD_WIDTH);

const more = (count: number): string[] => (count > 0 ? [`  and ${count} more lines`] : []);
