/** An object store in memory: the twin of the git store for the simulation and for tests. */
import type { GitObject, ObjectStore, Oid } from "../ports.ts";

export class MemoryStore implements ObjectStore {
  readonly #objects = new Map<Oid, GitObject>();

  async read(oids: readonly Oid[]): Promise<(GitObject | undefined)[]> {
    return oids.map((oid) => this.#objects.get(oid));
  }

  async write(objects: readonly GitObject[]): Promise<void> {
    for (const object of objects) this.#objects.set(object.oid, object);
  }

  /** For the hub, which copies between stores in one step. */
  peek(oid: Oid): GitObject | undefined {
    return this.#objects.get(oid);
  }

  /** For the hub, like peek. */
  put(object: GitObject): void {
    this.#objects.set(object.oid, object);
  }
}
