/** `--ssh-key`: a public key as a line, or the path of the file that holds it. */
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { type Refusal, refuse } from "../core/refusal.ts";
import { type Call, type Command, refused } from "./command.ts";

const MAX_BYTES = 65_536;

/** The command with the text of its key in place of a path. */
export const withKeyFile = (plain: Command): Command => ({
  ...plain,
  load: async () => {
    const loaded = await plain.load();
    const run = async (call: Call) => {
      const typed = call.input.ssh_key;
      if (typeof typed !== "string" || isText(typed)) return loaded.run(call);
      const text = readKeyFile(resolve(call.place.dir, typed), typed);
      if (typeof text !== "string") return refused(text);
      return loaded.run({ ...call, input: { ...call.input, ssh_key: text } });
    };
    return { ...loaded, run };
  },
});

/** A key has a blank behind its type; whatever else has several lines, or is too long for a path, is looked at as a key, and refused as one. */
const isText = (typed: string): boolean =>
  /^\S+\s+\S{40,}/.test(typed.trim()) || typed.includes("\n") || typed.length > 400;

function readKeyFile(path: string, shown: string): string | Refusal {
  try {
    if (statSync(path).size <= MAX_BYTES) return readFileSync(path, "utf8");
    return unreadable(shown, "it is too large for a public key");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return unreadable(shown, code === "ENOENT" ? "it is not there" : message);
  }
}

const unreadable = (shown: string, why: string): Refusal =>
  refuse("invalid_input", `${shown} cannot be read: ${why}. Nothing was changed.`, {
    hint: "--ssh-key ~/.ssh/id_ed25519.pub, or the line that stands in it",
    data: { field: "ssh_key", file: shown },
  });
