/** Commands on a PATH of a test's own: hooks and workflows call `owp` by its name. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OWP } from "./command.ts";
import { tempDir } from "./git.ts";

/** The PATH with a folder in front in which `owp` is the built command. */
export const owpOnPath = (): string => pathWith({ owp: `exec '${process.execPath}' '${OWP}' "$@"` });

/** The PATH with commands in front, each a shell script. */
export function pathWith(commands: Readonly<Record<string, string>>): string {
  const dir = join(tempDir("owp-bin"), "bin");
  mkdirSync(dir);
  for (const [name, script] of Object.entries(commands))
    writeFileSync(join(dir, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return `${dir}:${process.env.PATH}`;
}
