/** `owp schema`: the JSON Schema of a stored kind, whole in itself; the list of kinds without one. Needs no record. */
import { refuse } from "../../core/refusal.ts";
import { type Command, local, refused } from "../command.ts";

export const schema: Command = {
  name: "schema",
  group: "watch",
  summary: "Print the JSON Schema of a kind of file, or list the kinds",
  type: "local",
  args: ["kind?"],
  examples: ["owp schema", "owp schema run", "owp schema context-packet > context-packet.json"],
  offline: false,
  load: async () => ({
    schema: {
      properties: {
        kind: {
          type: "string",
          description: "The kind, for instance task, run or context-packet; an issue is a task.",
        },
      },
    },
    run: async ({ input }) => {
      const { findSchema, publishedSchemas, wholeSchema } = await import("../../core/published-schemas.ts");
      if (typeof input.kind !== "string") return local({ kinds: publishedSchemas() });
      const found = findSchema(input.kind);
      if (found) return local({ ...found, schema: wholeSchema(found) });
      const kinds = publishedSchemas().map(({ kind }) => kind);
      return refused(
        refuse("usage", `There is no kind ${input.kind}; there are ${kinds.join(", ")}.`, {
          hint: "owp schema",
          data: { kind: input.kind, kinds },
        }),
      );
    },
  }),
};
