/** Proof of work in git's form: the challenge is derived from what it pays for (FEATURES C17–C28). Verification alone. */
import { createHash } from "node:crypto";
import type { Ctx } from "./operation.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { Rules, Snapshot } from "./snapshot.ts";

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
  algorithm: "hashcash-sha256";
  difficulty: number;
  commit: string;
  op: string;
  nonce: string;
}

const sha256 = (data: string | Buffer): Buffer => createHash("sha256").update(data).digest();

/** The seed, hex, 64 digits. */
export function seedOf({ actor, action, target, content }: Bound, commit: string, op: string): string {
  const lines = ["owp-pow-v1", actor, action, target, sha256(canonical(content)).toString("hex"), commit, op];
  return sha256(lines.join("\n")).toString("hex");
}

export function hasBits(seedHex: string, nonce: string, difficulty: number): boolean {
  const hash = sha256(Buffer.concat([Buffer.from(seedHex, "hex"), Buffer.from(`:${nonce}`)]));
  let bits = 0;
  for (const byte of hash) {
    if (byte === 0) bits += 8;
    else return bits + Math.clz32(byte) - 24 >= difficulty;
  }
  return bits >= difficulty;
}

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

/** What a plan asks before it writes. undefined: the policy asks for no work; a stamp: it is written with the file. */
export function demandStamp(
  bound: Bound,
  input: { pow?: Stamp | undefined },
  _ctx: Ctx,
  rules: Rules,
  _snapshot: Snapshot,
): Refusal | Stamp | undefined {
  const why = stampFault(bound, input.pow, rules, bound.action);
  if (why === undefined) return difficultyOf(rules, bound.action) === 0 ? undefined : input.pow;
  return refuse("pow_required", `For ${bound.action}: ${why}. Nothing was changed.`);
}
