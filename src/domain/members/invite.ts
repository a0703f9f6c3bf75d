/** Invites someone: a code that registers one member, of which the record has the hash alone (FEATURES C06–C08). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import { refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso, parseDuration, spell } from "../../core/time.ts";
import type { Invite, MemberInviteInput } from "../../generated/types.ts";
import { verifyMember } from "../governance/members.ts";
import { calledInvite, creditsUsed, type InviteStatus } from "./standing.ts";

export interface Invited {
  id: string;
  status: InviteStatus;
  expires_at: string;
  /** How many invites the member has made, this one among them, and how many the policy gives. */
  credits_used: number;
  credits_limit: number;
}

export function planMemberInvite(snapshot: Snapshot, input: MemberInviteInput, ctx: Ctx): Plan<Invited> {
  const { invites } = snapshot.rules;
  const ttl_ms = input.ttl === undefined ? invites.ttl_ms : (parseDuration(input.ttl) ?? Number.NaN);
  if (!(ttl_ms <= invites.ttl_ms))
    return refuse(
      "invalid_input",
      `ttl is ${input.ttl}; the policy lets an invite count for ${spell(invites.ttl_ms)} at most (governance.invites.ttl). Nothing was changed.`,
      { hint: "owp member invite", data: { field: "ttl", value: input.ttl } },
    );
  const me = verifyMember(snapshot, ctx, "invite");
  if (!me.ok) return me;
  const used = creditsUsed(snapshot, me.name);
  const credits = { credits_used: used, credits_limit: invites.per_member };
  if (used >= invites.per_member)
    return refuse(
      "invite_credits",
      `${me.name} has made ${used} of ${invites.per_member} invites (governance.invites.per_member). Nothing was changed.`,
      { data: { worker: me.name, ...credits } },
    );
  const taken = [...snapshot.objects("Invite")].some(({ facts }) => facts.code_hash === input.code_hash);
  if (taken)
    return refuse("already_exists", "Another invite has this code. Nothing was changed.", {
      hint: "leave the code to owp: owp member invite",
    });
  const id = ctx.newId("iv");
  const value: Invite = {
    ...{ kind: "Invite", id, code_hash: input.code_hash, by: me.name },
    ...{ created_at: iso(ctx.now), expires_at: iso(ctx.now + ttl_ms) },
  };
  return {
    ok: true,
    changes: [...me.changes, { path: pathOf("Invite", id), value }],
    event: { type: "member.invited", subject: `make ${calledInvite(id)}`, actor: me.name },
    result: { id, status: "issued", expires_at: value.expires_at, ...credits, credits_used: used + 1 },
  };
}
