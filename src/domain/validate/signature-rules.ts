/** Signatures, where the policy in force asks for them: a commit is its actor's, or a member's, by the key that the record has. */
import { pathOf } from "../../core/paths.ts";
import { rulesOf } from "../../core/rules.ts";
import { hasKey } from "../../core/ssh-key.ts";
import type { Policy, Worker } from "../../generated/types.ts";
import { ANY, type CommitRule, OWN } from "./commit-rule.ts";
import { type CommitView, signerIn } from "./commit-view.ts";
import type { Found } from "./rule.ts";

/** The first commit of a record has no policy before it. */
const isAsked = ({ rules, first }: CommitView): boolean => rules.signatures_required && !first;

export const SIGNATURE_RULES: readonly CommitRule[] = [
  {
    code: "unsigned",
    severity: "error",
    kinds: ["Policy", "Worker"],
    on: ANY,
    why: "The policy asks for signatures (governance.signatures.required), and without one anyone who may push can write in any name.",
    check: (view) => {
      const { signed } = view.commit;
      if (!isAsked(view) || (signed && "key" in signed)) return [];
      const why = signed ? signed.fault : "it has none";
      return [{ message: `The policy asks for a signature by a member's ssh key, and ${why}.` }];
    },
  },
  {
    code: "signer_other",
    severity: "error",
    kinds: ["Policy", "Worker"],
    on: ANY,
    why: "An operation is signed with its actor's key, as the record had it before; an edit or a merge with that of any member. A first key signs the commit that brings it.",
    check: otherSigner,
  },
  {
    code: "signers_locked_out",
    severity: "error",
    kinds: ["Policy"],
    on: OWN,
    why: "Where signatures are required and no maintainer has a key on the record, no one could change anything any more.",
    check: lockedOut,
  },
];

function* otherSigner(view: CommitView): Iterable<Found> {
  const { commit, mode, actor } = view;
  if (!isAsked(view) || !commit.signed || "fault" in commit.signed) return;
  const { key } = commit.signed;
  if (mode !== "operation" || actor === undefined) {
    if (signerIn(view.before, commit.signed) === undefined)
      yield { message: "The commit is signed with a key that no member has on the record." };
    return;
  }
  const registered = keyOf(view, actor);
  if (hasKey(registered, key)) return;
  yield {
    message: registered
      ? `${commit.entry?.event} says that ${actor} did it, and another key than ${actor}'s signed it.`
      : `${commit.entry?.event} says that ${actor} did it, of whom the record has no key.`,
  };
}

/** The key that the record had before the commit; of who had none, or is new, the one that the commit brings. */
function keyOf({ before, after }: CommitView, name: string): string | undefined {
  const path = pathOf("Worker", name);
  const was = before.file(path);
  if (was.exists && !was.value) return undefined;
  const [old, fresh] = [was.value, after.file(path).value] as (Worker | undefined)[];
  return old?.ssh_key ?? fresh?.ssh_key;
}

function* lockedOut({ files, after }: CommitView): Iterable<Found> {
  const step = files.find(({ kind }) => kind === "Policy");
  if (!step?.after || !asks(step.after) || (step.before && asks(step.before))) return;
  const maintainers = after
    .all<Worker>("Worker", "workers")
    .flatMap(({ value }) =>
      value?.trust_tier === "maintainer" && value.status !== "retired" ? [value] : [],
    );
  if (maintainers.some(({ ssh_key }) => ssh_key !== undefined)) return;
  yield {
    path: step.path,
    keys: ["governance", "signatures", "required"],
    message: "Signatures are required from here on, and no maintainer has an ssh key on the record.",
  };
}

const asks = (policy: unknown): boolean => rulesOf(policy as Policy).signatures_required;
