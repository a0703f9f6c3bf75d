/** An object store that keeps what was read last: each step of a history reads mostly what the step before it read. */
import type { GitObject, ObjectStore, Oid } from "../../engine/ports.ts";

const KEPT_BYTES = 32_000_000;
/** A larger object would push out too many others. */
const LARGEST_BYTES = 262_144;
/** What an object costs besides its bytes. */
const OVERHEAD_BYTES = 500;

export class KeptReads implements ObjectStore {
  readonly #kept = new Map<Oid, GitObject>();
  #bytes = 0;

  constructor(private readonly store: ObjectStore) {}

  async read(oids: readonly Oid[]): Promise<(GitObject | undefined)[]> {
    const found = oids.map((oid) => this.#kept.get(oid));
    const missing = oids.filter((_, index) => found[index] === undefined);
    if (missing.length === 0) return found;
    const fresh = (await this.store.read(missing)).values();
    return found.map((object) => {
      if (object) return object;
      const read = fresh.next().value;
      if (read) this.#keep(read);
      return read;
    });
  }

  write(objects: readonly GitObject[]): Promise<void> {
    return this.store.write(objects);
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
