/** `owp member invite`, `invites`, `revoke` and `rotate`. */
import { shortId } from "../core/paths.ts";
import type { Invited } from "../domain/members/invite.ts";
import type { InvitesListed, ListedInvite } from "../domain/members/invites.ts";
import type { Revoked } from "../domain/members/revoke.ts";
import type { Rotated } from "../domain/members/rotate.ts";
import type { Look, View } from "./look.ts";
import { paint } from "./paint.ts";
import { type Column, renderTable } from "./table.ts";
import { relative } from "./words.ts";

const credits = (used: number, limit: number): string => `${used} of ${limit} invites made`;

export const memberInvite: View<Invited & { invite_code?: string }> = {
  render: ({ id, expires_at, credits_used, credits_limit, invite_code }, look) => {
    const until = `counts once, until ${expires_at} (${credits(credits_used, credits_limit)})`;
    const head = `invite ${paint(look, "cyan", shortId(id))} ${until}`;
    return invite_code ? `${head}\ncode, shown this once: ${invite_code}` : head;
  },
  next: ({ invite_code }) => (invite_code ? [`owp member register <name> --invite ${invite_code}`] : []),
  quiet: ({ id, invite_code }) => (invite_code ? `${id} ${invite_code}` : id),
};

/** What became of it, and when. */
function fate({ status, used_by, used_at, expires_at, revoked_at }: ListedInvite, now: number): string {
  if (status === "used") return `by ${used_by} ${relative(used_at, now)}`;
  return status === "revoked"
    ? relative(revoked_at, now)
    : `${status === "issued" ? "until" : "at"} ${expires_at}`;
}

const columns = (look: Look): Column<ListedInvite>[] => [
  { head: "invite", cell: ({ short }) => short, ink: () => "cyan" },
  {
    head: "status",
    cell: ({ status }) => status,
    ink: ({ status }) => (status === "issued" ? "green" : "dim"),
  },
  { head: "made by", cell: ({ by }) => by },
  { head: "", cell: (row) => fate(row, look.now), stretch: true },
];

export const memberInvites: View<InvitesListed> = {
  render: ({ invites, credits_used, credits_limit }, look) => {
    const foot = credits(credits_used, credits_limit);
    if (invites.length === 0) return `no invites (${foot})`;
    const rows = look.compact
      ? invites
          .map((row) => `${row.short} ${row.status} ${fate(row, look.now)}, made by ${row.by}`)
          .join("\n")
      : renderTable(invites, columns(look), look);
    return `${rows}\n${foot}`;
  },
};

export const memberRevoke: View<Revoked> = {
  render: ({ id, by, credits_used, credits_limit, already }, look) => {
    const was = already ? "was taken back before" : "is taken back";
    return `invite ${paint(look, "cyan", shortId(id))} ${was} (${by}: ${credits(credits_used, credits_limit)})`;
  },
  quiet: () => "",
};

export const memberRotate: View<Rotated> = {
  render: ({ name, former, already }, look) => {
    const kept = former === 0 ? "" : `, ${former} kept as former`;
    return `${paint(look, "cyan", name)}: ${already ? "it has this key already" : "has its new ssh key"}${kept}`;
  },
  quiet: () => "",
};
