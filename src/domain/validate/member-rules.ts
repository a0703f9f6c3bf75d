/** How members come, as history must show it: by the policy in force, with an invite where it asks for one, under a key of their own (FEATURES C01–C16). */
import { iso, ms } from "../../core/time.ts";
import type { Invite, Worker } from "../../generated/types.ts";
import { type CommitRule, OWN } from "./commit-rule.ts";
import type { CommitView, FileStep } from "./commit-view.ts";
import type { Found } from "./rule.ts";
import { valueAt } from "./vote-rules.ts";

export const MEMBER_RULES: readonly CommitRule[] = [
  {
    code: "registration_closed",
    severity: "error",
    kinds: ["Worker", "Policy"],
    on: OWN,
    why: "Where registration is closed, a maintainer registers workers.",
    check: eachNew((worker, { rules, actor, byMaintainer, first }) => {
      if (rules.registration !== "closed" || first || byMaintainer || actor === undefined) return undefined;
      return {
        message: `${actor} registered ${worker.name}, registration is closed, and ${actor} is no maintainer.`,
      };
    }),
  },
  {
    code: "invite_missing",
    severity: "error",
    kinds: ["Worker", "Invite", "Policy"],
    on: OWN,
    why: "Where the policy asks for invites, whoever registers uses one in the same commit (C05); the first member needs none (C12).",
    check: eachNew((worker, view) => {
      if (!view.rules.invites.required || isFirst(view)) return undefined;
      const used = view.files.some(({ kind, after }) => kind === "Invite" && usedBy(after) === worker.name);
      if (used && worker.invite !== undefined) return undefined;
      return { message: `${worker.name} was registered without an invite, and the policy asks for one.` };
    }),
  },
  {
    code: "invite_spent",
    severity: "error",
    kinds: ["Invite", "Worker"],
    on: OWN,
    why: "An invite is used once, by the worker whom it registers, before it ends and unless it was taken back (C06, C09, C11).",
    check: (view) => [...spent(view)],
  },
  {
    code: "invite_credits",
    severity: "error",
    kinds: ["Invite", "Worker", "Policy"],
    on: OWN,
    why: "A member makes as many invites as the policy gives, and for no longer (C08); those that were taken back unused do not count.",
    check: (view) => [...overdrawn(view)],
  },
  {
    code: "key_taken",
    severity: "error",
    kinds: ["Worker"],
    on: OWN,
    why: "A key is one member's: with two names to it, a signature would not say whose it is.",
    check: (view) => [...takenKeys(view)],
  },
];

/** A check of workers who are new with this commit. */
function eachNew(judge: (worker: Worker, view: CommitView) => Found | undefined): CommitRule["check"] {
  return function* (view): Iterable<Found> {
    for (const { path, kind, was, after } of view.files) {
      const found = kind === "Worker" && !was && after ? judge(after as Worker, view) : undefined;
      if (found) yield { path, ...found };
    }
  };
}

/** Nobody is there yet. */
const isFirst = ({ before }: CommitView): boolean => before.all("Worker", "workers").length === 0;

const usedBy = (invite: unknown): string | undefined => (invite as Invite | undefined)?.used_by;

function* spent({ files, commit }: CommitView): Iterable<Found> {
  for (const { path, kind, id, before, after } of files) {
    if (kind !== "Invite" || !after) continue;
    const [was, is] = [before, after] as [Invite | undefined, Invite];
    const found = (key: keyof Invite & string, message: string): Found => ({ path, keys: [key], message });
    if (was?.used_by !== undefined && was.used_by !== is.used_by) {
      yield found("used_by", `It was used by ${was.used_by} before.`);
      continue;
    }
    if (was?.revoked_at !== undefined && is.revoked_at !== was.revoked_at)
      yield found("revoked_at", "It was taken back before, which stands.");
    if (is.used_by === undefined || is.used_by === was?.used_by) continue;
    const registers = files.some(
      ({ kind: other, was: known, after: worker }) =>
        other === "Worker" && !known && registersWith(worker, id, is),
    );
    if (was?.revoked_at !== undefined) yield found("used_by", `It was taken back at ${was.revoked_at}.`);
    else if (ms(is.expires_at) < commit.at_ms)
      yield found("used_by", `It ended at ${is.expires_at}, and was used at ${iso(commit.at_ms)}.`);
    else if (!registers)
      yield found("used_by", `It was used by ${is.used_by}, whom the commit does not register.`);
  }
}

const registersWith = (worker: unknown, invite: string, { used_by }: Invite): boolean =>
  (worker as Worker | undefined)?.name === used_by && (worker as Worker).invite === invite;

function* overdrawn({ files, rules, before, after }: CommitView): Iterable<Found> {
  for (const { path, kind, was, after: invite } of files) {
    if (kind !== "Invite" || was || !invite) continue;
    const { by, created_at, expires_at } = invite as Invite;
    const member = valueAt<Worker>(before, "Worker", by);
    if (!member || member.status === "retired") {
      yield { path, keys: ["by"], message: `${by} ${member ? "has retired" : "is no member"}, and invites.` };
      continue;
    }
    if (ms(expires_at) - ms(created_at) > rules.invites.ttl_ms)
      yield { path, keys: ["expires_at"], message: "It counts for longer than the policy gives." };
    const made = after
      .all<Invite>("Invite", "invites")
      .filter(
        ({ value }) => value?.by === by && (value.revoked_at === undefined || value.used_by !== undefined),
      );
    if (made.length > rules.invites.per_member)
      yield {
        path,
        message: `${by} has ${made.length} invites, and the policy gives ${rules.invites.per_member}.`,
      };
  }
}

function* takenKeys({ files, after }: CommitView): Iterable<Found> {
  for (const { path, kind, id, before, after: worker } of files) {
    const key = kind === "Worker" ? keyOf(worker) : undefined;
    if (key === undefined || key === keyOf(before)) continue;
    const other = after
      .all<Worker>("Worker", "workers")
      .find((one) => one.id !== id && keyOf(one.value) === key);
    if (other) yield { path, keys: ["ssh_key"], message: `The key is that of ${other.id}.` };
  }
}

const keyOf = (worker: FileStep["after"]): string | undefined =>
  (worker as Worker | undefined)?.ssh_key?.split(" ", 2).join(" ");
