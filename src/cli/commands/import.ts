/** `owp import <file|->`: reads and understands the file here, and hands the record plain items. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Refusal, refuse } from "../../core/refusal.ts";
import { type Call, type Command, refused } from "../command.ts";
import { withReview } from "../review.ts";
import { withProperties } from "../widen.ts";

const BEADS_FILE = join(".beads", "issues.jsonl");

export const importCommand = (plain: Command): Command => ({
  ...plain,
  args: ["file?"],
  load: async () => {
    const { schema } = await plain.load();
    const more = {
      file: {
        type: "string",
        description: `A file of tasks (YAML, JSON or JSON Lines), or - for standard input; with --from beads ${BEADS_FILE} if left out.`,
      },
      from: {
        enum: ["items", "beads"],
        description: "How the tasks are written, where the file does not show it.",
      },
      system: {
        type: "string",
        description:
          "A name for the source; by default beads or file. A task is found again by it and its own id.",
      },
    };
    return withReview({ schema: withProperties(schema, more, ["items"]), run: importFile });
  },
});

async function importFile(call: Call) {
  const { from, file, system, ...rest } = call.input as {
    from?: "items" | "beads";
    file?: string;
    system?: string;
  };
  const bytes = await readBytes(call, file ?? (from === "beads" ? BEADS_FILE : undefined));
  if (!(bytes instanceof Uint8Array)) return refused(bytes);
  const { parseImport } = await import("../../domain/exchange/parse.ts");
  const parsed = parseImport(bytes, from);
  if (!parsed.ok) return refused(parsed);
  call.runOptions().onProgress?.({ stage: "importing", total: parsed.items.length, done: 0 });
  const input = { ...rest, system: system ?? parsed.system, items: parsed.items };
  const outcome = await call.withHub((hub) => hub.run("import", input, call.runOptions()));
  return outcome.ok ? { ...outcome, warnings: [...parsed.warnings, ...outcome.warnings] } : outcome;
}

async function readBytes(call: Call, file: string | undefined): Promise<Uint8Array | Refusal> {
  if (file === undefined) {
    return refuse("usage", "owp import needs <file>, or - for standard input.", {
      hint: "usage: owp import <file|->",
    });
  }
  if (file === "-") return call.io.readStdin();
  try {
    return readFileSync(resolve(call.place.dir, file));
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === "ENOENT" ? "it is not there" : (error as Error).message;
    return refuse("invalid_input", `${file} cannot be read: ${reason}. Nothing was imported.`, {
      hint: "name another file",
      data: { file },
    });
  }
}
