/** A map with a thin layer of changes over a large frozen base: a new snapshot costs its changes, not its size. */
export class Layered<V> {
  private constructor(
    private readonly base: ReadonlyMap<string, V>,
    private readonly over: ReadonlyMap<string, V | null>,
  ) {}

  static from<V>(base: ReadonlyMap<string, V>): Layered<V> {
    return new Layered(base, new Map());
  }

  get(key: string): V | undefined {
    const changed = this.over.get(key);
    if (changed !== undefined) return changed ?? undefined;
    return this.base.get(key);
  }

  /** null: the key is gone. */
  with(changes: ReadonlyMap<string, V | null>): Layered<V> {
    if (changes.size === 0) return this;
    return new Layered(this.base, new Map([...this.over, ...changes]));
  }

  /** Keys that differ from the base, the gone ones among them. */
  changedKeys(): Iterable<string> {
    return this.over.keys();
  }

  *values(): Iterable<V> {
    if (this.over.size === 0) {
      yield* this.base.values();
      return;
    }
    for (const [key, value] of this.base) if (!this.over.has(key)) yield value;
    for (const value of this.over.values()) if (value !== null) yield value;
  }
}
