/** In which order commits came to a branch, and by which merges. */

/** A commit of the range as far as this looks at it. */
export interface Node {
  oid: string;
  parents: readonly string[];
  /** The committer's time, ms since 1970. */
  at_ms: number;
}

export interface Arrival {
  oid: string;
  /** The merges that brought it, the branch's own first; none: it was put on the branch itself. */
  via: readonly string[];
  /** When it came to the branch: the time of that merge, or its own. */
  at_ms: number;
}

/** The commits that lead to the tip, oldest first; what a merge brought stands before it. Whatever is not in the range ends the way. */
export function arrivalsOf(nodes: ReadonlyMap<string, Node>, tip: string): Arrival[] {
  const seen = new Set<string>();
  const arrivals: Arrival[] = [];
  const follow = (from: string | undefined, via: readonly string[], at_ms: number | undefined): void => {
    const line: Node[] = [];
    for (
      let node = from === undefined ? undefined : nodes.get(from);
      node && !seen.has(node.oid);
      node = nodes.get(node.parents[0] ?? "")
    ) {
      seen.add(node.oid);
      line.push(node);
    }
    for (const node of line.reverse()) {
      const at = at_ms ?? node.at_ms;
      for (const parent of node.parents.slice(1)) follow(parent, [...via, node.oid], at);
      arrivals.push({ oid: node.oid, via, at_ms: at });
    }
  };
  follow(tip, [], undefined);
  return arrivals;
}
