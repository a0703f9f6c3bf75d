/** An object store for many who read at the same time: what they ask for in one turn becomes one read of the store below. */
import type { GitObject, ObjectStore, Oid } from "./ports.ts";

export class GatheredReads implements ObjectStore {
  readonly #store: ObjectStore;
  readonly #known = new Map<Oid, GitObject>();
  #asked = new Set<Oid>();
  #turn: Promise<void> | undefined;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async read(oids: readonly Oid[]): Promise<(GitObject | undefined)[]> {
    for (const oid of oids) if (!this.#known.has(oid)) this.#asked.add(oid);
    if (oids.some((oid) => this.#asked.has(oid))) {
      this.#turn ??= this.#gather();
      await this.#turn;
    }
    return oids.map((oid) => this.#known.get(oid));
  }

  write(objects: readonly GitObject[]): Promise<void> {
    return this.#store.write(objects);
  }

  /** After everyone who is at work now has said what he needs. */
  async #gather(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const oids = [...this.#asked];
    this.#asked = new Set();
    this.#turn = undefined;
    for (const object of await this.#store.read(oids)) if (object) this.#known.set(object.oid, object);
  }
}
