/** The invites that one made, or all members', with what each is worth now (FEATURES C09, C10). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { MemberInvitesInput } from "../../generated/types.ts";
import { actingWorker } from "../workers/acting.ts";
import { creditsUsed, factsOf, type InviteStatus, statusOf } from "./standing.ts";

export interface ListedInvite {
  id: string;
  short: string;
  status: InviteStatus;
  by: string;
  created_at: string;
  expires_at: string;
  used_by?: string;
  used_at?: string;
  revoked_at?: string;
}

export interface InvitesListed {
  /** The newest first. */
  invites: ListedInvite[];
  /** The caller's own. */
  credits_used: number;
  credits_limit: number;
}

export function planMemberInvites(
  snapshot: Snapshot,
  { all = false }: MemberInvitesInput,
  ctx: Ctx,
): Plan<InvitesListed> {
  const me = actingWorker(snapshot, ctx).name;
  const rows = [...snapshot.objects("Invite")].sort((a, b) => (a.id < b.id ? 1 : -1));
  const broken = rows.filter((row) => row.broken !== undefined);
  const invites = rows.flatMap((row): ListedInvite[] => {
    const { code_hash: _hash, ...facts } = factsOf(row);
    if (row.broken || (!all && facts.by !== me)) return [];
    const { id, created_at } = row;
    return [{ id, short: shortId(id), status: statusOf(facts, ctx.now), ...facts, created_at }];
  });
  return {
    ok: true,
    changes: [],
    result: {
      invites,
      credits_used: creditsUsed(snapshot, me),
      credits_limit: snapshot.rules.invites.per_member,
    },
    warnings: broken.map(({ id }) => `invites/${id}.yaml cannot be read, and nobody can use it.`),
  };
}
