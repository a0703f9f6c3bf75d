/** A change of owp.yaml that a proposal carries: the merge patch, and what must hold of the policy that comes out. */
import { check } from "../../core/codec.ts";
import { pathOf } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import { rulesOf } from "../../core/rules.ts";
import type { Rules, Snapshot } from "../../core/snapshot.ts";
import type { Policy } from "../../generated/types.ts";
import { isMaintainer } from "../workers/acting.ts";
import { verdictOf } from "./consensus.ts";

type Json = Record<string, unknown>;

/** The fields that no vote changes: what they say is what a program must know before it may read the rest. */
const FIXED = ["kind", "protocol"] as const;
/** Nobody finds a stamp of so many bits within the life of a record. */
const HARDEST_BITS = 40;

/** The policy with the patch merged in (RFC 7386: null takes a field out), or what speaks against it. */
export function patchedPolicy(snapshot: Snapshot, patch: object): { ok: true; policy: Policy } | Refusal {
  const policy = mergePatch(snapshot.policy, patch) as Policy;
  const [wrong] = check("Policy", policy);
  if (wrong) return unfit(`owp.yaml would not be valid: ${wrong.message}`);
  const fixed = FIXED.find((field) => policy[field] !== snapshot.policy[field]);
  if (fixed) return unfit(`${fixed} of owp.yaml is not changed by a vote`);
  const why = lockout(snapshot, policy);
  if (why === undefined) return { ok: true, policy };
  return refuse("policy_lockout", `The policy would lock everyone out: ${why}. Nothing was changed.`, {
    data: { field: "effect.policy", path: pathOf("Policy", "") },
  });
}

const unfit = (why: string): Refusal =>
  refuse("invalid_input", `${why[0]?.toUpperCase()}${why.slice(1)}. Nothing was changed.`, {
    data: { field: "effect.policy" },
  });

export function mergePatch(value: unknown, patch: unknown): unknown {
  if (!isMapping(patch)) return patch;
  const merged: Json = isMapping(value) ? { ...value } : {};
  for (const [key, part] of Object.entries(patch)) {
    if (part === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], part);
  }
  return merged;
}

const isMapping = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Why nobody could act or decide under a policy any more; undefined: they could. Judged against the policy in force, so
 * that a group too small for its own threshold can still change something else.
 */
function lockout(snapshot: Snapshot, policy: Policy): string | undefined {
  const rules = rulesOf(policy);
  const active = [...snapshot.workers.values()].filter(({ status }) => status === "active");
  const maintainers = active.filter(isMaintainer);
  if (rules.registration === "closed" && maintainers.length === 0)
    return "registration would be closed, and no maintainer is active who could register anyone";
  const { signatures, pow } = (policy.governance ?? {}) as {
    signatures?: { required?: boolean };
    pow?: { required?: boolean; difficulty?: number; actions?: Record<string, number> };
  };
  if (signatures?.required && !maintainers.some((one) => (one as { ssh_key?: string }).ssh_key))
    return "signatures would be required, and no active maintainer has registered a key";
  const hardest = Math.max(pow?.difficulty ?? 0, ...Object.values(pow?.actions ?? {}));
  if (pow?.required && hardest > HARDEST_BITS)
    return `proof of work of ${hardest} bits would be asked for, and more than ${HARDEST_BITS} cannot be found`;
  return undecidable(active.length, rules, snapshot.rules);
}

/** voters: all but the author, who has no vote. */
function undecidable(members: number, { consensus }: Rules, { consensus: now }: Rules): string | undefined {
  const voters = Math.max(0, members - 1);
  if (JSON.stringify(consensus) === JSON.stringify(now)) return undefined;
  if (consensus.min_votes > voters)
    return `min_votes would be ${consensus.min_votes}, and ${members} active members give a proposal at most ${voters}`;
  if (verdictOf(voters, 0, consensus) || !verdictOf(voters, 0, now)) return undefined;
  return `${voters} votes for a proposal, all that ${members} active members can give, would no longer accept it`;
}
