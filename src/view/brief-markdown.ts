/** `owp show --markdown`: the brief as a page for a prompt, an issue or a document. */
import type { ShowResult } from "../domain/tasks/show.ts";
import type { View } from "./look.ts";
import { oneLine } from "./paint.ts";
import { BRIEF, factsOf } from "./show.ts";
import { stateWord } from "./task-lines.ts";
import { asSaid } from "./words.ts";

/** What people wrote as text of their own; in all other parts a line is an entry. */
const PROSE = new Set(["description", "instructions", "packet", "lease", "outcome", "cut short"]);

export const briefMarkdown: View<ShowResult> = {
  render: (result, look) => {
    const { short, id, state, task, brief } = result;
    const plain = { ...look, color: false };
    const commands =
      brief?.finish.map(([command, when]) => `- \`${asSaid(command, look.said)}\`: ${when}`) ?? [];
    const parts = BRIEF.map((part) => part(result, plain)).flatMap(([title, text]) => {
      if (text === "") return [];
      const isCommands = title === "finish" || title === "next";
      return [
        `## ${capital(title)}`,
        isCommands ? commands.join("\n") : PROSE.has(title) ? text : listed(text),
      ];
    });
    return [
      `# ${short}: ${oneLine(task.title)}`,
      `${capital(stateWord(state))}; ${factsOf(result, look.now)}; \`${id}\``,
      ...parts,
    ].join("\n\n");
  },
};

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

const listed = (text: string): string =>
  text
    .split("\n")
    .map((line) => (/^(?:- |\s*$)/.test(line) ? line : `- ${line}`))
    .join("\n");
