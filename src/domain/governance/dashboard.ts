/** The record at a glance: sums and four lists (FEATURES C68–C72). A pure fold; commits are counted by git and handed in. */
import type { Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { DashboardInput, Worker } from "../../generated/types.ts";
import { type ListedProposal, listed } from "./list.ts";

const DEFAULT_LIMIT = 10;

export interface TopAgent {
  worker: string;
  id: string;
  display?: string;
  proposals: number;
  votes: number;
  /** Repos that name it as an owner. */
  repos: number;
  total: number;
}

export interface TopContributor {
  worker: string;
  id: string;
  display?: string;
  commits: number;
}

export type DashboardProposal = Pick<
  ListedProposal,
  "id" | "short" | "title" | "status" | "author" | "created_at" | "score" | "upvotes" | "downvotes"
>;

export interface Dashboard {
  stats: { proposals: number; open: number; accepted: number; repos: number; agents: number };
  /** The best score first; drafts have no votes and are left out. */
  top_proposals: DashboardProposal[];
  /** The newest first. */
  recent_proposals: DashboardProposal[];
  top_agents: TopAgent[];
  top_contributors: TopContributor[];
  /** Commits by authors that are no member; null: commits were not counted. */
  unmapped_commits: number | null;
  /** No list is longer. */
  limit: number;
}

export function planDashboard(
  snapshot: Snapshot,
  { limit = DEFAULT_LIMIT, commits }: DashboardInput,
  _ctx: Ctx,
): Plan<Dashboard> {
  const proposals = [...snapshot.objects("Proposal")].map((row) => shown(listed(snapshot, row)));
  const having = (status: string) => proposals.filter((one) => one.status === status).length;
  const { top, unmapped } = contributors(snapshot, commits ?? []);
  const result: Dashboard = {
    stats: {
      proposals: proposals.length,
      open: having("open"),
      accepted: having("accepted"),
      repos: snapshot.repos.size,
      agents: [...snapshot.workers.values()].filter(({ status }) => status !== "retired").length,
    },
    top_proposals: best(
      proposals.filter(({ status }) => status !== "draft" && status !== "unreadable"),
      ({ score }) => score,
    ).slice(0, limit),
    recent_proposals: [...proposals]
      .sort((a, b) => (a.created_at === b.created_at ? byId(a, b) : a.created_at < b.created_at ? 1 : -1))
      .slice(0, limit),
    top_agents: best(agents(snapshot), ({ total }) => total).slice(0, limit),
    top_contributors: best(top, ({ commits: count }) => count).slice(0, limit),
    unmapped_commits: commits === undefined ? null : unmapped,
    limit,
  };
  return { ok: true, changes: [], result };
}

interface Identified {
  id: string;
}
const byId = (a: Identified, b: Identified): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** The highest figure first; of the same figure the lower id (C72). */
const best = <T extends Identified>(rows: readonly T[], figure: (row: T) => number): T[] =>
  [...rows].sort((a, b) => figure(b) - figure(a) || byId(a, b));

function shown(row: ListedProposal): DashboardProposal {
  const { id, title, status, author, created_at, score, upvotes, downvotes } = row;
  return {
    ...{ id, short: shortId(id), title, status, created_at, score, upvotes, downvotes },
    ...(author === undefined ? {} : { author }),
  };
}

const named = ({ name, id, display }: Worker) => ({
  worker: name,
  id,
  ...(display === undefined ? {} : { display }),
});

/** (suspends) Members who did anything that counts: proposals, votes that stand, repos of their own (C70). */
function agents(snapshot: Snapshot): TopAgent[] {
  const tally = new Map(
    [...snapshot.workers.keys()].map((name) => [name, { proposals: 0, votes: 0, repos: 0 }]),
  );
  const count = (name: unknown, what: "proposals" | "votes" | "repos") => {
    const row = typeof name === "string" ? tally.get(name) : undefined;
    if (row) row[what] += 1;
  };
  for (const { facts } of snapshot.objects("Proposal")) count((facts as Facts).author, "proposals");
  for (const { facts } of snapshot.objects("Vote")) {
    const { worker, removed_at } = facts as Facts;
    if (removed_at === undefined) count(worker, "votes");
  }
  for (const { owners = [], collaborators = {} } of snapshot.repos.values()) {
    const roles = Object.entries(collaborators).flatMap(([name, role]) => (role === "owner" ? [name] : []));
    for (const name of new Set([...owners.map(({ actor_id }) => actor_id), ...roles])) count(name, "repos");
  }
  return [...snapshot.workers.values()].flatMap((worker) => {
    const row = tally.get(worker.name);
    const total = row ? row.proposals + row.votes + row.repos : 0;
    return row && total > 0 ? [{ ...named(worker), ...row, total }] : [];
  });
}

type Facts = Record<string, string | undefined>;

/** `12345+ada@users.noreply.github.com` to `ada`. */
const NOREPLY = /^(?:\d+\+)?([^@]+)@users\.noreply\.github\.com$/;

/**
 * Authors as members (C71): by address (a worker's name, its meta key owp.email, or a host's address of its handle), then by
 * handle, then by name. What several members answer to is nobody's.
 */
function contributors(
  snapshot: Snapshot,
  authors: readonly { name: string; email: string; commits: number }[],
): { top: TopContributor[]; unmapped: number } {
  const known = {
    email: new Map<string, Worker | null>(),
    handle: new Map<string, Worker | null>(),
    name: new Map<string, Worker | null>(),
  };
  const add = (map: Map<string, Worker | null>, key: unknown, worker: Worker) => {
    if (typeof key !== "string" || key.trim() === "") return;
    const word = key.trim().toLowerCase();
    const before = map.get(word);
    map.set(word, before === undefined || before === worker ? worker : null);
  };
  for (const worker of snapshot.workers.values()) {
    add(known.email, (worker.meta as Record<string, unknown> | undefined)?.["owp.email"], worker);
    if (worker.name.includes("@")) add(known.email, worker.name, worker);
    add(known.handle, worker.github_handle?.replace(/^@/, ""), worker);
    add(known.name, worker.name, worker);
    add(known.name, worker.display, worker);
  }
  const sums = new Map<Worker, number>();
  let unmapped = 0;
  for (const { name, email, commits } of authors) {
    const [who, address] = [name.trim().toLowerCase(), email.trim().toLowerCase()];
    const handle = NOREPLY.exec(address)?.[1];
    const worker =
      known.email.get(address) ??
      (handle === undefined ? undefined : known.handle.get(handle)) ??
      known.handle.get(who) ??
      known.name.get(who);
    if (worker) sums.set(worker, (sums.get(worker) ?? 0) + commits);
    else unmapped += commits;
  }
  return { top: [...sums].map(([worker, commits]) => ({ ...named(worker), commits })), unmapped };
}
