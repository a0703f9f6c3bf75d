/** Commands that show one result in another form on request; with --json it is the result as ever. */
import type { Command, InputSchema } from "../command.ts";
import { checkWithout, withProperties } from "../widen.ts";

/** option: the input's name of it, a flag. view: the view that shows the result then. asks: what else of the input it implies. */
export const shownAs =
  (option: string, description: string, view: string, asks: object = {}) =>
  (plain: Command): Command => ({
    ...plain,
    load: async () => {
      const loaded = await plain.load();
      const more: Record<string, InputSchema> = { [option]: { type: "boolean", description } };
      return {
        schema: withProperties(loaded.schema, more),
        ...(loaded.check ? { check: checkWithout(loaded.check, [option]) } : {}),
        run: async (call) => {
          const { [option]: wanted, ...input } = call.input;
          const outcome = await loaded.run({
            ...call,
            input: wanted === true ? { ...input, ...asks } : input,
          });
          return outcome.ok && wanted === true ? { ...outcome, shownAs: view } : outcome;
        },
      };
    },
  });
