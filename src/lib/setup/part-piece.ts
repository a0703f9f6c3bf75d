/**
 * A part of a file that is the user's own otherwise. It stands between two marks; the first one names who wants the part
 * and carries its digest. Without the part the file is, byte for byte, what it was before.
 */
import { KEEP, onLineFeeds, type Piece, type Place, type Step } from "./piece.ts";
import { digest } from "./stamp.ts";

/** How a line becomes a comment. */
export const COMMENT = {
  markdown: ["<!-- ", " -->"],
  shell: ["# ", ""],
} as const satisfies Record<string, readonly [open: string, close: string]>;

type Stop = Extract<Step, { to: "stop" }>;

interface PartPiece {
  place: Place;
  path: string;
  executable?: true;
  /** The part's name in this file. */
  id: string;
  /** The target that wants it. Several may want one part; it goes with the last of them. */
  owner: string;
  comment: keyof typeof COMMENT;
  /** Its lines, with a line feed at the end. */
  text: string;
  /** What the first mark says behind its own words; left out: whose part it is. */
  says?: string;
  /** Another last line than the mark: what the file's readers look for. `pattern` finds it as people fill it in. */
  last?: { line: string; pattern: RegExp };
  /** What a file has besides the part, where there was none. */
  fresh?: string;
  /** Where it goes in a file that has none yet; left out: behind all that is there, after a blank line. */
  spot?: (text: string) => number;
  /** Why it cannot go into this file of the user's. */
  problem?: (text: string) => Stop | undefined;
  /** The user's own text has this already, so that the part is not needed. */
  has?: RegExp;
}

export function partPiece(part: PartPiece): Piece {
  return {
    place: part.place,
    path: part.path,
    ...(part.executable && { executable: true }),
    write: (text) => onLineFeeds(text, (plain) => write(part, plain)),
    remove: (text) => onLineFeeds(text, (plain) => remove(part, plain)),
  };
}

function write(part: PartPiece, text: string | undefined): Step {
  const { owner, fresh = "" } = part;
  const found = text === undefined ? undefined : find(part, text);
  if (found && "to" in found) return found;
  if (text === undefined) return insert(part, fresh);
  if (!found) return part.has?.test(text) ? KEEP : (part.problem?.(text) ?? insert(part, text));
  const owners = [...new Set([...found.owners, owner])].sort();
  const lines = linesOf(part, owners, found.joined, found.last);
  const next = text.slice(0, found.from) + lines + text.slice(found.until);
  return next === text ? KEEP : { to: "change", text: next, ...(found.edited && { edited: true }) };
}

function insert(part: PartPiece, text: string): Step {
  if (part.spot) {
    const at = part.spot(text);
    return { to: "change", text: text.slice(0, at) + linesOf(part, [part.owner], false) + text.slice(at) };
  }
  const joined = text !== "" && !text.endsWith("\n");
  const gap = text === "" ? "" : joined ? "\n\n" : "\n";
  return { to: "change", text: text + gap + linesOf(part, [part.owner], joined) };
}

function remove(part: PartPiece, text: string | undefined): Step {
  const found = text === undefined ? undefined : find(part, text);
  if (text === undefined || !found) return KEEP;
  if ("to" in found) return found;
  if (!found.owners.includes(part.owner)) return KEEP;
  const edited = found.edited && { edited: true as const };
  const owners = found.owners.filter((owner) => owner !== part.owner);
  if (owners.length > 0) {
    const [first = ""] = text.slice(found.from, found.until).split("\n");
    const mark = first.replace(found.owners.join(","), owners.join(","));
    return { to: "change", text: text.slice(0, found.from) + mark + text.slice(found.from + first.length) };
  }
  const before = withoutGap(part, text.slice(0, found.from), found.joined);
  const rest = before + text.slice(found.until);
  return { to: "change", text: rest === (part.fresh ?? "") ? null : rest, ...edited };
}

/** Takes back the blank line that was put in front. */
function withoutGap(part: PartPiece, before: string, joined: boolean): string {
  if (part.spot) return before;
  if (joined && before.endsWith("\n\n")) return before.slice(0, -2);
  return before.endsWith("\n") ? before.slice(0, -1) : before;
}

/** joined: the file had no line break at its end before; only then it has none when the part is gone. */
function linesOf(part: PartPiece, owners: string[], joined: boolean, last?: string): string {
  const [open, close] = COMMENT[part.comment];
  const words = `owp:begin ${part.id} (${digest(part.text)}${joined ? "+" : ""}) for ${owners.join(",")}`;
  const says = part.says ?? "owp setup made this part, and replaces it";
  const end = last ?? endOf(part);
  const lines = [`${open}${words}; ${says}${close}`, ...part.text.replace(/\n$/, "").split("\n"), end];
  return `${lines.join("\n")}\n`;
}

function endOf({ id, comment, last }: PartPiece): string {
  const [open, close] = COMMENT[comment];
  return last?.line ?? `${open}owp:end ${id}${close}`;
}

interface Found {
  from: number;
  until: number;
  owners: string[];
  joined: boolean;
  edited: boolean;
  /** The last line as it stands, where people fill it in. */
  last?: string;
}

/** undefined: there is none. Half of one, or two, is for a person to mend. */
function find(part: PartPiece, text: string): Found | Stop | undefined {
  const begin = `${COMMENT[part.comment][0].trim()} owp:begin ${part.id}`;
  const isBegin = (line: string) => line.trim() === begin || line.trim().startsWith(`${begin} `);
  const isEnd = (line: string) => part.last?.pattern.test(line) ?? line.trim() === endOf(part);
  const lines = text.split("\n");
  const begins = lines.flatMap((line, index) => (isBegin(line) ? [index] : []));
  const ends = lines.flatMap((line, index) => (isEnd(line) ? [index] : []));
  const [first] = begins;
  if (first === undefined)
    return part.last || ends.length === 0 ? undefined : half(part, "end", ends[0] ?? 0);
  const last = ends.find((index) => index > first);
  if (last === undefined) return half(part, "beginning", first);
  if (begins.length > 1) return twice(part, begins);
  if (!part.last && ends.length > 1) return twice(part, ends);
  const mark = /\(([0-9a-f]{8})(\+?)\) for ([a-z,-]+)/.exec(lines[first] ?? "");
  const inner = lines.slice(first + 1, last);
  const upTo = (index: number) => lines.slice(0, index).reduce((sum, line) => sum + line.length + 1, 0);
  return {
    from: upTo(first),
    until: Math.min(upTo(last + 1), text.length),
    owners: mark?.[3]?.split(",") ?? [part.owner],
    joined: mark?.[2] === "+",
    edited: mark?.[1] !== digest(`${inner.join("\n")}\n`),
    ...(part.last && { last: lines[last] }),
  };
}

function half(part: PartPiece, there: "beginning" | "end", index: number): Stop {
  const other = there === "end" ? "beginning" : "end";
  const repair =
    there === "end"
      ? `delete that line, with what is left of the part above it`
      : `put the line ${endOf(part).trim()} back where the part ends, or delete the part from line ${index + 1} on`;
  return {
    to: "stop",
    message: `${part.path} has the ${there} of the part that owp setup keeps in it (line ${index + 1}), and not its ${other}.`,
    hint: `${repair}; then run it again`,
  };
}

function twice({ path, id }: PartPiece, indexes: readonly number[]): Stop {
  const where = indexes.map((index) => index + 1).join(" and ");
  return {
    to: "stop",
    message: `${path} has the part "${id}" of owp setup more than once (lines ${where}).`,
    hint: "delete all of it but one whole part, and run it again",
  };
}
