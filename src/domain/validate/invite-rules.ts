/** What must hold of invites inside a file and across the record (FEATURES C06–C09); what history must show stands in member-rules.ts. */
import type { ObjectRow } from "../../core/object-rows.ts";
import { pathOf } from "../../core/paths.ts";
import { ms } from "../../core/time.ts";
import type { Invite } from "../../generated/types.ts";
import { factsOf } from "../members/standing.ts";
import { about, type FileRule } from "./file-rule.ts";
import type { RecordView } from "./record-view.ts";
import type { Found, Rule } from "./rule.ts";

export const INVITE_FILE_RULES: readonly FileRule[] = [
  {
    code: "invite_form",
    severity: "error",
    why: "What an invite says of itself fits together: it ends after it was made, and its use has a who and a when (C06, C09).",
    ...about("Invite", form),
  },
];

function* form({ created_at, expires_at, used_by, used_at }: Invite): Iterable<Found> {
  if (!(ms(expires_at) > ms(created_at)))
    yield { keys: ["expires_at"], message: `It ends at ${expires_at}, and was made at ${created_at}.` };
  if ((used_by === undefined) !== (used_at === undefined))
    yield used_by === undefined
      ? { keys: ["used_at"], message: "It says when it was used, and not by whom." }
      : { keys: ["used_by"], message: "It says by whom it was used, and not when." };
}

export const INVITE_RECORD_RULES: readonly Rule<RecordView>[] = [
  {
    code: "invite_reference",
    severity: "error",
    kinds: ["Invite", "Worker"],
    why: "An invite names the member who made it and the one who used it, and that one names the invite: so one code has made one member (C06).",
    check: (record) => [...named(record), ...shown(record)],
  },
  {
    code: "invite_code_twice",
    severity: "error",
    kinds: ["Invite"],
    why: "Two invites with one code would be one code that is used twice (C06).",
    check: repeatedCodes,
  },
];

const invitesOf = ({ ballots }: RecordView): ObjectRow[] =>
  [...ballots.values()].filter(({ kind }) => kind === "Invite");

/** What invites say of members. */
function* named(record: RecordView): Iterable<Found> {
  for (const row of invitesOf(record)) {
    const path = pathOf("Invite", row.id);
    const { by, used_by } = factsOf(row);
    if (!record.exists("Worker", by))
      yield { path, keys: ["by"], message: `${by}, who made it, is no member.` };
    if (used_by === undefined) continue;
    const user = record.workers.get(used_by);
    if (!user && record.exists("Worker", used_by)) continue;
    if (user?.invite === row.id) continue;
    const why = user ? `registered with ${user.invite ?? "none"}` : "is no member";
    yield { path, keys: ["used_by"], message: `It was used by ${used_by}, who ${why}.` };
  }
}

/** What members say of invites. */
function* shown(record: RecordView): Iterable<Found> {
  for (const { name, invite } of record.workers.values()) {
    if (invite === undefined) continue;
    const path = pathOf("Worker", name);
    const row = record.ballots.get(invite);
    if (!row && record.exists("Invite", invite)) continue;
    const used_by = row && factsOf(row).used_by;
    if (used_by === name) continue;
    const why = row ? `was used by ${used_by ?? "nobody"}` : "does not exist";
    yield { path, keys: ["invite"], message: `It registered with ${invite}, which ${why}.` };
  }
}

function* repeatedCodes(record: RecordView): Iterable<Found> {
  const first = new Map<string, string>();
  for (const row of invitesOf(record).sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const { code_hash } = factsOf(row);
    const other = first.get(code_hash);
    if (other === undefined) first.set(code_hash, row.id);
    else
      yield {
        path: pathOf("Invite", row.id),
        keys: ["code_hash"],
        message: `Its code is that of ${other} too.`,
      };
  }
}
