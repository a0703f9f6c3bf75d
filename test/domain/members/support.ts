/** Invites and keys for table tests. */
import { pathOf } from "../../../src/core/paths.ts";
import { sha256 } from "../../../src/core/sha256.ts";
import type { State } from "../../../src/core/state.ts";
import type { Invite, Policy, Worker } from "../../../src/generated/types.ts";
import { at, bare, type File, HOUR, maintainer, policy, repo, worker } from "../../helpers/record.ts";

export const hashOf = (code: string): string => `sha256:${sha256(code)}`;
export const ivid = (short: string): string => `iv_${short.padStart(26, "0")}`;

/** ada's invite with the code `code-<short>`, an hour old; any field may differ. */
export function invite(short: string, fields: Partial<Omit<Invite, "kind" | "id">> = {}): File {
  const value: Invite = {
    ...{ kind: "Invite", id: ivid(short), code_hash: hashOf(`code-${short}`), by: "ada" },
    ...{ created_at: at(-HOUR), expires_at: at(24 * HOUR), ...fields },
  };
  return [pathOf("Invite", value.id), value];
}

export const KEYS = ["a", "b", "c"].map((letter) => {
  const length = (n: number) => [0, 0, 0, n];
  const bytes = [...length(11), ...Buffer.from("ssh-ed25519"), ...length(32)];
  const blob = Buffer.from([...bytes, ...new Array(32).fill(letter.charCodeAt(0))]);
  return `ssh-ed25519 ${blob.toString("base64")}`;
}) as [string, string, string];

/** Repo web, ada, bob and the maintainer max, under a policy that asks for invites. */
export const closedGroup = (...files: File[]): State =>
  under({ invites: { required: true, per_member: 2, ttl: "7d" } }, ...files);

export const under = (governance: NonNullable<Policy["governance"]>, ...files: File[]): State =>
  bare(policy({ governance }), repo("web"), worker("ada"), worker("bob"), maintainer("max"), ...files);

export const inviteIn = (state: State, short: string): Invite =>
  state.doc<Invite>(pathOf("Invite", ivid(short)))?.value as Invite;
export const memberIn = (state: State, name: string): Worker => state.workers.get(name) as Worker;
