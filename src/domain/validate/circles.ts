/** Circles in a directed graph, each named once. Linear in edges, and iterative: a chain of 100,000 is no deep stack. */

/** No circle is written out further than this. */
const MAX_NAMED = 20;

/** An edge points from a node to what it waits for (or belongs to). Targets that are no node are left out. */
export interface Graph {
  nodes: readonly string[];
  edges: (node: string) => Iterable<string>;
}

/** One shortest circle for each knot of nodes that reach each other, beginning at its smallest id; self-loops do not count. */
export const findCircles = (graph: Graph): string[][] => findKnots(graph).map(({ circle }) => circle);

/** The same, with all nodes of each knot. */
export function findKnots(graph: Graph): { circle: string[]; members: string[] }[] {
  const number = new Map(graph.nodes.map((id, index) => [id, index]));
  const next = graph.nodes.map((id, from) => {
    const targets: number[] = [];
    for (const target of graph.edges(id)) {
      const to = number.get(target);
      if (to !== undefined && to !== from) targets.push(to);
    }
    return targets;
  });
  return knots(next)
    .map((knot) => {
      const ids = knot.sort((a, b) => (nameOf(graph, a) < nameOf(graph, b) ? -1 : 1));
      const named = (indices: readonly number[]) => indices.map((index) => nameOf(graph, index));
      return { circle: named(shortest(next, ids)), members: named(ids) };
    })
    .sort((a, b) => ((a.circle[0] ?? "") < (b.circle[0] ?? "") ? -1 : 1));
}

const nameOf = (graph: Graph, index: number): string => graph.nodes[index] ?? "";

/** Tarjan's strongly connected components of more than one node. */
function knots(next: readonly number[][]): number[][] {
  const order = new Int32Array(next.length).fill(-1);
  const low = new Int32Array(next.length);
  const cursor = new Int32Array(next.length);
  const onStack = new Uint8Array(next.length);
  const stack: number[] = [];
  const found: number[][] = [];
  let counter = 0;
  const open = (node: number, path: number[]) => {
    order[node] = low[node] = counter++;
    stack.push(node);
    onStack[node] = 1;
    path.push(node);
  };
  const close = (node: number) => {
    if (low[node] !== order[node]) return;
    const knot = stack.splice(stack.lastIndexOf(node));
    for (const member of knot) onStack[member] = 0;
    if (knot.length > 1) found.push(knot);
  };
  for (let root = 0; root < next.length; root++) {
    if (order[root] !== -1) continue;
    const path: number[] = [];
    open(root, path);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const target = next[node]?.[cursor[node] ?? 0];
      cursor[node] = (cursor[node] ?? 0) + 1;
      if (target === undefined) {
        path.pop();
        close(node);
        const parent = path.at(-1);
        if (parent !== undefined) low[parent] = Math.min(low[parent] ?? 0, low[node] ?? 0);
      } else if (order[target] === -1) open(target, path);
      else if (onStack[target]) low[node] = Math.min(low[node] ?? 0, order[target] ?? 0);
    }
  }
  return found;
}

/** The shortest way from the knot's first node back to itself. */
function shortest(next: readonly number[][], knot: readonly number[]): number[] {
  const [start = 0] = knot;
  const inside = new Set(knot);
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const node of queue) {
    for (const target of next[node] ?? []) {
      if (target === start) return walkBack(cameFrom, node, start);
      if (!inside.has(target) || cameFrom.has(target)) continue;
      cameFrom.set(target, node);
      queue.push(target);
    }
  }
  return [start];
}

function walkBack(cameFrom: ReadonlyMap<number, number>, last: number, start: number): number[] {
  const way = [last];
  for (let node = last; node !== start; ) {
    node = cameFrom.get(node) ?? start;
    way.push(node);
  }
  return way.reverse();
}

/** `a → b → a`, shortened where it is long. */
export function spellCircle(ids: readonly string[]): string {
  const named =
    ids.length > MAX_NAMED ? [...ids.slice(0, MAX_NAMED), `… ${ids.length - MAX_NAMED} more …`] : ids;
  return [...named, ids[0]].join(" → ");
}
