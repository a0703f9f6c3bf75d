/** A member's ssh key: one public key, of one member for ever (FEATURES C01, C14). */
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { readPublicKey } from "../../core/ssh-key.ts";

/** The key as the record has it. Neither the message nor the data of a refusal has a character of what was given. */
export function readKey(text: string): { ok: true; key: string } | Refusal {
  const read = readPublicKey(text);
  if (read.ok) return read;
  return refuse("invalid_input", `ssh_key is no public ssh key: ${read.why}. Nothing was changed.`, {
    hint: "--ssh-key ~/.ssh/id_ed25519.pub",
    data: { field: "ssh_key", ...(read.isPrivate ? { private: true } : {}) },
  });
}

/** A key that another member has, or that anyone had before: whose would its signature be? */
export function verifyFree(snapshot: Snapshot, key: string, name: string): Refusal | undefined {
  for (const worker of snapshot.workers.values()) {
    const had = worker.former_keys?.find((former) => former.key === key);
    if (!had && (worker.ssh_key !== key || worker.name === name)) continue;
    const whose = had
      ? `was ${worker.name}'s until ${had.until}, and is not used again`
      : `is ${worker.name}'s`;
    return refuse("key_taken", `The ssh key ${whose}. Nothing was changed.`, {
      data: { field: "ssh_key", worker: worker.name },
    });
  }
  return undefined;
}
