/**
 * The claim tokens of jobs. They are made and hashed here: tickets lie on the disk and files in the record, and neither
 * ever has a token in it. Who claims gets it once, in the answer.
 */
import { randomBytes } from "node:crypto";
import { refuse } from "../../core/refusal.ts";
import { sha256 } from "../../core/sha256.ts";
import type { JobClaimed } from "../../domain/jobs/claim.ts";
import type { RecordHub } from "../hub.ts";
import type { Outcome, RunOptions } from "../types.ts";

const TOKEN_BYTES = 32;

export const hashOfToken = (token: string): string => `sha256:${sha256(token)}`;

/** result: JobClaimed, with claim_token in the job. Where nothing could be taken it is refused, also when jobs were ended. */
export async function runJobClaim(
  hub: RecordHub,
  input: Record<string, unknown>,
  op: string,
  options: RunOptions,
): Promise<Outcome> {
  const token = `owpj_${randomBytes(TOKEN_BYTES).toString("base64url")}`;
  const outcome = await hub.operate("job claim", { ...input, token_hash: hashOfToken(token) }, op, options);
  // Of an operation that landed before: its token was shown then.
  if (!outcome.ok || outcome.already || options.dry_run) return outcome;
  const result = outcome.result as JobClaimed;
  if (!result.claimed)
    return { ...refuseExhausted(result.exhausted, input.id !== undefined), op: outcome.op };
  const job = { ...result.claimed.job, claim_token: token };
  return { ...outcome, result: { ...result, claimed: { ...result.claimed, job } } };
}

function refuseExhausted(exhausted: readonly string[], isNamed: boolean) {
  const ids = exhausted.join(", ");
  const message = `Nothing was claimed. Ended as failed, since all attempts are used up (retry_exhausted): ${ids}.`;
  return refuse(isNamed ? "job_ended" : "nothing_to_claim", message, {
    hint: `owp job show ${exhausted[0]}`,
    data: { exhausted },
  });
}

/** heartbeat, complete and fail: the token that is shown, as its hash. */
export const withTokenHash =
  (name: string) =>
  async (
    hub: RecordHub,
    input: Record<string, unknown>,
    op: string,
    options: RunOptions,
  ): Promise<Outcome> => {
    const { token, ...rest } = input;
    if (typeof token !== "string" || token === "") {
      const message = `owp ${name} needs the claim token that the claim showed. Nothing was changed.`;
      const hint = "--token <token>, or OWP_JOB_TOKEN in the environment";
      return { ...refuse("invalid_input", message, { hint, data: { field: "token" } }), op };
    }
    return hub.operate(name, { ...rest, token_hash: hashOfToken(token) }, op, options);
  };
