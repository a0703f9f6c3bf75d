/** A record in memory, with real operations and with commits by hand: fast enough for tables and properties. No git. */
import { nthId, ulidTime } from "../../src/core/ids.ts";
import { OPERATIONS } from "../../src/domain/operations.ts";
import { MemoryDesk, MemoryRoom } from "../../src/engine/memory/desk.ts";
import { MemoryIndex, MemoryShelf } from "../../src/engine/memory/index.ts";
import { MemoryHub, MemoryRemote } from "../../src/engine/memory/remote.ts";
import { MemoryStore } from "../../src/engine/memory/store.ts";
import { blobOf, encodeCommit, objectOf } from "../../src/engine/objects.ts";
import type { GitObject, Oid } from "../../src/engine/ports.ts";
import { RecordView } from "../../src/engine/record.ts";
import { editTree, listFiles, readPath } from "../../src/engine/tree.ts";
import { type Commit, readCommit } from "../../src/engine/walk.ts";
import { loadWith, RecordHub } from "../../src/lib/hub.ts";
import type { Outcome, RunOptions, Success } from "../../src/lib/types.ts";
import { checkRange } from "../../src/lib/validate/range.ts";
import { checkTree } from "../../src/lib/validate/record.ts";

const FIRST_OP = "01kjm0000000000000000000aa";
const MINUTE = 60_000;

/** What a person does to a file: a new text, the old one changed, or null: deletes it. */
export type Edit = string | null | ((text: string) => string);

export class MemoryRecord {
  readonly remote: MemoryHub;
  private readonly store: MemoryStore;
  private readonly room = new MemoryRoom();
  private readonly view: RecordView;
  private now: number;
  private ops: number;

  constructor(from?: MemoryRecord) {
    this.remote = new MemoryHub();
    this.store = from?.store ?? new MemoryStore();
    if (from) Object.assign(this.remote, { store: from.remote.store, record: from.remote.record });
    this.now = from?.now ?? ulidTime(FIRST_OP);
    this.ops = from?.ops ?? 0;
    const indexes = new MemoryIndex(new MemoryShelf());
    this.view = new RecordView({ store: this.store, indexes, elapsed: () => this.now });
  }

  /** The same record, which goes on by itself. */
  fork(): MemoryRecord {
    return new MemoryRecord(this);
  }

  /** So many ms pass. */
  wait(ms: number): void {
    this.now += ms;
  }

  /** Runs an operation; a minute passes. */
  async run(worker: string, name: string, input: object = {}, options: RunOptions = {}): Promise<Outcome> {
    this.now += MINUTE;
    const clone = "c10ne001";
    const hub = new RecordHub({
      clone,
      store: this.store,
      remote: new MemoryRemote(this.remote, this.store),
      desk: new MemoryDesk(this.room, `process ${this.ops++}`, () => true),
      view: this.view,
      clock: { now: () => this.now, elapsed: () => this.now, sleep: async () => undefined },
      random: () => 0.5,
      operations: loadWith(this.store),
      point: () => undefined,
      names: { remote: "origin", branch: "owp" },
      caller: { name: worker, explicit: true, actor_kind: "human", clone },
      clockShiftMs: 0,
      newOp: () => nthId(FIRST_OP, this.ops * 1000),
      dispose: () => undefined,
      place: { folder: "web" },
      progress: {},
    });
    return hub.run(name, input, options);
  }

  /** The same; throws where it is refused. */
  async did<R>(worker: string, name: string, input: object = {}): Promise<Success & { result: R }> {
    const outcome = await this.run(worker, name, input);
    if (!outcome.ok) throw new Error(`${name}: ${outcome.code}: ${outcome.message}`);
    return outcome as Success & { result: R };
  }

  get tip(): Oid {
    if (this.remote.record === null) throw new Error("there is no record yet");
    return this.remote.record;
  }

  /** A person's commit on the record, or on another commit; more parents make it a merge of the first one's files. */
  async hand(
    edits: Record<string, Edit>,
    parents: readonly Oid[] = [this.tip],
    subject = "by hand",
  ): Promise<Oid> {
    this.now += MINUTE;
    const base = await this.tree(parents[0] as Oid);
    const blobs: GitObject[] = [];
    const changes = [];
    for (const [path, edit] of Object.entries(edits)) {
      const text = typeof edit === "function" ? edit((await this.text(path, parents[0])) ?? "") : edit;
      const blob = text === null ? undefined : blobOf(text);
      if (blob) blobs.push(blob);
      changes.push({ path, oid: blob?.oid ?? null });
    }
    const { tree, objects } = await editTree(this.remote.store, base, changes);
    const who = { name: "Person", email: "p@example.org", at_ms: this.now };
    const fields = { tree, parents: [...parents], author: who, committer: who, message: `${subject}\n` };
    const commit = objectOf("commit", encodeCommit(fields));
    await this.remote.store.write([...blobs, ...objects, commit]);
    return commit.oid;
  }

  /** A person's commit, pushed. */
  async push(edits: Record<string, Edit>, subject?: string): Promise<void> {
    this.remote.record = await this.hand(edits, [this.tip], subject);
  }

  read(commit: Oid): Promise<Commit> {
    return readCommit(this.remote.store, commit);
  }

  async tree(commit: Oid): Promise<Oid> {
    return (await this.read(commit)).tree;
  }

  async text(path: string, commit: Oid = this.tip): Promise<string | undefined> {
    const bytes = await readPath(this.remote.store, await this.tree(commit), path);
    return bytes && new TextDecoder().decode(bytes);
  }

  async paths(commit: Oid = this.tip): Promise<string[]> {
    return (await listFiles(this.remote.store, await this.tree(commit))).map(({ path }) => path);
  }

  /** Every file at a commit, for a merge that takes all of one side. */
  async files(commit: Oid = this.tip): Promise<Record<string, string>> {
    const paths = await this.paths(commit);
    const texts = await Promise.all(paths.map((path) => this.text(path, commit)));
    return Object.fromEntries(paths.map((path, at) => [path, texts[at] ?? ""]));
  }

  /** Errors of the whole record: `path code`. */
  async errors(): Promise<string[]> {
    const { files, across } = await checkTree(this.remote.store, await this.tree(this.tip), this.now);
    return [...files, ...across]
      .filter(({ severity }) => severity === "error")
      .map(({ path, code }) => `${path} ${code}`);
  }

  /** Errors of the commits since one: `path code`. */
  async errorsSince(from: Oid | null): Promise<string[]> {
    const context = { now: this.now, operations: OPERATIONS };
    const { findings } = await checkRange(this.remote.store, { from, to: this.tip }, context);
    return findings
      .filter(({ severity, code }) => severity === "error" || code === "trailers_ignored")
      .map(({ path, code, message }) => `${path} ${code} ${message}`);
  }
}
