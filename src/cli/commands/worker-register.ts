/** `owp worker register`: with a token for the HTTP gateway, and the code of an invite, of which the record gets hashes alone (FEATURES A02, C07). */
import { createHash, randomBytes } from "node:crypto";
import type { Command } from "../command.ts";
import { withKeyFile } from "../key-file.ts";
import { withProperties } from "../widen.ts";

const TOKEN_BYTES = 32;

const OPTIONS = {
  invite: {
    type: "string",
    minLength: 1,
    maxLength: 200,
    description: "The code of an invite, where the policy asks for one.",
  },
  token: { type: "boolean", default: true, description: "Make no token for the HTTP gateway." },
};

export const workerRegister = (plain: Command): Command =>
  withKeyFile({
    ...plain,
    load: async () => {
      const { schema } = await plain.load();
      return {
        schema: withProperties(schema, OPTIONS, ["token_hash", "invite_hash", "pow"]),
        run: (call) =>
          call.withHub(async (hub) => {
            const { token: wanted, ...input } = call.input;
            if (wanted === false) return hub.run("worker register", input, call.runOptions());
            const secret = `owpt_${randomBytes(TOKEN_BYTES).toString("base64url")}`;
            const token_hash = `sha256:${createHash("sha256").update(secret).digest("hex")}`;
            const outcome = await hub.run("worker register", { ...input, token_hash }, call.runOptions());
            const isNew =
              outcome.ok &&
              outcome.commit !== null &&
              (outcome.result as { already?: true }).already !== true;
            return isNew ? { ...outcome, result: { ...(outcome.result as object), token: secret } } : outcome;
          }),
      };
    },
  });
