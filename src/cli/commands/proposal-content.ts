/** `owp proposal new`, `edit` and `fork`: the content also from a file, from standard input, or from the editor. */
import type { Refusal } from "../../core/refusal.ts";
import { type Call, type Command, refused } from "../command.ts";
import { contentOf } from "../content.ts";
import { checkWithout, withProperties } from "../widen.ts";

const FILE = {
  type: "string",
  description:
    "The fields (title, body, repo, effect) from this file of YAML or JSON (- for standard input); options go over them. With nothing given, an editor opens on a terminal.",
};

const TEMPLATE = `# A new proposal. Take the # away from the lines that you fill in; a title must be there.
# It begins as a draft that only you change; owp proposal open <id> opens it for votes.

# # What is proposed, on one line. (!)
# title:

# # The text, in Markdown: every line below this one moved to the right by two blanks.
# body: |
#   ## Why
#
#   ## What

# # The repo that it is about, by slug; it must have one before it is opened.
# repo:

# # What its acceptance does, where governance.effects in owp.yaml allows it: any of these three.
# effect:
#   # A version of doctrine that is adopted.
#   doctrine: {namespace: , name: , version: , type: policy, statement: }
#   # A merge patch of owp.yaml.
#   policy: {max_estimate: 8}
#   # Tasks that are made, with the fields of owp add.
#   tasks: [{title: }]
`;

/** What comes from the command line's options alone, and what the solver of proofs of work fills in. */
const FILLED = ["value", "pow"];

export const proposalContent = (plain: Command): Command => ({
  ...plain,
  load: async () => {
    const loaded = await plain.load();
    return {
      ...loaded,
      schema: withProperties(loaded.schema, { file: FILE }, FILLED),
      ...(loaded.check && { check: checkWithout(loaded.check, ["file"]) }),
      run: async (call) => {
        const { file, ...input } = call.input;
        const read = await contentOf(call, file, { isBare, startText });
        if (read && !read.ok) return refused(read);
        return loaded.run({ ...call, input: read ? { ...input, value: read.value } : input });
      },
    };
  },
});

/** A command without some of its operation's fields: a stamp, for instance, is nothing that people type. */
export const without =
  (...names: string[]) =>
  (plain: Command): Command => ({
    ...plain,
    load: async () => {
      const loaded = await plain.load();
      return { ...loaded, schema: withProperties(loaded.schema, {}, names) };
    },
  });

/** The same, where the hub finds these fields itself: it checks the whole. */
export const throughHub =
  (...names: string[]) =>
  (plain: Command): Command => ({
    ...plain,
    load: async () => {
      const { schema, run } = await plain.load();
      const { required = [], ...rest } = withProperties(schema, {}, names);
      return { schema: { ...rest, required: required.filter((name) => !names.includes(name)) }, run };
    },
  });

const isBare = (input: Record<string, unknown>): boolean => Object.keys(input).every((name) => name === "id");

async function startText(call: Call): Promise<string | Refusal> {
  const { id } = call.input as { id?: string };
  if (id === undefined) return TEMPLATE;
  const shown = await call.withHub((hub) => hub.run("proposal show", { id }, {}));
  if (!shown.ok) return shown;
  const { renderEntries } = await import("../../core/yaml-write.ts");
  const { title, body, repo, effect } = (shown.result as { proposal: Record<string, unknown> }).proposal;
  const content = Object.entries({ title, repo, effect, body }).filter(([, value]) => value !== undefined);
  return renderEntries(Object.fromEntries(content), 0);
}
