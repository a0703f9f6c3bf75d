/**
 * Codes of invites, and keys. Tickets lie on the disk and files in the record, and neither ever has a code in it, or what
 * was given for a public key before it is known to be one.
 */
import { randomBytes } from "node:crypto";
import type { Refusal } from "../core/refusal.ts";
import { sha256 } from "../core/sha256.ts";
import type { Invited } from "../domain/members/invite.ts";
import { readKey } from "../domain/members/keys.ts";
import type { RecordHub } from "./hub.ts";
import type { Outcome, RunOptions } from "./types.ts";

type Input = Record<string, unknown>;

const CODE_BYTES = 15;
const PREFIX = "owpi_";

/** What people copy may come with blanks around it. */
export const hashOfCode = (code: string): string => `sha256:${sha256(code.trim())}`;

/** The operation member invite. result: Invited, with invite_code, which is nowhere else and is shown this once (C07). */
export async function runInvite(
  hub: RecordHub,
  input: Input,
  op: string,
  options: RunOptions,
): Promise<Outcome> {
  const code = `${PREFIX}${randomBytes(CODE_BYTES).toString("base64url")}`;
  const outcome = await hub.operate("member invite", { ...input, code_hash: hashOfCode(code) }, op, options);
  // Of an operation that landed before, its code was shown then.
  if (!outcome.ok || outcome.already || outcome.commit === null) return outcome;
  return { ...outcome, result: { ...(outcome.result as Invited), invite_code: code } };
}

/** The operation worker register. input: its own, and invite, the code of one. */
export async function runRegister(
  hub: RecordHub,
  { invite, ...input }: Input,
  op: string,
  options: RunOptions,
): Promise<Outcome> {
  const keyed = withKey(input);
  if (!keyed.ok) return { ...keyed, op };
  const code = typeof invite === "string" ? { invite_hash: hashOfCode(invite) } : {};
  return hub.perform("worker register", { ...keyed.input, ...code }, op, options);
}

/** The operation member rotate. */
export async function runRotate(
  hub: RecordHub,
  input: Input,
  op: string,
  options: RunOptions,
): Promise<Outcome> {
  const keyed = withKey(input);
  if (!keyed.ok) return { ...keyed, op };
  return hub.operate("member rotate", keyed.input, op, options);
}

/** The input with its key as the record has it, or why that is none. */
function withKey(input: Input): { ok: true; input: Input } | Refusal {
  if (typeof input.ssh_key !== "string") return { ok: true, input };
  const read = readKey(input.ssh_key);
  return read.ok ? { ok: true, input: { ...input, ssh_key: read.key } } : read;
}
