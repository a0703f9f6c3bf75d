/** Which commits this process signs, and with whose key: what the policy asks for, and what the user's git is set to do. */
import { type Refusal, refuse } from "../core/refusal.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { hasKey } from "../core/ssh-key.ts";
import type { Signer, Signing } from "./ports.ts";

/** Who acts, on the snapshot before the change and on the one after it. */
export interface Acted {
  actor: string;
  before: Snapshot;
  after: Snapshot;
}

/** The policy in force asks for signatures. Before the first commit of a record there is none. */
export const asksForSignature = (before: Pick<Snapshot, "rules">): boolean =>
  before.rules.signatures_required;

/** The signer of a commit; undefined: it is not signed. A refusal where it must be, and no one would accept it. */
export async function signerFor(
  signing: Signing | undefined,
  { actor, before, after }: Acted,
): Promise<Signer | Refusal | undefined> {
  const isAsked = asksForSignature(before);
  if (!isAsked && !signing?.always) return undefined;
  if (!signing) return noKey();
  const signer = await signing.signer();
  if ("code" in signer || !isAsked) return signer;
  // Who has no key yet gives itself its first one in a commit that is signed with it.
  const known = before.workers.get(actor)?.ssh_key ?? after.workers.get(actor)?.ssh_key;
  if (known === undefined)
    return refuse(
      "not_signed",
      `The policy asks for signed operations (governance.signatures.required), and the record has no key of ${actor}. Nothing was changed.`,
      { hint: "owp member rotate --ssh-key <file>.pub, or owp member register --ssh-key <file>.pub" },
    );
  if (hasKey(known, signer.key)) return signer;
  return refuse(
    "not_signed",
    `The policy asks for signed operations, and this clone signs with another key than the one that the record has of ${actor}. Nothing was changed.`,
    {
      hint: "git config owp.signingkey <file>, or OWP_SIGNING_KEY=<file>",
      data: { worker: actor, registered: known, configured: signer.key },
    },
  );
}

export const noKey = (): Refusal =>
  refuse(
    "not_signed",
    "The policy asks for signed operations (governance.signatures.required), and git's config names no ssh key to sign with. Nothing was changed.",
  );
