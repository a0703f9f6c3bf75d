/** `owp repair`: what was mended, or would be. */
import type { Repaired } from "../domain/repair/repair.ts";
import type { View } from "./look.ts";
import { oneLine, paint } from "./paint.ts";
import { count } from "./words.ts";

type Shown = Repaired & { would?: true };

export const repair: View<Shown> = {
  render: ({ mends, already, would }, look) => {
    if (already) return "nothing is to be mended";
    const files = new Set(mends.map(({ path }) => path)).size;
    const head = `${would ? "would mend" : "mended"} ${count(files, "file")}`;
    const lines = mends.map(({ path, did }) => `  ${paint(look, "cyan", oneLine(path))}: ${oneLine(did)}`);
    return [head, ...lines].join("\n");
  },
  next: ({ would, already, mark }) => {
    if (already) return [];
    return would ? ["owp repair --dry-run", `owp repair --agreed ${mark}`] : ["owp validate"];
  },
  quiet: ({ mends }) => [...new Set(mends.map(({ path }) => path))].join("\n"),
};
