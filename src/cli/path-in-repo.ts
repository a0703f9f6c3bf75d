/** A path as it was typed in some folder of a checkout, seen from the top of the checkout: areas are globs from there. */
import { realpathSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { type Refusal, refuse } from "../core/refusal.ts";
import { locateRepository } from "../engine/git/locate.ts";
import type { Call, Command } from "./command.ts";
import { refused } from "./command.ts";

/** The command with its `path` made so. With no checkout around, the path is taken as it stands. */
export const withPath = (plain: Command): Command => ({
  ...plain,
  load: async () => {
    const loaded = await plain.load();
    const run = (call: Call) => {
      if (typeof call.input.path !== "string") return loaded.run(call);
      const path = pathInRepo(call.place.dir, call.input.path);
      if (typeof path !== "string") return Promise.resolve(refused(path));
      return loaded.run({ ...call, input: { ...call.input, path } });
    };
    return { ...loaded, run };
  },
});

function pathInRepo(dir: string, typed: string): string | Refusal {
  const top = locateRepository(dir)?.toplevel;
  if (!top) return typed;
  const path = relative(top, resolve(realpathSync(dir), typed)).replaceAll(sep, "/");
  if (path !== ".." && !path.startsWith("../")) return isFolder(join(top, path)) ? `${path || "."}/` : path;
  return refuse(
    "usage",
    `--path is ${typed}, which is outside of this checkout (${top}). Nothing was changed.`,
    {
      hint: "name a file or folder of the repository",
    },
  );
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
