/**
 * The index on disk: one file of open tasks, segments of ended ones, objects (index-objects.ts), and a small head with all that changed since those
 * were written, so that a command reads what it needs and writes what it changed. Any number of processes read it; each
 * writes files under fresh names and then moves the head, which is whole in itself: of two that save at the same moment
 * the last one's counts. A cache: when it is lost or unreadable it is made again from the record.
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Layered } from "../core/layered.ts";
import { BARE_POLICY } from "../core/rules.ts";
import type { ClosedTask, LeaseView, OpenTask, Problem } from "../core/snapshot.ts";
import { type Loaded, type Settled, State } from "../core/state.ts";
import type { Policy, Repo, Worker } from "../generated/types.ts";
import { asciiJson } from "./ascii.ts";
import { ObjectFiles, type ObjectsHead, widthsOf } from "./index-objects.ts";
import { type Columns, packRows, unpackRows } from "./index-rows.ts";
import type { Oid } from "./ports.ts";
import type { RecentOp } from "./recent.ts";
import type { IndexStore, StoredIndex } from "./record.ts";

/** Raised when the form changes: an index of another form is made again. */
const FORMAT = 3;
/** Up to so many rows the ended tasks are one segment; then one for each last character of an id, then for each two. */
const SEGMENT_ROWS = [1500, 128_000] as const;
/** The head may hold so many changed rows, and more of a large index: to fold them in costs more there. */
const OVER_ROWS = 64;
const OVER_ROOTS = 2;
const READ_TRIES = 5;
const SWEEP_CHANCE = 1 / 32;
/** Files that no head names any more are kept so long, for processes that read an older head. */
const LITTER_MS = 120_000;

/** Rows in files, and those that differ from them; null: not there any more. */
interface Open {
  file: string | null;
  rows: number;
  over: [id: string, row: OpenTask | null][];
}

interface Closed {
  /** How many of an id's last characters name its segment. */
  width: number;
  segments: Record<string, { file: string; rows: number }>;
  over: [id: string, row: ClosedTask | null][];
}

interface Head {
  format: number;
  tip: Oid;
  tree: Oid;
  /** null: none was ever read. */
  policy: Policy | null;
  workers: [string, Worker][];
  repos: [string, Repo][];
  problems: [string, Problem][];
  stray: [string, LeaseView][];
  settled: [string, Settled][];
  recent: RecentOp[];
  open: Open;
  closed: Closed;
  objects: ObjectsHead;
}

const HEAD = "head.json";
const segmentOf = (id: string, width: number) => (width === 0 ? "" : id.slice(-width));
const widthFor = (rows: number) => SEGMENT_ROWS.filter((limit) => rows > limit).length;
const isMuch = (over: number, rows: number) => over > Math.max(OVER_ROWS, OVER_ROOTS * Math.sqrt(rows));
const filesOf = ({ open, closed, objects }: Head) => [
  ...(open.file ? [open.file] : []),
  ...Object.values(closed.segments).map(({ file }) => file),
  ...Object.values(objects.families).map(({ file }) => file),
];

export class FileIndex implements IndexStore {
  /** The head that this process loaded or wrote last, and which file that was. */
  private head: Head | undefined;
  private mark: string | undefined;
  private counter = 0;
  private readonly objects: ObjectFiles;

  /** dir: a folder of its own, made when needed. */
  constructor(private readonly dir: string) {
    mkdirSync(dir, { recursive: true });
    this.objects = new ObjectFiles({
      dir,
      isMuch,
      writeAside: (what, text) => this.writeAside(what, text),
    });
  }

  beside(): FileIndex {
    return new FileIndex(this.dir);
  }

  async load(): Promise<StoredIndex | undefined> {
    for (let tries = 0; tries < READ_TRIES; tries++) {
      try {
        // Before it is read: a head that moves in between is taken for another one's.
        const mark = this.headMark();
        const head = this.read<Head>(HEAD);
        if (head.format !== FORMAT) return undefined;
        const open = this.openRows(head.open);
        for (const file of filesOf(head)) statSync(join(this.dir, file));
        [this.head, this.mark] = [head, mark];
        return this.stored(head, open);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === undefined) return undefined; // Garbled: no JSON, or of some other form.
        if (code !== "ENOENT") throw error;
        // Another process moved the head between our reads: look again. With no head at all there is no index.
      }
    }
    return undefined;
  }

  private openRows({ file, over }: Open): Map<string, OpenTask> {
    const rows = file ? unpackRows(this.read<Columns>(file)) : new Map<string, OpenTask>();
    for (const [id, row] of over) {
      if (row) rows.set(id, row);
      else rows.delete(id);
    }
    return rows;
  }

  private stored(head: Head, open: Map<string, OpenTask>): StoredIndex {
    const { closed, objects } = head;
    const names = Object.keys(closed.segments);
    const loaded: Loaded = {
      docs: new Map(),
      allDocs: false,
      closed: new Map(),
      segmentOf: (id) => segmentOf(id, closed.width),
      segments: () => names,
      objects: { widths: widthsOf(objects), segments: new Map() },
    };
    const index = {
      policy: head.policy ?? BARE_POLICY,
      workers: new Map(head.workers),
      repos: new Map(head.repos),
      problems: new Map(head.problems),
      open: Layered.from(open),
      stray: new Map(head.stray),
      settled: new Map(head.settled),
      closedOver: new Map(closed.over),
      objectsOver: new Map(objects.over),
    };
    const loadClosed = async (wanted: "all" | readonly string[]) => {
      for (const name of wanted === "all" ? names : wanted) {
        if (!loaded.closed.has(name)) loaded.closed.set(name, this.closedRows(closed, name));
      }
    };
    return {
      state: new State(head.tip, index, loaded),
      loaded,
      tree: head.tree,
      recent: head.recent,
      loadClosed,
      loadObjects: async (wanted) => this.objects.load(objects, wanted, loaded.objects.segments),
    };
  }

  private closedRows({ segments }: Closed, name: string): Map<string, ClosedTask> {
    const file = segments[name]?.file;
    return new Map((file ? this.read<ClosedTask[]>(file) : []).map((row) => [row.id, row]));
  }

  async save(next: StoredIndex, touched: ReadonlySet<string> | "all"): Promise<StoredIndex | undefined> {
    const before = touched === "all" ? undefined : this.head;
    if (before && this.mark !== this.headMark()) return this.load();
    const { index, tip } = next.state;
    const open = this.saveOpen(before?.open, next.state, touched);
    const isFolded = open.over.length === 0;
    const head: Head = {
      format: FORMAT,
      tip: tip as Oid,
      tree: next.tree,
      policy: index.policy === BARE_POLICY ? null : index.policy,
      workers: [...index.workers],
      repos: [...index.repos],
      problems: [...index.problems],
      stray: [...index.stray],
      settled: settledOf(next.state, isFolded ? undefined : before?.settled),
      recent: next.recent,
      open,
      closed: this.saveClosed(before?.closed, index.closedOver, touched),
      objects: this.objects.save(before?.objects, index.objectsOver, touched),
    };
    this.write(HEAD, asciiJson(head));
    const kept = new Set(filesOf(head));
    for (const file of before ? filesOf(before) : []) if (!kept.has(file)) this.retire(file);
    [this.head, this.mark] = [head, this.headMark()];
    if (Math.random() < SWEEP_CHANCE) this.sweep(kept);
    return before ? next : this.load();
  }

  private saveOpen(before: Open | undefined, state: State, touched: ReadonlySet<string> | "all"): Open {
    if (before && touched !== "all") {
      const over = new Map(before.over);
      const changed = new Set(state.index.open.changedKeys());
      for (const id of touched) {
        const row = state.openTask(id);
        if (row) over.set(id, row);
        else if (changed.has(id)) over.set(id, null);
      }
      if (!isMuch(over.size, before.rows)) return { ...before, over: [...over] };
    }
    const columns = packRows(state.open());
    return {
      file: columns.rows > 0 ? this.writeAside("open", asciiJson(columns)) : null,
      rows: columns.rows,
      over: [],
    };
  }

  private saveClosed(
    before: Closed | undefined,
    changed: ReadonlyMap<string, ClosedTask | null>,
    touched: ReadonlySet<string> | "all",
  ): Closed {
    const {
      width: oldWidth,
      segments: old,
      over: known,
    }: Closed = before ?? { width: 0, segments: {}, over: [] };
    const over = new Map(known);
    for (const [id, row] of changed) if (touched === "all" || touched.has(id)) over.set(id, row);
    const count = Object.values(old).reduce((sum, { rows }) => sum + rows, 0);
    if (!isMuch(over.size, count) && before) return { ...before, over: [...over] };
    const width = Math.max(oldWidth, widthFor(count + over.size));
    const groups = new Map<string, Map<string, ClosedTask>>();
    const put = (row: ClosedTask) => {
      const name = segmentOf(row.id, width);
      const rows = groups.get(name) ?? new Map<string, ClosedTask>();
      groups.set(name, rows.set(row.id, row));
    };
    const stale = new Set(
      width === oldWidth ? [...over.keys()].map((id) => segmentOf(id, width)) : Object.keys(old),
    );
    for (const name of stale)
      for (const row of this.closedRows({ width, segments: old, over: [] }, name).values()) put(row);
    for (const [id, row] of over) {
      if (row) put(row);
      else groups.get(segmentOf(id, width))?.delete(id);
    }
    const segments = Object.fromEntries(Object.entries(old).filter(([name]) => !stale.has(name)));
    for (const [name, rows] of groups) {
      if (rows.size > 0)
        segments[name] = {
          file: this.writeAside(name || "all", asciiJson([...rows.values()])),
          rows: rows.size,
        };
    }
    return { width, segments, over: [] };
  }

  /** Which file the head is just now. */
  private headMark(): string | undefined {
    const stat = statSync(join(this.dir, HEAD), { bigint: true, throwIfNoEntry: false });
    return stat && `${stat.ino} ${stat.mtimeNs} ${stat.size}`;
  }

  private read<T>(name: string): T {
    return JSON.parse(readFileSync(join(this.dir, name), "latin1")) as T;
  }

  /** Writes a file under a fresh name, which it answers. */
  private writeAside(what: string, text: string): string {
    const name = `${what}-${process.pid}-${Date.now().toString(36)}-${this.counter++}.json`;
    this.write(name, text);
    return name;
  }

  private write(name: string, text: string): void {
    const aside = join(this.dir, `${name}.${process.pid}.${this.counter++}.tmp`);
    writeFileSync(aside, text, "latin1");
    renameSync(aside, join(this.dir, name));
  }

  /** From now on the file is litter. */
  private retire(file: string): void {
    ignoreMissing(() => utimesSync(join(this.dir, file), new Date(), new Date()));
  }

  /** Removes litter: what was replaced, and what processes that saved at the same moment or died left. */
  private sweep(kept: ReadonlySet<string>): void {
    for (const file of readdirSync(this.dir)) {
      if (file === HEAD || kept.has(file)) continue;
      const stat = statSync(join(this.dir, file), { throwIfNoEntry: false });
      if (stat && Date.now() - stat.mtimeMs > LITTER_MS)
        ignoreMissing(() => unlinkSync(join(this.dir, file)));
    }
  }
}

/** How the ended dependencies of open tasks ended. known: the kept ones, all of which are kept on; undefined: look at each task. */
function settledOf(state: State, known: readonly [string, Settled][] | undefined): [string, Settled][] {
  const { settled } = state.index;
  const kept = new Set(known?.map(([id]) => id));
  const fresh = new Set([...settled.keys()].filter((id) => !kept.has(id)));
  if (fresh.size > 0) {
    const wanted = new Set<string>();
    for (const row of state.open()) for (const id of row.blocked_by) if (fresh.has(id)) wanted.add(id);
    return [...settled].filter(([id]) => kept.has(id) || wanted.has(id));
  }
  return [...settled];
}

function ignoreMissing(act: () => void): void {
  try {
    act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
