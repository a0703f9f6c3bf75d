/** `owp proposal pr …`. */
import type { ListedPull, PullShown, PullsListed } from "../domain/governance/pull-list.ts";
import type { PullWritten } from "../domain/governance/pull-new.ts";
import type { PullVoted } from "../domain/governance/pull-vote.ts";
import type { PullTally } from "../domain/governance/pulls.ts";
import type { View } from "./look.ts";
import { type Ink, paint } from "./paint.ts";
import { type Column, renderTable } from "./table.ts";
import { relative } from "./words.ts";

const INKS: Readonly<Record<string, Ink>> = {
  open: "yellow",
  merged: "green",
  closed: "dim",
  unreadable: "red",
};
const WORDS: Readonly<Record<string, string>> = { "1": "up", "0": "neutral", "-1": "down" };
const tail = (id: string): string => id.slice(-4);
const sums = ({ upvotes, downvotes, neutrals }: PullTally): string =>
  `${upvotes} up, ${downvotes} down${neutrals > 0 ? `, ${neutrals} neutral` : ""}`;

export const pullWritten: View<PullWritten> = {
  render: ({ short, title, status, source_branch, target_branch, merged_as }, look) => {
    const at = merged_as === undefined ? "" : ` at ${merged_as.slice(0, 10)}`;
    return `pull request ${paint(look, "cyan", short)} "${title}" (${source_branch} into ${target_branch}) is ${paint(look, INKS[status] ?? "dim", status)}${at}`;
  },
  next: ({ short, proposal, status }) =>
    status === "open" ? [`owp proposal pr merge ${tail(proposal)} ${short}`] : [],
  quiet: ({ id }) => id,
};

const COLUMNS = (now: number): readonly Column<ListedPull>[] => [
  { head: "id", cell: ({ short }) => short, ink: () => "cyan" },
  { head: "proposal", cell: ({ proposal }) => tail(proposal) },
  { head: "status", cell: ({ status }) => status, ink: ({ status }) => INKS[status] },
  { head: "title", cell: ({ title }) => title, stretch: true },
  { head: "branches", cell: (row) => `${row.source_branch ?? "?"} into ${row.target_branch ?? "?"}` },
  { head: "author", cell: ({ author = "" }) => author },
  { head: "opened", cell: ({ created_at }) => relative(created_at, now) },
];

export const pullList: View<PullsListed> = {
  render: ({ pulls, total, offset }, look) => {
    if (pulls.length === 0) return total === 0 ? "no pull requests" : `no more than ${total}`;
    const more = total > pulls.length ? `\n${offset + 1} to ${offset + pulls.length} of ${total}` : "";
    return `${renderTable(pulls, COLUMNS(look.now), look)}${more}`;
  },
};

export const pullShow: View<PullShown> = {
  render: ({ pull, short, repo, tally, votes, gate }, look) => {
    const head = `pull request ${paint(look, "cyan", short)} "${pull.title}"`;
    const votesOf = votes.map(({ worker, value, comment, ignored }) => {
      const why = ignored ? " (does not count)" : "";
      return `  ${worker}: ${WORDS[String(value)]}${why}${comment ? `, ${comment}` : ""}`;
    });
    return [
      `${head} is ${paint(look, INKS[pull.status] ?? "dim", pull.status)}`,
      `of proposal ${tail(pull.proposal)} by ${pull.author}, ${pull.source_branch} into ${pull.target_branch}${repo ? ` of repo ${repo}` : ""}`,
      ...(pull.merged_as ? [`merged at ${pull.merged_as} by ${pull.closed_by}`] : []),
      `votes: ${sums(tally)}${gate === "majority" ? " (a merge asks for more up than down)" : ""}`,
      ...votesOf,
    ].join("\n");
  },
};

export const pullVote: View<PullVoted> = {
  render: ({ title, value, tally, already }) => {
    const did = value === null ? "vote removed" : `voted ${WORDS[String(value)]}`;
    return `${did} on "${title}"${already ? " before" : ""}: ${sums(tally)}`;
  },
};
