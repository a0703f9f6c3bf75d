/** What `owp help <words>` answers: the overview, a command, the commands of a noun, or a topic. */
import { type Refusal, refuse } from "../core/refusal.ts";
import type { Look } from "../view/look.ts";
import type { Command } from "./command.ts";
import { renderCommandHelp, renderGroup, renderOverview } from "./help.ts";
import { suggest } from "./suggest.ts";
import { TOPIC_NAMES } from "./topic-names.ts";

type HelpText = { ok: true; text: string } | Refusal;

export async function helpText(
  words: readonly string[],
  commands: readonly Command[],
  look: Look,
): Promise<HelpText> {
  const name = words.join(" ");
  if (name === "") return { ok: true, text: renderOverview(commands, look) };
  const command = commands.find((row) => row.name === name);
  const isGroup = commands.some((row) => row.name.startsWith(`${name} `));
  if (command && !isGroup) {
    const { schema } = await command.load();
    return { ok: true, text: renderCommandHelp(command, schema, look) };
  }
  if (isGroup) return { ok: true, text: renderGroup(name, commands, look) };
  const topic = TOPIC_NAMES.find((known) => known === name);
  if (topic) {
    const { renderTopic } = await import("./topics.ts");
    return { ok: true, text: renderTopic(topic, look) };
  }
  const known = [...TOPIC_NAMES, ...commands.filter((row) => !row.hidden).map((row) => row.name)];
  const near = suggest(name, known);
  const hint = near.length > 0 ? `did you mean owp help ${near.join(" or owp help ")}?` : "owp --help";
  return refuse("usage", `There is no command and no topic "${name}".`, {
    hint,
    data: { topics: [...TOPIC_NAMES] },
  });
}
