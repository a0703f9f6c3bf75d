/** The rounds of a repair: each runs all rows on the record as the rounds before left it. */
import { placeOf, shortId } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { Bench, type Changed, type Left, type Mend, type Mender } from "./bench.ts";
import type { Round } from "./evidence.ts";
import { BY_HAND, REPAIRS } from "./rows.ts";
import { verifySafe } from "./safe.ts";

/** What came of some rounds. */
export interface Mended {
  mends: Mend[];
  /** Of the last round: what stands after all mends. */
  left: Left[];
  /** Against the record at its tip. */
  changed: Changed[];
  /** The last round's, for what its files say. */
  bench: Bench;
}

/** (suspends) */
export function mendRounds(rounds: readonly Round[], snapshot: Snapshot, mender: Mender): Mended {
  const changed = new Map<string, Changed>();
  const mends: Mend[] = [];
  const texts = new Map<string, string | undefined>();
  let bench = new Bench({ findings: [], files: {}, epochs: {} }, snapshot, mender);
  for (const round of rounds) {
    bench = new Bench(round, snapshot, mender, new Map(texts));
    for (const { run } of REPAIRS) run(bench);
    verifySafe(bench);
    mends.push(...bench.mends);
    for (const { path, now, next } of bench.changed()) {
      const first = changed.get(path);
      changed.set(path, { path, now: first ? first.now : now, next });
      texts.set(path, next);
    }
  }
  if (bench.changed().length === 0) leaveTheRest(bench);
  const differs = [...changed.values()].filter(({ now, next }) => now !== next);
  return { mends, left: bench.left, bench, changed: differs.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** Whatever is still wrong when no row has anything to do any more. */
function leaveTheRest(bench: Bench): void {
  const left = new Set(bench.left.map(({ path, code }) => `${path} ${code}`));
  for (const finding of bench.round.findings) {
    const { path, code } = finding;
    if (left.has(`${path} ${code}`)) continue;
    const todo = BY_HAND[code] ?? "mend it with an editor";
    const place = placeOf(path);
    bench.leave(finding, place ? todo.replace("<id>", shortId(place.id)) : todo);
  }
}
