/** The index in memory: the twin of the files, for processes that share one shelf. Ended tasks lie in segments and are loaded when asked for. */
import { Layered } from "../../core/layered.ts";
import { type Entry, foldEntries, type ObjectsOver, segmentName } from "../../core/object-index.ts";
import { prefixOf } from "../../core/paths.ts";
import type { ClosedTask } from "../../core/snapshot.ts";
import { type Index, type Loaded, State } from "../../core/state.ts";
import type { Oid } from "../ports.ts";
import type { RecentOp } from "../recent.ts";
import type { IndexStore, StoredIndex } from "../record.ts";

type Segments = ReadonlyMap<string, ReadonlyMap<string, ClosedTask>>;
type ObjectSegments = ReadonlyMap<string, ReadonlyMap<string, Entry>>;

interface Kept {
  tip: Oid | null;
  tree: Oid;
  index: Index;
  closed: Segments;
  objects: ObjectSegments;
  recent: RecentOp[];
}

/** What the processes of one clone share; outlives each of them. */
export class MemoryShelf {
  kept: Kept | undefined;
}

const segmentOf = (id: string): string => id.slice(-1);
const WIDTH = 1;

export class MemoryIndex implements IndexStore {
  /** What this process loaded or kept last. */
  private known: Kept | undefined;

  constructor(private readonly shelf: MemoryShelf) {}

  beside(): MemoryIndex {
    return new MemoryIndex(this.shelf);
  }

  async load(): Promise<StoredIndex | undefined> {
    this.known = this.shelf.kept;
    return this.known && stored(this.known);
  }

  async save(next: StoredIndex, touched: ReadonlySet<string> | "all"): Promise<StoredIndex | undefined> {
    const whole = touched === "all";
    if (!whole && this.known && this.known !== this.shelf.kept) return this.load();
    const { index, tip } = next.state;
    const open = Layered.from(new Map([...index.open.values()].map((row) => [row.id, row])));
    this.known = {
      tip,
      tree: next.tree,
      index: { ...index, open, closedOver: new Map(), objectsOver: new Map() },
      closed: folded(whole ? undefined : this.known?.closed, index.closedOver),
      objects: foldedObjects(whole ? new Map() : (this.known?.objects ?? new Map()), index.objectsOver),
      recent: next.recent,
    };
    this.shelf.kept = this.known;
    const kept = stored(this.known);
    for (const [path, doc] of next.loaded.docs) kept.loaded.docs.set(path, doc);
    return kept;
  }
}

/** Segments with some rows changed; null: no longer ended. */
function folded(before: Segments | undefined, changes: ReadonlyMap<string, ClosedTask | null>): Segments {
  const after = new Map([...(before ?? [])].map(([name, rows]) => [name, new Map(rows)]));
  for (const [id, row] of changes) {
    const rows = after.get(segmentOf(id)) ?? new Map<string, ClosedTask>();
    if (row) rows.set(id, row);
    else rows.delete(id);
    after.set(segmentOf(id), rows);
  }
  return after;
}

function foldedObjects(before: ObjectSegments, over: ObjectsOver): ObjectSegments {
  const after = new Map<string, Map<string, Entry>>();
  for (const [name, entries] of before) after.set(name, new Map(entries));
  const nameOf = (id: string) => segmentName(id, WIDTH);
  for (const [id, entry] of foldEntries((id) => before.get(nameOf(id))?.get(id), over)) {
    const entries = after.get(nameOf(id)) ?? new Map<string, Entry>();
    if (entry) entries.set(id, entry);
    else entries.delete(id);
    after.set(nameOf(id), entries);
  }
  return after;
}

function stored(kept: Kept): StoredIndex {
  const loaded: Loaded = {
    docs: new Map(),
    allDocs: false,
    closed: new Map(),
    segmentOf,
    segments: () => [...kept.closed.keys()],
    objects: {
      widths: new Map([...kept.objects.keys()].map((name) => [prefixOf(name), WIDTH])),
      segments: new Map(),
    },
  };
  return {
    state: new State(kept.tip, kept.index, loaded),
    loaded,
    tree: kept.tree,
    recent: kept.recent,
    loadClosed: async (names) => {
      for (const name of names === "all" ? kept.closed.keys() : names) {
        loaded.closed.set(name, new Map(kept.closed.get(name)));
      }
    },
    loadObjects: async (names) => {
      for (const name of names) loaded.objects.segments.set(name, kept.objects.get(name) ?? new Map());
    },
  };
}
