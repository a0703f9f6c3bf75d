/** What an invite is worth now, and how many a member has made (FEATURES C06–C09). Its status is read, never stored. */
import type { ObjectRow } from "../../core/object-rows.ts";
import { pathOf, shortId } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { ms } from "../../core/time.ts";
import type { Invite } from "../../generated/types.ts";
import { FRAGMENT_MIN } from "../tasks/find.ts";

export type InviteStatus = "issued" | "used" | "expired" | "revoked";

type Facts = Pick<Invite, "by" | "code_hash" | "expires_at" | "used_by" | "used_at" | "revoked_at">;
export const factsOf = (row: ObjectRow): Facts => row.facts as unknown as Facts;

/** now: ms since 1970. One that was used stays used; it ends at the moment that it names. */
export function statusOf(
  { used_by, revoked_at, expires_at }: Pick<Invite, "used_by" | "revoked_at" | "expires_at">,
  now: number,
): InviteStatus {
  if (used_by !== undefined) return "used";
  if (revoked_at !== undefined) return "revoked";
  return now >= ms(expires_at) ? "expired" : "issued";
}

/**
 * (suspends) The credits that a member has used: every invite of theirs but those that were taken back unused. Time gives
 * nothing back, so that the count is the same by every clock; revoking does, before the end and after it.
 */
export function creditsUsed(snapshot: Snapshot, member: string): number {
  return [...snapshot.objects("Invite")].filter((row) => {
    const { by, used_by, revoked_at } = factsOf(row);
    return by === member && (revoked_at === undefined || used_by !== undefined);
  }).length;
}

export type InviteFile = { ok: true; path: string; invite: Invite };

/** (suspends) The invite that was typed: an id, or a part of one that no other invite has. */
export function readInvite(snapshot: Snapshot, typed: string): InviteFile | Refusal {
  const text = typed.trim().toLowerCase();
  if (text.length < FRAGMENT_MIN)
    return refuse(
      "usage",
      `"${text}" is too short for a part of an id: four characters or more. Nothing was changed.`,
      {
        hint: "owp member invites",
        data: { id: text },
      },
    );
  const ending = snapshot.objectsEnding(text, "Invite");
  const fits =
    ending.length > 0 ? ending : [...snapshot.objects("Invite")].filter(({ id }) => id.includes(text));
  const [first] = fits;
  if (!first)
    return refuse("invite_unknown", `There is no invite ${text}. Nothing was changed.`, {
      data: { id: text },
    });
  if (fits.length > 1)
    return refuse("invite_unknown", `${fits.length} invites have ${text} in their id. Nothing was changed.`, {
      hint: "type more of the id",
      data: { candidates: fits.map(({ id }) => id).sort() },
    });
  return inviteFile(snapshot, first.id);
}

/** (suspends) */
function inviteFile(snapshot: Snapshot, id: string): InviteFile | Refusal {
  const path = pathOf("Invite", id);
  const doc = snapshot.doc<Invite>(path);
  if (doc) return { ok: true, path, invite: doc.value };
  const problem = snapshot.problems.get(path);
  return refuse(
    "record_invalid",
    `${path} cannot be read: ${problem?.message ?? "it is missing"}. Nothing was changed.`,
    { hint: `mend the file, then owp validate ${path}`, data: { path, line: problem?.line } },
  );
}

/** (suspends) The invite whose code has this hash, where it can still be used. */
export function redeemable(snapshot: Snapshot, hash: string, now: number): InviteFile | Refusal {
  const row = [...snapshot.objects("Invite")].find((one) => factsOf(one).code_hash === hash);
  if (!row)
    return refuse("invite_unknown", "No invite of this record has this code. Nothing was changed.", {
      hint: "ask a member to run: owp member invite",
    });
  const file = inviteFile(snapshot, row.id);
  if (!file.ok) return file;
  const status = statusOf(file.invite, now);
  if (status === "issued") return file;
  return refuse("invite_state", `The invite ${ended(file.invite, status)}. Nothing was changed.`, {
    hint: "ask a member to run: owp member invite",
    data: { id: row.id, status },
  });
}

/** After "The invite k3f9": how it ended. */
export function ended({ used_by, used_at, expires_at, revoked_at }: Invite, status: InviteStatus): string {
  const words: Record<InviteStatus, string> = {
    issued: "can be used",
    used: `was used by ${used_by} at ${used_at}`,
    expired: `expired at ${expires_at}`,
    revoked: `was taken back at ${revoked_at}`,
  };
  return words[status];
}

export const calledInvite = (id: string): string => `invite ${shortId(id)}`;
