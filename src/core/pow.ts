/**
 * Proof of work in git's form (OpenBeak, Proof of Work; FEATURES C17–C28): nobody issues a challenge, it is derived from
 * what it pays for, and anyone verifies a stamp with one hash. docs/decisions/0071-proof-of-work.md.
 */
import type { Ctx } from "./operation.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { sha256 } from "./sha256.ts";
import type { Rules, Snapshot } from "./snapshot.ts";
import { spell } from "./time.ts";

export const POW_ALGORITHM = "hashcash-sha256";

/** The acts that a policy may ask work for, and no others (C26). */
export const POW_ACTIONS = [
  "register",
  "proposal.new",
  "vote.cast",
  "vote.remove",
  "vote.react",
  "vote.unreact",
  "pr.new",
  "pr.vote",
  "pr.unvote",
] as const;
export type PowAction = (typeof POW_ACTIONS)[number];

/** What a stamp is bound to. content: the value of the file without `pow`. */
export interface Bound {
  actor: string;
  action: PowAction;
  target: string;
  content: object;
}

export interface Stamp {
  algorithm: typeof POW_ALGORITHM;
  difficulty: number;
  commit: string;
  op: string;
  nonce: string;
}

/** The seed, hex, 64 digits. */
export function seedOf({ actor, action, target, content }: Bound, commit: string, op: string): string {
  const lines = ["owp-pow-v1", actor, action, target, sha256(canonical(content)), commit, op];
  return sha256(lines.join("\n"));
}

/** Has the hash of a challenge with a nonce so many leading zero bits (C17, C18)? */
export const hasBits = (seedHex: string, nonce: string, difficulty: number): boolean =>
  leadingZeroBits(powHash(seedHex, nonce)) >= difficulty;

/** SHA-256 of the seed's bytes, a colon and the decimal nonce, in hex. */
export function powHash(seedHex: string, nonce: string): string {
  const seed = Uint8Array.from(seedHex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return sha256(new Uint8Array([...seed, ...new TextEncoder().encode(`:${nonce}`)]));
}

/** Of a hash in hex, the most significant first. */
export function leadingZeroBits(hash: string): number {
  const zeros = /^0*/.exec(hash)?.[0].length ?? 0;
  const digit = hash[zeros];
  return 4 * zeros + (digit === undefined ? 0 : Math.clz32(Number.parseInt(digit, 16)) - 28);
}

/** The hashes that a difficulty takes on average. */
export const expectedAttempts = (difficulty: number): number => 2 ** difficulty;

/** In OpenBeak's words (C25). */
export const expectedWork = (difficulty: number): string =>
  `hashcash(bits=${difficulty}, expected_attempts~${expectedAttempts(difficulty)})`;

/** 0: none is asked for. */
export const difficultyOf = ({ pow }: Rules, action: PowAction): number =>
  pow.required ? (pow.actions[action] ?? pow.difficulty) : 0;

/** What is wrong with a stamp by itself; undefined: nothing, or none is asked for. */
export function stampFault(
  bound: Bound,
  stamp: Stamp | undefined,
  rules: Rules,
  action: PowAction,
): string | undefined {
  const asked = difficultyOf(rules, action);
  if (asked === 0) return undefined;
  if (!stamp) return `${action} asks for a stamp of ${asked} bits, and there is none`;
  if (stamp.difficulty < asked)
    return `its stamp has ${stamp.difficulty} bits, and ${action} asks for ${asked}`;
  if (hasBits(seedOf(bound, stamp.commit, stamp.op), stamp.nonce, stamp.difficulty)) return undefined;
  return "its stamp does not fit: it was made for something else, or is none";
}

/** JSON with sorted keys, so that the order of a file's lines does not count. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(",")}}`;
}

/** What is to be solved, so that a policy's demand is met. */
export interface Challenge {
  algorithm: typeof POW_ALGORITHM;
  action: PowAction;
  /** Hex, 64 digits. */
  seed: string;
  /** Leading zero bits. */
  difficulty: number;
  commit: string;
  op: string;
  /** Seconds since 1970: the stamp must have been used by then (C19, C20). */
  expires_at: number;
}

/** What the engine adds to the input of an act that may ask for work. */
export interface PowInput {
  pow?: Stamp | undefined;
  /** ms since 1970 until which the stamp's commit was the record's tip, Infinity where it is; null: it is none of its history. */
  pow_tip_until?: number | null;
}

/** What a plan asks before it writes. undefined: the policy asks for no work; a stamp: it is written with the file. */
export function demandStamp(
  bound: Bound,
  input: PowInput,
  ctx: Ctx,
  rules: Rules,
  snapshot: Snapshot,
): Refusal | Stamp | undefined {
  const asked = difficultyOf(rules, bound.action);
  if (asked === 0) return undefined;
  const { pow } = input;
  const until = input.pow_tip_until;
  // A record in which nothing happens may be old: what counts is how long the commit is no longer the newest.
  const age_ms = ctx.now - (until ?? Number.NaN);
  const isSpent = age_ms > rules.pow.ttl_ms;
  if (!pow || isSpent)
    return challengeRefusal(
      bound,
      asked,
      ctx,
      rules,
      snapshot,
      isSpent ? `the stamp has expired ${spell(age_ms - rules.pow.ttl_ms)} ago` : undefined,
    );
  const why =
    pow.op !== ctx.op
      ? `its stamp is of the operation ${pow.op}, and this is ${ctx.op}`
      : until == null
        ? `its stamp names ${pow.commit.slice(0, 10)}, which is no commit of this record`
        : stampFault(bound, pow, rules, bound.action);
  if (why === undefined) return pow;
  return refuse("pow_invalid", `For ${bound.action}: ${why}. Nothing was changed.`, {
    data: { action: bound.action, target: bound.target },
  });
}

function challengeRefusal(
  bound: Bound,
  difficulty: number,
  ctx: Ctx,
  rules: Rules,
  snapshot: Snapshot,
  because = "there is none",
): Refusal {
  const commit = snapshot.tip ?? "";
  const challenge: Challenge = {
    algorithm: POW_ALGORITHM,
    action: bound.action,
    seed: seedOf(bound, commit, ctx.op),
    difficulty,
    commit,
    op: ctx.op,
    expires_at: Math.floor((ctx.now + rules.pow.ttl_ms) / 1000),
  };
  return refuse(
    "pow_required",
    `The policy asks for proof of work for ${bound.action} (${difficulty} bits), and ${because}. Nothing was changed.`,
    { data: { challenge } },
  );
}
