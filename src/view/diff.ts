/** What a dry run would write: small line diffs, file by file. */
import type { Look } from "./look.ts";
import { paint } from "./paint.ts";

interface FileChange {
  path: string;
  before?: string;
  after?: string;
}

/** Above this many lines a file is shown as its new text alone. */
const MAX_LINES = 2000;
const CONTEXT = 2;

export function renderChanges(changes: readonly FileChange[], look: Look): string {
  if (changes.length === 0) return "nothing would change";
  return changes.map((change) => renderChange(change, look)).join("\n");
}

function renderChange({ path, before, after }: FileChange, look: Look): string {
  if (after === undefined) return paint(look, "red", `delete ${path}`);
  const head = paint(look, "bold", `${before === undefined ? "new" : "edit"} ${path}`);
  const lines =
    before === undefined ? toLines(after).map((line) => `+${line}`) : diff(toLines(before), toLines(after));
  return [head, ...lines.map((line) => inked(line, look))].join("\n");
}

const toLines = (text: string): string[] => text.replace(/\n$/, "").split("\n");

function inked(line: string, look: Look): string {
  if (line.startsWith("+")) return paint(look, "green", line);
  if (line.startsWith("-")) return paint(look, "red", line);
  return paint(look, "dim", line);
}

/** Lines with a mark in front: blank, + or -; far from any change they are left out. */
function diff(before: string[], after: string[]): string[] {
  if (before.length > MAX_LINES || after.length > MAX_LINES) return after.map((line) => `+${line}`);
  const marked = merge(before, after);
  const near = marked.map((_, at) =>
    marked.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some((line) => !line.startsWith(" ")),
  );
  return marked.filter((_, at) => near[at]);
}

/** The longest common subsequence decides what stays. */
function merge(before: string[], after: string[]): string[] {
  const width = after.length + 1;
  const longest = new Uint16Array((before.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const out: string[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      out.push(` ${before[i++]}`);
      j++;
    } else if (i < before.length && (j >= after.length || at(i + 1, j) >= at(i, j + 1))) {
      out.push(`-${before[i++]}`);
    } else {
      out.push(`+${after[j++]}`);
    }
  }
  return out;
}
