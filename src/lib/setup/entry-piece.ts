/** Entries in a JSON file of the user's: all else in it keeps its bytes. */
import { isDeepStrictEqual } from "node:util";
import { type JsonNode, NoJson, readJson } from "./json-tree.ts";
import { KEEP, onLineFeeds, type Piece, type Place, type Step } from "./piece.ts";

/** A key's value, or an item of a list; `at` leads to the key, or to the list. */
export interface Entry {
  at: readonly string[];
  value: unknown;
  /** Of a list: the item that is ours, also after someone changed it. */
  isOurs?: (item: unknown) => boolean;
}

interface EntryPiece {
  place: Place;
  path: string;
  entries: readonly Entry[];
}

export function entryPiece({ place, path, entries }: EntryPiece): Piece {
  const run = (current: string | undefined, step: (text: string) => Step): Step =>
    onLineFeeds(current, (text) => problemIn(path, text ?? "{}", entries) ?? step(text ?? "{}\n"));
  return {
    place,
    path,
    write: (text) => run(text, (plain) => write(plain, entries)),
    remove: (text) => (text === undefined ? KEEP : run(text, (plain) => remove(plain, entries))),
  };
}

function write(text: string, entries: readonly Entry[]): Step {
  let next = text;
  let edited = false;
  for (const entry of entries) {
    const way = follow(next, entry);
    const found = way.at(-1);
    if (!found || way.length <= depthOf(entry)) next = insert(next, way, entry);
    else if (!isDeepStrictEqual(found.node.value, entry.value)) {
      edited = true;
      const { from, to } = found.node;
      const isWide = next.slice(from, to).includes("\n");
      const lines = isWide
        ? layOut(entry.value, indentAt(next, found.from), unitOf(next))
        : JSON.stringify(entry.value);
      next = next.slice(0, from) + lines + next.slice(to);
    }
  }
  return next === text ? KEEP : { to: "change", text: next, ...(edited && { edited: true }) };
}

function remove(text: string, entries: readonly Entry[]): Step {
  let next = text;
  let edited = false;
  for (const entry of entries) {
    const way = follow(next, entry);
    if (way.length <= depthOf(entry)) continue;
    edited ||= !isDeepStrictEqual(way.at(-1)?.node.value, entry.value);
    next = takeOut(next, way);
  }
  if (next === text) return KEEP;
  const isGone = /^\s*\{\s*\}\s*$/.test(next);
  return { to: "change", text: isGone ? null : next, ...(edited && { edited: true }) };
}

/** A member on the way to an entry, or the whole; the one before holds it. */
interface Stop {
  node: JsonNode;
  from: number;
}

const depthOf = ({ at, isOurs }: Entry): number => at.length + (isOurs ? 1 : 0);

/** The way from the whole to the entry, as far as it goes; its length is one more than its depth where it is there. */
function follow(text: string, { at, isOurs }: Entry): Stop[] {
  const whole = readJson(text);
  const way: Stop[] = [{ node: whole, from: whole.from }];
  for (const key of at) {
    const next = way.at(-1)?.node.members?.findLast((member) => member.key === key);
    if (!next) return way;
    way.push(next);
  }
  const item = isOurs && way.at(-1)?.node.members?.find(({ node }) => isOurs(node.value));
  return item ? [...way, item] : way;
}

/** Behind the last member of what is there; what is missing on the way is made. */
function insert(text: string, way: readonly Stop[], { at, value, isOurs }: Entry): string {
  const missing = at.slice(way.length - 1);
  const [key, ...inner] = missing;
  const nested = inner.reduceRight<unknown>(
    (held, name) => ({ [name]: held }),
    isOurs && missing.length > 0 ? [value] : value,
  );
  const { node, from } = way.at(-1) as Stop;
  const members = node.members ?? [];
  const first = members[0];
  const isWide = !first || text.slice(node.from, first.from).includes("\n");
  const unit = unitOf(text);
  const indent = first && isWide ? indentAt(text, first.from) : indentAt(text, from) + unit;
  const name = key === undefined ? "" : `${JSON.stringify(key)}: `;
  const lines = name + (isWide ? layOut(nested, indent, unit) : JSON.stringify(nested));
  const end = members.at(-1)?.node.to;
  if (end !== undefined)
    return `${text.slice(0, end)},${isWide ? `\n${indent}` : " "}${lines}${text.slice(end)}`;
  // What an empty container holds is space, or comments that stay in front.
  const inside = text.slice(node.from + 1, node.to - 1).trimEnd();
  return `${text.slice(0, node.from + 1)}${inside}\n${indent}${lines}\n${indentAt(text, from)}${text.slice(node.to - 1)}`;
}

/** The member at the way's end, its comma, and whatever held nothing else. */
function takeOut(text: string, way: readonly Stop[]): string {
  const [holder, stop] = way.slice(-2) as [Stop, Stop];
  const members = holder.node.members ?? [];
  const index = members.findIndex(({ from }) => from === stop.from);
  const [before, after] = [members[index - 1], members[index + 1]];
  if (!before && !after) {
    const inside = text.slice(holder.node.from + 1, stop.from) + text.slice(stop.node.to, holder.node.to - 1);
    if (/^[\s,]*$/.test(inside) && way.length > 2) return takeOut(text, way.slice(0, -1));
    const rest = inside.trim() === "" ? "" : `${inside.trimEnd()}\n${indentAt(text, holder.from)}`;
    return text.slice(0, holder.node.from + 1) + rest + text.slice(holder.node.to - 1);
  }
  if (!before) return text.slice(0, stop.from) + text.slice(after?.from);
  const between = text.slice(before.node.to, stop.from);
  // Comments between the two are the user's.
  const kept = /^\s*,\s*$/.test(between) ? "" : between.replace(",", "").trimEnd();
  return text.slice(0, before.node.to) + kept + text.slice(stop.node.to);
}

/** A value over several lines, the first of which stands at the indent already. */
const layOut = (value: unknown, indent: string, unit: string): string =>
  JSON.stringify(value, null, unit).replaceAll("\n", `\n${indent}`);

const unitOf = (text: string): string => /^([ \t]+)\S/m.exec(text)?.[1] ?? "  ";

/** The white space at the beginning of the line in which a place lies. */
function indentAt(text: string, place: number): string {
  const start = text.lastIndexOf("\n", place - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, place))?.[0] ?? "";
}

/** A file that is not written into: broken, or with something else where a container would have to be. */
function problemIn(path: string, text: string, entries: readonly Entry[]): Step | undefined {
  let whole: JsonNode;
  try {
    whole = readJson(text);
  } catch (error) {
    if (!(error instanceof NoJson)) throw error;
    const line = text.slice(0, error.at).split("\n").length;
    return stop(`${path} cannot be read: line ${line} is no JSON.`, `mend line ${line} of ${path}`);
  }
  for (const { at, isOurs } of entries) {
    let node: JsonNode | undefined = whole;
    for (const [depth, key] of [...at, ""].entries()) {
      const isList = depth === at.length;
      if (isList && !isOurs) break;
      if (Array.isArray(node.value) !== isList || node.members === undefined) {
        const where = at.slice(0, depth).join(".") || "its top";
        return stop(
          `${path} has something else at ${where} than owp setup can add to.`,
          `look at ${where} in ${path}`,
        );
      }
      node = node.members.findLast((member) => member.key === key)?.node;
      if (!node) break;
    }
  }
  return undefined;
}

const stop = (message: string, hint: string): Step => ({
  to: "stop",
  message,
  hint: `${hint}, and run it again`,
});
