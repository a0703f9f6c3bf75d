/** Invites, proposals, votes and reactions in their compact form: what lists show and what is counted. The index keeps these beside CWOM's objects. */
import type { Invite, Proposal, PullRequest, PullVote, Reaction, Vote } from "../generated/types.ts";
import type { Link, ObjectRow } from "./object-rows.ts";
import { GOVERNANCE_KINDS, type GovernanceKind, type Kind, placeOf } from "./paths.ts";
import type { Problem } from "./snapshot.ts";

/** The folder in the proposal's where a kind lies, which keeps their ids apart in the index. */
const FOLDER = { Vote: "votes", Reaction: "reactions", PullRequest: "prs", PullVote: "prs" } as const;

/** Kinds that lie in no proposal's folder. */
type OwnFile = "Invite" | "Proposal";
const hasOwnFile = (kind: GovernanceKind): kind is OwnFile => kind === "Invite" || kind === "Proposal";

/** The id of a row: `iv_…`, `pp_…`, `pp_…/votes/ada`, `pp_…/reactions/ada/bob`, `pp_…/prs/pq_…`, `pp_…/prs/pq_…/votes/ada`. id: as in the path. */
export function rowId(kind: GovernanceKind, id: string): string {
  if (hasOwnFile(kind)) return id;
  const slash = id.indexOf("/");
  const rest = id.slice(slash + 1);
  const within = kind === "PullVote" ? rest.replace("/", "/votes/") : rest;
  return `${id.slice(0, slash)}/${FOLDER[kind]}/${within}`;
}

/** The id under which the index keeps what a path stands for. */
export function rowIdAt(path: string): string | undefined {
  const place = placeOf(path);
  if (!place) return undefined;
  return isGovernance(place.kind) ? rowId(place.kind, place.id) : place.id;
}

const isGovernance = (kind: Kind): kind is GovernanceKind => GOVERNANCE_KINDS.some((one) => one === kind);

/** The proposal that a row belongs to. */
export const proposalOf = (row: string): string => row.split("/", 1)[0] ?? row;

interface Shown {
  title: string;
  created_at: string;
  facts: Record<string, string | undefined>;
  links: Link[];
}

const link = (field: string, id: string | undefined): Link[] => (id === undefined ? [] : [[field, id]]);
const said = (value: number | undefined) => (value === undefined ? undefined : String(value));

const SHOWN: { [K in GovernanceKind]: (value: never) => Shown } = {
  Invite: ({ by, code_hash, created_at, expires_at, used_by, used_at, revoked_at }: Invite) => ({
    title: "",
    created_at,
    facts: { by, code_hash, expires_at, used_by, used_at, revoked_at },
    links: [],
  }),
  Proposal: ({ title, status, author, repo, created_at, opened_at, decided_at, ...rest }: Proposal) => ({
    title,
    created_at,
    facts: {
      ...{ status, author, repo, opened_at, decided_at },
      ...{ supersedes: rest.supersedes, superseded_by: rest.superseded_by },
      effect: rest.effect ? Object.keys(rest.effect).sort().join(" ") : undefined,
    },
    links: [...link("forked_from", rest.forked_from), ...link("supersedes", rest.supersedes)],
  }),
  Vote: ({ proposal, worker, value, comment, at, removed_at }: Vote) => ({
    title: "",
    created_at: at,
    facts: { worker, value: said(value), comment: comment === undefined ? undefined : "yes", removed_at },
    links: link("proposal", proposal),
  }),
  Reaction: ({ proposal, voter, worker, value, at, removed_at }: Reaction) => ({
    title: "",
    created_at: at,
    facts: { voter, worker, value: said(value), removed_at },
    links: link("proposal", proposal),
  }),
  PullRequest: ({
    proposal,
    title,
    status,
    author,
    source_branch,
    target_branch,
    created_at,
  }: PullRequest) => ({
    title,
    created_at,
    facts: { status, author, source: source_branch, target: target_branch },
    links: link("proposal", proposal),
  }),
  PullVote: ({ proposal, pr, worker, value, at, removed_at }: PullVote) => ({
    title: "",
    created_at: at,
    facts: { pr, worker, value: said(value), removed_at },
    links: link("proposal", proposal),
  }),
};

/** id: of the row (rowId). Texts of its own: texts out of a parser are slices that keep the whole file's alive. */
export function ballotRow(kind: GovernanceKind, id: string, value: object): ObjectRow {
  const shown = SHOWN[kind](value as never);
  // Where a file lies says what it belongs to, whatever it says itself.
  const links = hasOwnFile(kind) ? shown.links : link("proposal", proposalOf(id));
  return JSON.parse(JSON.stringify({ id, kind, ...shown, links })) as ObjectRow;
}

/** The row of a file that cannot be read. */
export function brokenBallotRow(kind: GovernanceKind, id: string, problem: Problem): ObjectRow {
  return {
    ...{ id, kind, title: "(unreadable)", created_at: "1970-01-01T00:00:00Z", facts: {} },
    links: hasOwnFile(kind) ? [] : link("proposal", proposalOf(id)),
    broken: problem,
  };
}
