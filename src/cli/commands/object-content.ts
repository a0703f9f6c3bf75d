/** `owp object new` and `owp object edit`: the content also from a file, from standard input, or from the editor. */
import type { Refusal } from "../../core/refusal.ts";
import type { KindWord } from "../../domain/objects/words.ts";
import { type Call, type Command, refused } from "../command.ts";
import { contentOf } from "../content.ts";
import { checkWithout, withProperties } from "../widen.ts";

const FILE = {
  type: "string",
  description:
    "The fields in CWOM's form, from this file of YAML or JSON (- for standard input); options go over them. With nothing given, an editor opens on a terminal.",
};

export const objectContent = (plain: Command): Command => ({
  ...plain,
  load: async () => {
    const loaded = await plain.load();
    return {
      ...loaded,
      schema: withProperties(loaded.schema, { file: FILE }, ["value"]),
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

/** Nothing but the kind and id was given. */
const isBare = (input: Record<string, unknown>): boolean =>
  Object.keys(input).every((name) => name === "kind" || name === "id");

async function startText(call: Call): Promise<string | Refusal> {
  const { kind, id } = call.input as { kind?: KindWord; id?: string };
  if (id === undefined) {
    const { templateOf } = await import("../object-template.ts");
    return templateOf(kind as KindWord);
  }
  const shown = await call.withHub((hub) => hub.run("object show", { id, ...(kind ? { kind } : {}) }, {}));
  if (!shown.ok) return shown;
  const { renderEntries } = await import("../../core/yaml-write.ts");
  const { object } = shown.result as { object: Record<string, unknown> };
  const { id: _id, created_at: _created, updated_at: _updated, ...content } = object;
  return renderEntries(content, 0);
}
