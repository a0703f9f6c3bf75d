/** `owp member invite`: the code is made where the operation is run, and is no option (FEATURES C07). */
import type { InputCheck } from "../../core/operation.ts";
import type { Command } from "../command.ts";
import { withProperties } from "../widen.ts";

/** Stands in for the hash, where only the rest of the input is looked at. */
const SOME_HASH = `sha256:${"0".repeat(64)}`;

export const memberInvite = (plain: Command): Command => ({
  ...plain,
  load: async () => {
    const { schema, check, run } = await plain.load();
    const checkRest: InputCheck = (input) => {
      const valid = check?.({ ...(input as object), code_hash: SOME_HASH }) ?? true;
      checkRest.errors = check?.errors;
      return valid;
    };
    return { schema: withProperties(schema, {}, ["code_hash"]), check: checkRest, run };
  },
});
