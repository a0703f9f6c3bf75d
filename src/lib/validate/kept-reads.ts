/**
 * An object store for a check of many steps side by side: what they ask for in one turn becomes one read of the store below,
 * and what was read last is kept, since each step of a history reads mostly what the one before it read.
 */
import type { GitObject, ObjectStore, Oid } from "../../engine/ports.ts";

const KEPT_BYTES = 32_000_000;
/** A larger object would push out too many others. */
const LARGEST_BYTES = 262_144;
/** What an object costs besides its bytes. */
const OVERHEAD_BYTES = 500;

type Found = ReadonlyMap<Oid, GitObject>;

export class KeptReads implements ObjectStore {
  readonly #kept = new Map<Oid, GitObject>();
  #bytes = 0;
  #asked = new Set<Oid>();
  #turn: Promise<Found> | undefined;

  constructor(private readonly store: ObjectStore) {}

  async read(oids: readonly Oid[]): Promise<(GitObject | undefined)[]> {
    const known = oids.map((oid) => this.#kept.get(oid));
    const missing = oids.filter((_, index) => known[index] === undefined);
    if (missing.length === 0) return known;
    for (const oid of missing) this.#asked.add(oid);
    this.#turn ??= this.#gather();
    const fresh = await this.#turn;
    return oids.map((oid, index) => known[index] ?? fresh.get(oid));
  }

  write(objects: readonly GitObject[]): Promise<void> {
    return this.store.write(objects);
  }

  /** After everyone who is at work now has said what he needs. */
  async #gather(): Promise<Found> {
    await new Promise((resolve) => setImmediate(resolve));
    const oids = [...this.#asked];
    this.#asked = new Set();
    this.#turn = undefined;
    const found = new Map<Oid, GitObject>();
    for (const object of await this.store.read(oids)) {
      if (!object) continue;
      found.set(object.oid, object);
      this.#keep(object);
    }
    return found;
  }

  /** What came first goes first. */
  #keep(object: GitObject): void {
    if (object.data.length > LARGEST_BYTES || this.#kept.has(object.oid)) return;
    this.#kept.set(object.oid, object);
    this.#bytes += object.data.length + OVERHEAD_BYTES;
    for (const [oldest, { data }] of this.#kept) {
      if (this.#bytes <= KEPT_BYTES) break;
      this.#kept.delete(oldest);
      this.#bytes -= data.length + OVERHEAD_BYTES;
    }
  }
}
