// `npm run guides [-- <page>…]`: writes into README.md and docs/guides/ what their commands print now. Read the difference.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./command.ts";
import { Difference, runGuide } from "./guide.ts";

/** A page that changes more often than this does not come to rest. */
const MOST_CHANGES = 100;

const all = ["README.md", ...readdirSync(join(ROOT, "docs/guides")).map((name) => `docs/guides/${name}`)];
for (const page of process.argv.length > 2 ? process.argv.slice(2) : all) await write(page);

/** Runs the page from its beginning after each change, for ids of later commands come from earlier output. */
async function write(page: string): Promise<void> {
  for (let n = 0; n < MOST_CHANGES; n++) {
    const text = readFileSync(join(ROOT, page), "utf8");
    try {
      const count = await runGuide(page, text);
      console.log(`${page}: ${count} commands, ${n} changed`);
      return;
    } catch (error) {
      if (!(error instanceof Difference)) throw error;
      const lines = text.split("\n");
      const printed = error.printed.trimEnd();
      lines.splice(
        error.from,
        error.shown.split("\n").length - 1,
        ...(printed === "" ? [] : printed.split("\n")),
      );
      writeFileSync(join(ROOT, page), lines.join("\n"));
    }
  }
  throw new Error(`${page} prints something else each time it is run`);
}
