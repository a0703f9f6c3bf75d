/**
 * Objects in the index's folder: one file for each prefix of ids, of segments and a directory that says where each lies,
 * so that a command reads the few segments it asks for. A fold writes the files of the prefixes that changed anew; of
 * segments that did not change the bytes are carried over.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import {
  type Entry,
  foldEntries,
  inSegments,
  type LoadedObjects,
  type ObjectsOver,
  segmentName,
} from "../core/object-index.ts";
import type { ObjectRow } from "../core/object-rows.ts";
import { prefixOf } from "../core/paths.ts";
import { asciiJson } from "./ascii.ts";

/** Up to so many entries one segment holds them all; then one for each last character of an id, then for each two. */
const SEGMENT_ENTRIES = [500, 16_000] as const;

interface Family {
  file: string;
  /** Bytes of the directory, with which the file begins. */
  directory: number;
  width: number;
  entries: number;
}

/** What the head says of objects. */
export interface ObjectsHead {
  families: Record<string, Family>;
  over: [id: string, row: ObjectRow | null][];
}

/** Where each segment lies behind the directory, in bytes. */
type Directory = Record<string, [offset: number, length: number, entries: number]>;
type Stored = [id: string, row: ObjectRow | 0, from: string];

interface Tools {
  dir: string;
  /** Writes a file under a fresh name, which it answers. */
  writeAside: (what: string, text: string) => string;
  isMuch: (over: number, rows: number) => boolean;
}

const widthFor = (entries: number) => SEGMENT_ENTRIES.filter((limit) => entries > limit).length;

export const widthsOf = ({ families }: ObjectsHead): ReadonlyMap<string, number> =>
  new Map(Object.entries(families).map(([prefix, { width }]) => [prefix, width]));

export class ObjectFiles {
  constructor(private readonly tools: Tools) {}

  load({ families }: ObjectsHead, names: readonly string[], into: LoadedObjects["segments"]): void {
    for (const prefix of new Set(names.map(prefixOf))) {
      const family = families[prefix];
      if (!family) continue;
      const file = this.open(family);
      try {
        for (const name of names) if (prefixOf(name) === prefix) into.set(name, file.segment(name));
      } finally {
        file.close();
      }
    }
  }

  /** changed: the rows that differ from the files' since these were loaded; touched: the ids among them that the head does not know yet. */
  save(
    before: ObjectsHead | undefined,
    changed: ObjectsOver,
    touched: ReadonlySet<string> | "all",
  ): ObjectsHead {
    const { families, over: known }: ObjectsHead = before ?? { families: {}, over: [] };
    const over = new Map(known);
    for (const [id, row] of changed) if (touched === "all" || touched.has(id)) over.set(id, row);
    const count = Object.values(families).reduce((sum, { entries }) => sum + entries, 0);
    if (over.size === 0 || (before && !this.tools.isMuch(over.size, count)))
      return { families, over: [...over] };
    return { families: this.fold(families, over), over: [] };
  }

  private fold(families: Record<string, Family>, over: ObjectsOver): Record<string, Family> {
    const files = new Map(
      Object.entries(families).map(([prefix, family]) => [prefix, this.open(family)] as const),
    );
    try {
      const changes = foldEntries((id) => files.get(prefixOf(id))?.entry(id), over);
      const next = { ...families };
      for (const [prefix, part] of byPrefix(changes)) {
        const family = this.write(prefix, files.get(prefix), part);
        if (family) next[prefix] = family;
        else delete next[prefix];
      }
      return next;
    } finally {
      for (const file of files.values()) file.close();
    }
  }

  private write(
    prefix: string,
    before: FamilyFile | undefined,
    changes: ReadonlyMap<string, Entry | null>,
  ): Family | undefined {
    const total = (before?.entries ?? 0) + changes.size;
    const width = Math.max(before?.width ?? 0, widthFor(total));
    const stale =
      width === before?.width
        ? new Set([...changes.keys()].map((id) => segmentName(id, width)))
        : new Set(before?.names ?? []);
    const entries = new Map<string, Entry | null>();
    for (const name of stale) for (const [id, entry] of before?.segment(name) ?? []) entries.set(id, entry);
    for (const [id, entry] of changes) entries.set(id, entry);
    const texts = new Map<string, { text: string; entries: number }>();
    for (const name of before?.names ?? [])
      if (before && !stale.has(name)) texts.set(name, before.text(name));
    for (const [name, rows] of inSegments(entries, new Map([[prefix, width]])))
      texts.set(name, { text: asciiJson([...rows].map(packed)), entries: rows.size });
    if (texts.size === 0) return undefined;
    const directory: Directory = {};
    let offset = 0;
    for (const [name, { text, entries: held }] of texts) {
      directory[name] = [offset, text.length, held];
      offset += text.length;
    }
    const first = asciiJson(directory);
    const count = [...texts.values()].reduce((sum, { entries: held }) => sum + held, 0);
    const text = first + [...texts.values()].map((one) => one.text).join("");
    const file = this.tools.writeAside(`objects-${prefix}`, text);
    return { file, directory: first.length, width, entries: count };
  }

  private open(family: Family): FamilyFile {
    return new FamilyFile(join(this.tools.dir, family.file), family);
  }
}

/** One file, open for reading. */
class FamilyFile {
  private readonly fd: number;
  private readonly directory: Directory;
  private readonly loaded = new Map<string, ReadonlyMap<string, Entry>>();

  constructor(
    path: string,
    private readonly family: Family,
  ) {
    this.fd = openSync(path, "r");
    this.directory = JSON.parse(this.read(0, family.directory)) as Directory;
  }

  get width(): number {
    return this.family.width;
  }
  get entries(): number {
    return this.family.entries;
  }
  get names(): string[] {
    return Object.keys(this.directory);
  }

  entry(id: string): Entry | undefined {
    return this.segment(segmentName(id, this.width)).get(id);
  }

  segment(name: string): ReadonlyMap<string, Entry> {
    const known = this.loaded.get(name);
    if (known) return known;
    const rows = Object.hasOwn(this.directory, name)
      ? (JSON.parse(this.text(name).text) as Stored[]).map(unpacked)
      : [];
    const segment = new Map(rows);
    this.loaded.set(name, segment);
    return segment;
  }

  text(name: string): { text: string; entries: number } {
    const [offset, length, entries] = this.directory[name] as Directory[string];
    return { text: this.read(this.family.directory + offset, length), entries };
  }

  close(): void {
    closeSync(this.fd);
  }

  private read(from: number, length: number): string {
    if (from + length > fstatSync(this.fd).size) throw new Error("the index ends too early");
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; ) at += readSync(this.fd, bytes, at, length - at, from + at);
    return bytes.toString("latin1");
  }
}

const packed = ([id, { row, from }]: readonly [string, Entry]): Stored => [id, row ?? 0, from];
const unpacked = ([id, row, from]: Stored): [string, Entry] => [id, row ? { row, from } : { from }];

function byPrefix(changes: ReadonlyMap<string, Entry | null>): Map<string, Map<string, Entry | null>> {
  const parts = new Map<string, Map<string, Entry | null>>();
  for (const [id, entry] of changes) {
    const part = parts.get(prefixOf(id)) ?? new Map<string, Entry | null>();
    parts.set(prefixOf(id), part.set(id, entry));
  }
  return parts;
}
