/** Did-you-mean: the candidates nearest to a mistyped word. */

const MAX_DISTANCE = 3;
const MIN_LIKENESS = 0.4;

/** At most three candidates, nearest first; none where nothing is near. */
export function suggest(word: string, candidates: readonly string[]): string[] {
  const typed = word.toLowerCase();
  return candidates
    .map((candidate) => ({ candidate, away: distance(typed, candidate) }))
    .filter(({ candidate, away }) => isNear(typed, candidate, away))
    .sort((a, b) => a.away - b.away || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

function isNear(typed: string, candidate: string, away: number): boolean {
  if (typed.length > 2 && candidate.startsWith(typed)) return true;
  const longest = Math.max(typed.length, candidate.length);
  return away <= MAX_DISTANCE && (longest - away) / longest > MIN_LIKENESS;
}

/** Edits between two words; two neighbours swapped count as one edit. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, at(i - 2, j - 2) + 1);
      row[j] = best;
    }
  }
  return at(a.length, b.length);
}
