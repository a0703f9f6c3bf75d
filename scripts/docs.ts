// Pages that are made from the code's tables, and the parts of others that are: `npm run docs`. A test holds them to the tables.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { renderCommands } from "./docs/commands.ts";
import { renderErrors } from "./docs/errors.ts";
import { renderFields } from "./docs/fields.ts";
import { renderLlms } from "./docs/llms.ts";
import { withMeasured } from "./docs/measured.ts";
import { renderStates } from "./docs/states.ts";
import { renderValidation } from "./docs/validation.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The pages by their paths. */
export async function renderDocs(): Promise<Record<string, string>> {
  return {
    "README.md": withMeasured(textAt("README.md") ?? "", textAt("bench/RESULTS.md")),
    "docs/commands.md": await renderCommands(),
    "docs/errors.md": renderErrors(),
    "docs/fields.md": renderFields(),
    "docs/state-machines.md": renderStates(),
    "docs/validation.md": renderValidation(),
    "llms.txt": renderLlms(),
  };
}

function textAt(path: string): string | undefined {
  const full = join(ROOT, path);
  return existsSync(full) ? readFileSync(full, "utf8") : undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const [path, text] of Object.entries(await renderDocs())) {
    if (textAt(path) === text) continue;
    writeFileSync(join(ROOT, path), text);
    console.log(`docs: ${path}`);
  }
}
