/** `owp worker register`: with a token for the HTTP gateway, of which the record gets the hash alone (FEATURES A02). */
import { createHash, randomBytes } from "node:crypto";
import type { Command } from "../command.ts";
import { withProperties } from "../widen.ts";

const TOKEN_BYTES = 32;

export const workerRegister = (plain: Command): Command => ({
  ...plain,
  load: async () => {
    const { schema } = await plain.load();
    const token = { type: "boolean", default: true, description: "Make no token for the HTTP gateway." };
    return {
      schema: withProperties(schema, { token }, ["token_hash"]),
      run: (call) =>
        call.withHub(async (hub) => {
          const { token: wanted, ...input } = call.input;
          if (wanted === false) return hub.run("worker register", input, call.runOptions());
          const secret = `owpt_${randomBytes(TOKEN_BYTES).toString("base64url")}`;
          const token_hash = `sha256:${createHash("sha256").update(secret).digest("hex")}`;
          const outcome = await hub.run("worker register", { ...input, token_hash }, call.runOptions());
          const isNew =
            outcome.ok && outcome.commit !== null && (outcome.result as { already?: true }).already !== true;
          return isNew ? { ...outcome, result: { ...(outcome.result as object), token: secret } } : outcome;
        }),
    };
  },
});
