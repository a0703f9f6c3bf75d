/** `owp job claim, heartbeat, complete, fail`: the record has hashes of claim tokens, the command line the tokens. */
import type { InputCheck } from "../../core/operation.ts";
import type { Command } from "../command.ts";
import { withProperties } from "../widen.ts";

export const JOB_TOKEN_VARIABLE = "OWP_JOB_TOKEN";

/** Stands in for the hash, where only the rest of the input is looked at. */
const SOME_HASH = `sha256:${"0".repeat(64)}`;

const TOKEN = {
  type: "string",
  minLength: 1,
  maxLength: 200,
  description: `The claim token that the claim showed; by default ${JOB_TOKEN_VARIABLE}.`,
};

/** The token is made where the claim is run, and is no option. */
export const jobClaim = (plain: Command): Command => fenced(plain, {});

/** Who acts shows the token. */
export const jobFenced = (plain: Command): Command => fenced(plain, { token: TOKEN });

function fenced(plain: Command, options: { token?: typeof TOKEN }): Command {
  return {
    ...plain,
    load: async () => {
      const { schema, check } = await plain.load();
      const checkRest: InputCheck = (input) => {
        const { token: _token, ...rest } = input as { token?: string };
        const valid = check?.({ ...rest, token_hash: SOME_HASH }) ?? true;
        checkRest.errors = check?.errors;
        return valid;
      };
      return {
        schema: withProperties(schema, options, ["token_hash"]),
        check: checkRest,
        run: (call) => {
          const token = options.token && (call.input.token ?? call.io.env[JOB_TOKEN_VARIABLE]);
          const input = token === undefined ? call.input : { ...call.input, token };
          return call.withHub((hub) => hub.run(plain.name, input, call.runOptions()));
        },
      };
    },
  };
}
