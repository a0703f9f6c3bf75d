/** The clone's own bare repository, `owp/store.git` in the common git dir: all objects of the record, and nothing of the user's. */
import type { GitObject, ObjectStore, Oid } from "../ports.ts";
import { BatchReader } from "./batch.ts";
import { faultOf, StoreError } from "./errors.ts";
import { LOOSE_LIMIT, LOOSE_READ_LIMIT } from "./limits.ts";
import { readLoose, writeLoose } from "./loose.ts";
import { writePack } from "./pack.ts";
import { PackedReader } from "./packed.ts";

/** Children before parents, so that a crash between two files leaves nothing that names what is not there. */
const WRITE_ORDER = { blob: 0, tree: 1, commit: 2 } as const;

export class GitStore implements ObjectStore {
  readonly #batch: BatchReader;
  readonly #packed: PackedReader;

  /** path: the bare repository, as openStore made it. */
  constructor(readonly path: string) {
    this.#batch = new BatchReader(path);
    this.#packed = new PackedReader(path);
  }

  async read(oids: readonly Oid[]): Promise<(GitObject | undefined)[]> {
    const few = oids.length <= LOOSE_READ_LIMIT;
    const objects = oids.map((oid) =>
      few ? (readLoose(this.path, oid) ?? this.#packed.read(oid)) : undefined,
    );
    const rest = oids.filter((_, index) => objects[index] === undefined);
    const found = await this.#batch.read(rest);
    let next = 0;
    return objects.map((object) => object ?? found[next++]);
  }

  async write(objects: readonly GitObject[]): Promise<void> {
    const ordered = [...objects].sort((a, b) => WRITE_ORDER[a.type] - WRITE_ORDER[b.type]);
    try {
      if (objects.length > LOOSE_LIMIT)
        writePack(this.path, [...new Map(ordered.map((object) => [object.oid, object])).values()]);
      else for (const object of ordered) writeLoose(this.path, object);
    } catch (error) {
      throw new StoreError(faultOf(error as Error));
    }
  }

  /** Says that there will be reads. */
  warm(): void {
    this.#batch.warm();
  }

  /** Ends the process that reads. The store can be used again afterwards. */
  close(): void {
    this.#batch.close();
    this.#packed.close();
  }
}
