/** Files that cannot be read, or that are gone and needed: restored as they were when they could be read last. */
import { placeOf } from "../../core/paths.ts";
import { isEnded } from "../../core/rows.ts";
import type { Task } from "../../generated/types.ts";
import { type Bench, valueIn } from "./bench.ts";
import type { Good, Version } from "./evidence.ts";

const COMMIT_LENGTH = 10;

/** `1234567890 (edit k3f9: title)` */
export const spellCommit = ({ commit, subject }: Pick<Version, "commit" | "subject">): string =>
  `${commit.slice(0, COMMIT_LENGTH)} (${subject})`;

export function restoreFiles(bench: Bench): void {
  for (const [path, { needed, good }] of Object.entries(bench.round.files)) {
    const kind = placeOf(path)?.kind;
    if (kind === undefined || kind === "Lease" || bench.value(path) !== undefined) continue;
    const isGone = bench.text(path) === undefined;
    if (isGone && !needed) continue;
    const finding = bench.round.findings.find((each) => each.path === path);
    const code = isGone ? "gone" : (finding?.code ?? "yaml_syntax");
    const best = kind === "Task" ? bestTask(path, good) : good[0];
    if (best) bench.put(path, best.text, code, `restored as it stood at ${spellCommit(best)}`);
    else if (finding && !isGone)
      bench.leave(finding, "it never could be read: mend it with an editor, or delete it");
  }
}

/** Of the sides of a merge the one that went further: the higher epoch, then the one on which the task has ended. */
function bestTask(path: string, good: readonly Good[]): Good | undefined {
  const ended = ({ text }: Good) => Number(isEnded(valueIn<Task>(path, text) as Task));
  return [...good].sort((a, b) => b.epoch - a.epoch || ended(b) - ended(a))[0];
}
