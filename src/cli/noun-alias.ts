/** A worker and a member are one: every verb of one noun is one of the other. */
import type { Command } from "./command.ts";

const NOUNS = ["worker", "member"] as const;

/** The commands, and behind them each of these nouns' verbs under the other noun. */
export function withAliases(commands: readonly Command[]): Command[] {
  const aliases = commands.flatMap((command) => {
    const noun = NOUNS.find((one) => command.name.startsWith(`${one} `));
    if (!noun) return [];
    const others = NOUNS.filter((one) => one !== noun);
    return others.map((other) => ({
      ...command,
      name: command.name.replace(noun, other),
      examples: command.examples.map((line) => line.replace(`owp ${noun} `, `owp ${other} `)),
      aliasOf: command,
    }));
  });
  return [...commands, ...aliases];
}
