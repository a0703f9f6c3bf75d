/** One step of history as the rules want to see it: what a commit changed, and whatever else of the record they ask for. */
import { type ChangedFile, type Content, type Files, Wanted } from "../../domain/validate/commit-view.ts";
import type { ObjectStore, Oid } from "../../engine/ports.ts";
import { listFiles, readPaths, type TreeChange } from "../../engine/tree.ts";
import { contentsOf } from "./record.ts";

type Side = "before" | "after";

/** The trees of a commit and of a parent, of which parts are loaded. before null: a first commit has none. */
export class Step {
  readonly before: Files;
  readonly after: Files;
  readonly #trees: Record<Side, Oid | null>;
  readonly #files = { before: new Map<string, Content>(), after: new Map<string, Content>() };
  readonly #folders = { before: new Map<string, string[]>(), after: new Map<string, string[]>() };

  constructor(
    private readonly store: ObjectStore,
    before: Oid | null,
    after: Oid,
  ) {
    this.#trees = { before, after };
    this.before = this.#side("before");
    this.after = this.#side("after");
  }

  #side(side: Side): Files {
    return {
      read: (path) => {
        if (!this.#files[side].has(path)) throw new Wanted(side, path, false);
        return this.#files[side].get(path);
      },
      below: (folder) => {
        const paths = this.#folders[side].get(folder);
        if (!paths) throw new Wanted(side, folder, true);
        return paths;
      },
    };
  }

  /** Loads these files on both sides. */
  async load(paths: readonly string[]): Promise<void> {
    for (const side of ["before", "after"] as const) await this.#read(side, paths);
  }

  /** Runs a check until nothing more is wanted; each time it is run anew. */
  async check<T>(run: () => T): Promise<T> {
    for (;;) {
      try {
        return run();
      } catch (error) {
        if (!(error instanceof Wanted)) throw error;
        if (error.isFolder) await this.#list(error.side, error.path);
        else await this.#read(error.side, [error.path]);
      }
    }
  }

  async #list(side: Side, folder: string): Promise<void> {
    const tree = this.#trees[side];
    const files = tree === null ? [] : await listFiles(this.store, tree, [folder]);
    for (const [{ path }, bytes] of await contentsOf(this.store, files)) this.#files[side].set(path, bytes);
    this.#folders[side].set(
      folder,
      files.map(({ path }) => path),
    );
  }

  async #read(side: Side, paths: readonly string[]): Promise<void> {
    const oids = await readPaths(this.store, this.#trees[side], paths);
    const there = paths.flatMap((path, index) => {
      const oid = oids[index];
      return oid == null ? [] : [{ path, oid }];
    });
    for (const path of paths) this.#files[side].set(path, undefined);
    for (const [{ path }, bytes] of await contentsOf(this.store, there)) this.#files[side].set(path, bytes);
  }
}

/** The changed files with their texts, and the paths of those that the store lacks. */
export async function readChanged(
  store: ObjectStore,
  changes: readonly TreeChange[],
): Promise<{ changed: ChangedFile[]; lost: string[] }> {
  const sides = changes.flatMap(({ before, after }) => [before, after]).filter((oid) => oid !== null);
  const contents = (
    await contentsOf(
      store,
      sides.map((oid) => ({ oid })),
    )
  ).values();
  const take = (oid: Oid | null) => (oid === null ? undefined : contents.next().value?.[1]);
  const lost: string[] = [];
  const changed: ChangedFile[] = [];
  for (const { path, before, after } of changes) {
    const [old, fresh] = [take(before), take(after)];
    if ((before !== null && !old) || (after !== null && !fresh)) lost.push(path);
    else changed.push({ path, ...(old ? { before: old } : {}), ...(fresh ? { after: fresh } : {}) });
  }
  return { changed, lost };
}
