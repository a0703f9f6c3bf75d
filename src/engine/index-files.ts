/**
 * The index on disk: a small head and segments, so that a command reads what it needs and rewrites what changed. Any
 * number of processes read it; each writes segments under fresh names and then moves the head. A cache: when it is lost
 * or unreadable it is made again from the record.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Layered } from "../core/layered.ts";
import type { ClosedTask, LeaseView, OpenTask, Problem } from "../core/snapshot.ts";
import { type Loaded, type Settled, State } from "../core/state.ts";
import type { Policy, Repo, Worker } from "../generated/types.ts";
import type { Oid } from "./ports.ts";
import type { IndexStore, RecentOp, StoredIndex } from "./record.ts";

/** Raised when the form changes: an index of another form is made again. */
const FORMAT = 1;
/** Rows a segment should not exceed by much; more rows are split by the ids' last characters. */
const SEGMENT_ROWS = 1500;
const READ_TRIES = 5;
const SWEEP_CHANCE = 1 / 32;
/** Segments that no head names are kept so long, for processes that read an older head. */
const LITTER_MS = 120_000;

/** Segment names to files and row counts. width: how many of an id's last characters name its segment. */
interface Part {
  width: number;
  files: Record<string, { file: string; rows: number }>;
}

interface Head {
  format: number;
  /** Unlike that of any other head. */
  id: string;
  tip: Oid;
  tree: Oid;
  policy: Policy | null;
  workers: [string, Worker][];
  repos: [string, Repo][];
  problems: [string, Problem][];
  stray: [string, LeaseView][];
  settled: [string, Settled][];
  recent: RecentOp[];
  open: Part;
  closed: Part;
}

const EMPTY_PART: Part = { width: 0, files: {} };
const segment = (id: string, width: number) => (width === 0 ? "" : id.slice(-width));
const widthFor = (rows: number) => (rows <= SEGMENT_ROWS ? 0 : rows <= SEGMENT_ROWS * 32 ? 1 : 2);
const rowsIn = (part: Part) => Object.values(part.files).reduce((sum, { rows }) => sum + rows, 0);

export class FileIndex implements IndexStore {
  private head: Head | undefined;
  private counter = 0;

  /** dir: a folder of its own, made when needed. */
  constructor(private readonly dir: string) {
    mkdirSync(dir, { recursive: true });
  }

  async load(): Promise<StoredIndex | undefined> {
    for (let tries = 0; tries < READ_TRIES; tries++) {
      try {
        const head = this.read<Head>("head.json");
        if (head.format !== FORMAT) return undefined;
        const open = new Map<string, OpenTask>();
        for (const { file } of Object.values(head.open.files)) for (const row of this.read<OpenTask[]>(file)) open.set(row.id, row);
        this.head = head;
        return this.stored(head, open, this.lazily(head.closed));
      } catch (error) {
        if (error instanceof SyntaxError) return undefined;
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
        // Another process moved the head between our reads: look again. With no head at all there is no index.
      }
    }
    return undefined;
  }

  private stored(head: Head, open: Map<string, OpenTask>, loaded: Loaded): StoredIndex {
    const state = new State(
      head.tip,
      {
        policy: head.policy ?? State.empty().policy,
        workers: new Map(head.workers),
        repos: new Map(head.repos),
        problems: new Map(head.problems),
        open: Layered.from(open),
        stray: new Map(head.stray),
        settled: new Map(head.settled),
        closedOver: new Map(),
      },
      loaded,
    );
    return { state, loaded, tree: head.tree, recent: head.recent, loadClosed: (names) => this.loadClosed(head.closed, loaded, names) };
  }

  private lazily(part: Part): Loaded {
    const names = Object.keys(part.files);
    return { docs: new Map(), allDocs: false, closed: new Map(), segmentOf: (id) => segment(id, part.width), segments: () => names };
  }

  private async loadClosed(part: Part, loaded: Loaded, names: "all" | readonly string[]): Promise<void> {
    for (const name of names === "all" ? Object.keys(part.files) : names) {
      if (!loaded.closed.has(name)) loaded.closed.set(name, this.closedRows(part, name));
    }
  }

  private closedRows(part: Part, name: string): Map<string, ClosedTask> {
    const file = part.files[name]?.file;
    return new Map((file ? this.read<ClosedTask[]>(file) : []).map((row) => [row.id, row]));
  }

  async save(next: StoredIndex, touched: ReadonlySet<string> | "all"): Promise<StoredIndex | undefined> {
    const { index } = next.state;
    const before = touched === "all" ? undefined : this.head;
    if (before && before.id !== this.headId()) return this.load();
    const open = this.saveOpen(before?.open ?? EMPTY_PART, next, touched);
    const closed = this.saveClosed(before?.closed ?? EMPTY_PART, next, touched);
    const wanted = new Set<string>();
    for (const row of index.open.values()) for (const id of row.blocked_by) wanted.add(id);
    const head: Head = {
      format: FORMAT,
      id: `${process.pid}.${Date.now().toString(36)}.${this.counter++}`,
      tip: next.state.tip as Oid,
      tree: next.tree,
      policy: index.policy === State.empty().policy ? null : index.policy,
      workers: [...index.workers],
      repos: [...index.repos],
      problems: [...index.problems],
      stray: [...index.stray],
      settled: [...index.settled].filter(([id]) => wanted.has(id)),
      recent: next.recent,
      open,
      closed,
    };
    this.write("head.json", head);
    this.head = head;
    if (Math.random() < SWEEP_CHANCE) this.sweep(head);
    const rows = new Map<string, OpenTask>();
    for (const row of index.open.values()) rows.set(row.id, row);
    const loaded = this.lazily(closed);
    for (const [path, doc] of next.loaded.docs) loaded.docs.set(path, doc);
    return this.stored(head, rows, loaded);
  }

  private headId(): string | undefined {
    try {
      return this.read<Head>("head.json").id;
    } catch {
      return undefined;
    }
  }

  private saveOpen(before: Part, next: StoredIndex, touched: ReadonlySet<string> | "all"): Part {
    const rows = [...next.state.open()];
    const width = Math.min(1, widthFor(rows.length));
    const changed = touched !== "all" && width === before.width ? new Set([...touched].map((id) => segment(id, width))) : undefined;
    return this.saveGroups(before, width, group(rows, width, changed), changed);
  }

  private saveClosed(before: Part, next: StoredIndex, touched: ReadonlySet<string> | "all"): Part {
    const over = new Map([...next.state.index.closedOver].filter(([id]) => touched === "all" || touched.has(id)));
    if (over.size === 0) return before;
    const width = Math.max(before.width, widthFor(rowsIn(before) + over.size));
    const whole = width !== before.width;
    const changed = whole ? undefined : new Set([...over.keys()].map((id) => segment(id, width)));
    const rows = new Map<string, ClosedTask>();
    for (const name of Object.keys(before.files)) {
      if (!changed || changed.has(name)) for (const [id, row] of this.closedRows(before, name)) rows.set(id, row);
    }
    for (const [id, row] of over) row ? rows.set(id, row) : rows.delete(id);
    return this.saveGroups(before, width, group(rows.values(), width, changed), changed);
  }

  /** changed undefined: every segment is written anew. */
  private saveGroups(before: Part, width: number, groups: Map<string, object[]>, changed: ReadonlySet<string> | undefined): Part {
    const files: Part["files"] = {};
    for (const [name, entry] of Object.entries(before.files)) {
      if (changed && !changed.has(name)) files[name] = entry;
    }
    for (const [name, rows] of groups) {
      const file = `${name || "all"}-${process.pid}-${Date.now().toString(36)}-${this.counter++}.json`;
      this.write(file, rows);
      files[name] = { file, rows: rows.length };
    }
    return { width, files };
  }

  private read<T>(name: string): T {
    return JSON.parse(readFileSync(join(this.dir, name), "utf8")) as T;
  }

  private write(name: string, value: unknown): void {
    const aside = join(this.dir, `${name}.${process.pid}.${this.counter++}.tmp`);
    writeFileSync(aside, JSON.stringify(value));
    renameSync(aside, join(this.dir, name));
  }

  private unlink(file: string): void {
    try {
      unlinkSync(join(this.dir, file));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }

  /** Removes segments that no head names: processes that saved at the same moment left them. */
  private sweep(head: Head): void {
    const named = new Set([head.open, head.closed].flatMap((part) => Object.values(part.files).map(({ file }) => file)));
    for (const file of readdirSync(this.dir)) {
      if (file === "head.json" || named.has(file)) continue;
      const age = Date.now() - (statSync(join(this.dir, file), { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > LITTER_MS) this.unlink(file);
    }
  }
}

function group<T extends { id: string }>(rows: Iterable<T>, width: number, only: ReadonlySet<string> | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const name = segment(row.id, width);
    if (only && !only.has(name)) continue;
    const rowsOfName = groups.get(name);
    if (rowsOfName) rowsOfName.push(row);
    else groups.set(name, [row]);
  }
  return groups;
}
