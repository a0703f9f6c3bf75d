/** Takes an invite back that nobody has used, and with it the credit (FEATURES C08, C09). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import { refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { Invite, MemberRevokeInput } from "../../generated/types.ts";
import { enlist, isMaintainer } from "../workers/acting.ts";
import { calledInvite, creditsUsed, ended, readInvite } from "./standing.ts";

export interface Revoked {
  id: string;
  status: "revoked";
  by: string;
  /** Of the member who made it, after this. */
  credits_used: number;
  credits_limit: number;
  /** It was so before; nothing was published. */
  already?: true;
}

export function planMemberRevoke(snapshot: Snapshot, input: MemberRevokeInput, ctx: Ctx): Plan<Revoked> {
  const file = readInvite(snapshot, input.id);
  if (!file.ok) return file;
  const { invite, path } = file;
  const { id, by } = invite;
  const me = enlist(snapshot, ctx);
  if (!me.ok) return me;
  if (by !== me.name && !isMaintainer(me.worker))
    return refuse(
      "not_allowed",
      `Only ${by}, who made the invite, or a maintainer takes it back; you are ${me.name}. Nothing was changed.`,
      { hint: "owp member invites", data: { id, by, worker: me.name } },
    );
  if (invite.used_by !== undefined)
    return refuse(
      "invite_state",
      `The ${calledInvite(id)} ${ended(invite, "used")}, and cannot be taken back. Nothing was changed.`,
      { hint: `owp member retire ${invite.used_by}`, data: { id, status: "used", used_by: invite.used_by } },
    );
  const used = creditsUsed(snapshot, by);
  const result = (count: number): Revoked => ({
    ...{ id, status: "revoked", by, credits_used: count },
    credits_limit: snapshot.rules.invites.per_member,
  });
  if (invite.revoked_at !== undefined)
    return { ok: true, changes: [], result: { ...result(used), already: true } };
  const value: Invite = { ...invite, revoked_at: iso(ctx.now) };
  return {
    ok: true,
    changes: [...me.changes, { path, value }],
    event: {
      ...{ type: "member.invite_revoked", subject: `take back invite ${shortId(id)}`, actor: me.name },
      ...(by === me.name ? {} : { worker: by }),
    },
    result: result(used - 1),
  };
}
