/**
 * Objects by id, and who points to whom, in segments that are loaded on demand: nobody who only wants tasks pays for
 * them. Changes lie over the segments by the object that points, so that a change needs to know nothing of what it replaces.
 */
import type { ObjectRow } from "./object-rows.ts";
import { OBJECT_PREFIX, type ObjectKind, prefixOf } from "./paths.ts";
import { Suspended } from "./snapshot.ts";

/** All that is known of one id: its row, and the ids of those that point to it, joined by blanks. */
export interface Entry {
  row?: ObjectRow;
  from: string;
}

/** Rows that differ from those in the segments; null: there is none any more. */
export type ObjectsOver = ReadonlyMap<string, ObjectRow | null>;

export interface LoadedObjects {
  /** By prefix of ids, how many of an id's last characters name its segment; a prefix that is missing has none. */
  widths: ReadonlyMap<string, number>;
  /** Those that are loaded, by name. */
  segments: Map<string, ReadonlyMap<string, Entry>>;
}

export const noObjects = (): LoadedObjects => ({ widths: new Map(), segments: new Map() });

/** Every run points to its repo: a list of them all would be written again and again, so those that do are looked for. */
const REPO = "r";
/** Ids that entries are kept for; a Ref that holds something else leads nowhere. */
const TARGET = /^(?:t|cp|cs|dr|rn|ar)_[0-9a-hjkmnp-tv-z]{26}$/;
const DIGITS = [..."0123456789abcdefghjkmnpqrstvwxyz"];

export const segmentName = (id: string, width: number): string => `${prefixOf(id)}_${tail(id, width)}`;
const tail = (text: string, width: number) => (width === 0 ? "" : text.slice(-width));

/** (suspends) */
export function entryRow(over: ObjectsOver, loaded: LoadedObjects, id: string): ObjectRow | undefined {
  const changed = over.get(id);
  if (changed !== undefined) return changed ?? undefined;
  return stored(loaded, id)?.row;
}

/** (suspends) Every object of a kind, in no particular order. */
export function* rowsOfKind(over: ObjectsOver, loaded: LoadedObjects, kind: ObjectKind): Iterable<ObjectRow> {
  const prefix = OBJECT_PREFIX[kind];
  for (const segment of need(loaded, namesEnding(loaded, prefix, ""))) {
    for (const [id, { row }] of segment) if (row && !over.has(id)) yield row;
  }
  for (const row of over.values()) if (row?.kind === kind) yield row;
}

/** (suspends) Objects whose id ends so; tasks not among them. */
export function rowsEnding(over: ObjectsOver, loaded: LoadedObjects, text: string): ObjectRow[] {
  const names = Object.values(OBJECT_PREFIX).flatMap((prefix) => namesEnding(loaded, prefix, text));
  const found: ObjectRow[] = [];
  for (const segment of need(loaded, names)) {
    for (const [id, { row }] of segment) if (row && id.endsWith(text) && !over.has(id)) found.push(row);
  }
  for (const row of over.values()) if (row && row.kind !== "Task" && row.id.endsWith(text)) found.push(row);
  return found;
}

/** (suspends) The ids of objects and tasks that point to this one, in order. */
export function idsPointingTo(over: ObjectsOver, loaded: LoadedObjects, id: string): string[] {
  if (prefixOf(id) === REPO) return pointingToRepo(over, loaded, id);
  if (!TARGET.test(id)) return [];
  const known = split(stored(loaded, id)?.from).filter((source) => !over.has(source));
  for (const row of over.values()) if (row && pointsTo(row, id)) known.push(row.id);
  return known.sort();
}

function pointingToRepo(over: ObjectsOver, loaded: LoadedObjects, id: string): string[] {
  const kinds: readonly ObjectKind[] = ["Run", "DoctrineRef"];
  need(
    loaded,
    kinds.flatMap((kind) => namesEnding(loaded, OBJECT_PREFIX[kind], "")),
  );
  const rows = kinds.flatMap((kind) => [...rowsOfKind(over, loaded, kind)]);
  return rows
    .filter((row) => pointsTo(row, id))
    .map((row) => row.id)
    .sort();
}

const pointsTo = ({ links }: ObjectRow, id: string): boolean => links.some(([, target]) => target === id);
const split = (ids: string | undefined): string[] => (ids ? ids.split(" ") : []);

/** (suspends) */
function stored(loaded: LoadedObjects, id: string): Entry | undefined {
  const width = loaded.widths.get(prefixOf(id));
  if (width === undefined) return undefined;
  return need(loaded, [segmentName(id, width)])[0]?.get(id);
}

/** The segments of these names; one suspension for all that are not loaded. */
function need(loaded: LoadedObjects, names: readonly string[]): ReadonlyMap<string, Entry>[] {
  const missing = names.filter((name) => !loaded.segments.has(name));
  if (missing.length > 0) throw new Suspended({ objects: missing });
  return names.map((name) => loaded.segments.get(name) as ReadonlyMap<string, Entry>);
}

/** The segments of a prefix in which an id that ends so may lie. */
function namesEnding({ widths }: LoadedObjects, prefix: string, text: string): string[] {
  const width = widths.get(prefix);
  if (width === undefined) return [];
  let tails = [tail(text, width)];
  for (let missing = width - text.length; missing > 0; missing--)
    tails = DIGITS.flatMap((digit) => tails.map((end) => digit + end));
  return tails.map((end) => `${prefix}_${end}`);
}

/**
 * What a set of changed rows makes of the entries: those that differ, null where nothing is left. entryOf answers what
 * was there before.
 */
export function foldEntries(
  entryOf: (id: string) => Entry | undefined,
  over: ObjectsOver,
): Map<string, Entry | null> {
  const changes = new Map<string, { row: ObjectRow | undefined; from: Set<string> }>();
  const change = (id: string) => {
    const known = changes.get(id);
    if (known) return known;
    const before = entryOf(id);
    const fresh = { row: before?.row, from: new Set(split(before?.from)) };
    changes.set(id, fresh);
    return fresh;
  };
  for (const [id, row] of over) {
    const own = change(id);
    for (const target of targetsOf(own.row)) change(target).from.delete(id);
    own.row = row ?? undefined;
    for (const target of targetsOf(own.row)) change(target).from.add(id);
  }
  return new Map([...changes].map(([id, { row, from }]) => [id, entryFrom(row, from)]));
}

const targetsOf = (row: ObjectRow | undefined): string[] =>
  (row?.links ?? []).map(([, id]) => id).filter((id) => TARGET.test(id));

function entryFrom(row: ObjectRow | undefined, from: ReadonlySet<string>): Entry | null {
  if (!row && from.size === 0) return null;
  return { ...(row && { row }), from: [...from].sort().join(" ") };
}

/** Entries by the name of their segment; an entry of a prefix that has no width is left out. */
export function inSegments(
  entries: ReadonlyMap<string, Entry | null>,
  widths: ReadonlyMap<string, number>,
): Map<string, Map<string, Entry>> {
  const segments = new Map<string, Map<string, Entry>>();
  for (const [id, entry] of entries) {
    const width = widths.get(prefixOf(id));
    if (!entry || width === undefined) continue;
    const name = segmentName(id, width);
    const known = segments.get(name) ?? new Map<string, Entry>();
    segments.set(name, known.set(id, entry));
  }
  return segments;
}
