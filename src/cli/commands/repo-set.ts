/** `owp repo set`, which also looks whether the globs of its areas mean any file of the checkout it runs in. */
import { covers } from "../../core/globs.ts";
import { locateRepository } from "../../engine/git/locate.ts";
import { runGit } from "../../engine/git/process.ts";
import type { Command } from "../command.ts";

const LIST_TIMEOUT_MS = 10_000;
/** A longer list may have been cut off, and then proves nothing. */
const LIST_LIMIT_CHARS = 4_000_000;

export const repoSet = (plain: Command): Command => ({
  ...plain,
  load: async () => {
    const loaded = await plain.load();
    return {
      ...loaded,
      run: async (call) => {
        const outcome = await loaded.run(call);
        const { area } = call.input;
        if (!outcome.ok || !Array.isArray(area)) return outcome;
        const more = await idleGlobs(call.place.dir, area.map(String));
        return { ...outcome, warnings: [...outcome.warnings, ...more] };
      },
    };
  },
});

/** A warning for each glob that no tracked file matches: a slip of the pen, or another repo's. */
async function idleGlobs(dir: string, areas: readonly string[]): Promise<string[]> {
  const top = locateRepository(dir)?.toplevel;
  if (!top) return [];
  const listed = await runGit(["ls-files", "-z"], { cwd: top, timeoutMs: LIST_TIMEOUT_MS });
  if (listed.code !== 0 || listed.stdout.length > LIST_LIMIT_CHARS) return [];
  const files = listed.stdout.split("\0");
  const globs = areas.map((text) => text.slice(text.indexOf("=") + 1).trim());
  const idle = globs.filter((glob) => !files.some((file) => covers(glob, file)));
  return idle.map((glob) => {
    const meant = files.some((file) => covers(`${glob}/**`, file)) ? `; ${glob}/** would` : "";
    return `${glob} matches no file that git tracks in ${top}${meant}.`;
  });
}
