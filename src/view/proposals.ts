/** `owp proposal …` and `owp vote …`. */
import { renderEntries } from "../core/yaml-write.ts";
import type { ProposalsCompared } from "../domain/governance/diff.ts";
import type { ListedProposal, ProposalsListed } from "../domain/governance/list.ts";
import type { Reacted } from "../domain/governance/react.ts";
import type { Outcome, ProposalWritten, Tally } from "../domain/governance/result.ts";
import type { ProposalsSettled } from "../domain/governance/settle.ts";
import type { EffectShown, ProposalShown } from "../domain/governance/show.ts";
import type { Voted } from "../domain/governance/vote.ts";
import type { ListedVote, VotesListed } from "../domain/governance/vote-list.ts";
import { renderChanges } from "./diff.ts";
import type { Look, View } from "./look.ts";
import { type Ink, indent, paint } from "./paint.ts";
import { type Column, renderTable } from "./table.ts";
import { count, listing, relative } from "./words.ts";

const INKS: Readonly<Record<string, Ink>> = {
  draft: "dim",
  open: "yellow",
  accepted: "green",
  rejected: "red",
  withdrawn: "dim",
  superseded: "dim",
  unreadable: "red",
};

const status = (word: string, look: Look): string => paint(look, INKS[word] ?? "dim", word);
const tail = (id: string): string => id.slice(-4);
const BAR_CELLS = 20;

/** `████████████████████░ 0.9687 of 0.95`: how near the votes are to a decision; against it the bar is short. */
function bar({ percent, probability, threshold, threshold_percent }: Tally, look: Look): string {
  if (look.compact) return `${probability} (accepted at ${threshold})`;
  const full = Math.floor((percent * BAR_CELLS) / 100);
  const mark = Math.min(BAR_CELLS - 1, Math.floor((threshold_percent * BAR_CELLS) / 100));
  const cells = Array.from({ length: BAR_CELLS }, (_, at) => (at < full ? "█" : at === mark ? "│" : "░"));
  return `${cells.join("")} ${probability}, accepted at ${threshold}`;
}

const signed = (number: number): string => (number > 0 ? `+${number}` : String(number));

function sums({ upvotes, downvotes, neutrals, score }: Tally): string {
  const neutral = neutrals > 0 ? `, ${neutrals} neutral` : "";
  return `${upvotes} up, ${downvotes} down${neutral} (score ${signed(score)})`;
}

function tallyLines(tally: Tally, look: Look): string[] {
  const missing = tally.min_votes - tally.upvotes - tally.downvotes;
  const wait = missing > 0 ? `; ${count(missing, "more vote")} needed` : "";
  const due = tally.verdict ? `; ${tally.verdict}, which owp sync writes down` : "";
  return [`${sums(tally)}${wait}${due}`, bar(tally, look)];
}

export const proposalWritten: View<ProposalWritten> = {
  render: ({ short, title, status: word, changed, already, forked_from, supersedes }, look) => {
    const head = `proposal ${paint(look, "cyan", short)} "${title}"`;
    if (already) return `${head}: it was so before`;
    if (changed) return `${head}: ${listing(changed)} changed`;
    const from = forked_from && word === "draft" ? `, forked from ${tail(forked_from)}` : "";
    const over = supersedes && word === "open" ? `, to supersede ${tail(supersedes)}` : "";
    return `${head} is ${status(word, look)}${from}${over}`;
  },
  next: ({ short, status: word, repo }) =>
    word === "draft"
      ? [repo === undefined ? `owp proposal edit ${short} --repo <slug>` : `owp proposal open ${short}`]
      : [],
  quiet: ({ id }) => id,
};

export const proposalShow: View<ProposalShown> = {
  render: ({ proposal, short, tally, ignored, forks, effect }, look) => {
    const { title, author, repo, forked_from, supersedes, superseded_by, decision, body, created_at } =
      proposal;
    const facts = [
      `by ${author} ${relative(created_at, look.now)}`,
      repo && `about ${repo}`,
      forked_from && `forked from ${tail(forked_from)}`,
      supersedes && `supersedes ${tail(supersedes)}`,
      superseded_by && `superseded by ${tail(superseded_by)}`,
      forks.length > 0 && `forked as ${listing(forks.map(tail))}`,
      proposal.effect &&
        effect === undefined &&
        `effect: ${listing(Object.keys(proposal.effect))} (--effect shows it)`,
    ].filter((fact) => typeof fact === "string");
    const aside = ignored > 0 ? [`${count(ignored, "vote")} ignored: owp vote list ${short}`] : [];
    const decided = decision ? decisionLines(decision) : [];
    const voted = proposal.status === "draft" ? [] : decision ? decided : tallyLines(tally, look);
    const shown = effect === undefined ? [] : ["", effect ? effectText(effect, look) : "it has no effect"];
    return [
      `${paint(look, "cyan", short)} ${paint(look, "bold", title)} ${status(proposal.status, look)}`,
      facts.join("; "),
      ...voted,
      ...aside,
      ...(body === "" ? [] : ["", body]),
      ...shown,
    ].join("\n");
  },
};

function decisionLines({
  upvotes,
  downvotes,
  posterior,
  threshold,
  effect,
  effect_failed,
  created,
}: Outcome["decision"]): string[] {
  const exact = posterior.length <= 24 ? ` (exactly ${posterior})` : "";
  const made = created ? `: ${listing(created.map(tail))}` : "";
  const did =
    effect === "failed"
      ? [`its effect failed: ${effect_failed}`]
      : effect
        ? [`its effect was applied${made}`]
        : [];
  return [`decided by ${upvotes} up, ${downvotes} down${exact} at ${threshold}`, ...did];
}

function effectText({ effect, fails, changes }: EffectShown, look: Look): string {
  const text = renderEntries({ effect }, 0).trimEnd();
  if (fails !== undefined) return `${text}\n${paint(look, "red", "it could not be applied now")}: ${fails}`;
  return changes ? `${text}\n\n${renderChanges(changes, look)}` : text;
}

const COLUMNS: readonly Column<ListedProposal>[] = [
  { head: "id", cell: (row) => row.short, ink: () => "cyan" },
  { head: "status", cell: (row) => row.status, ink: (row) => INKS[row.status] },
  { head: "title", cell: (row) => row.title, stretch: true },
  { head: "author", cell: (row) => row.author ?? "" },
  { head: "repo", cell: (row) => row.repo ?? "" },
  { head: "up", cell: (row) => String(row.upvotes), right: true },
  { head: "down", cell: (row) => String(row.downvotes), right: true },
  { head: "effect", cell: (row) => (row.effect ?? []).join(", ") },
];

export const proposalList: View<ProposalsListed> = {
  render: ({ proposals, total, offset }, look) => {
    if (total === 0) return "no proposals";
    const last = offset + proposals.length;
    const shown =
      proposals.length < total
        ? `${proposals.length === 0 ? "none" : `${offset + 1}–${last}`} of ${total} (more with --offset or --limit)`
        : count(total, "proposal");
    const rows = look.compact
      ? proposals.map(
          (row) =>
            `${row.short} ${row.status} "${row.title}" by ${row.author}, ${row.upvotes} up, ${row.downvotes} down`,
        )
      : proposals.length > 0
        ? [renderTable(proposals, COLUMNS, look)]
        : [];
    return [...rows, paint(look, "dim", shown)].join("\n");
  },
};

export const proposalDiff: View<ProposalsCompared> = {
  render: ({ from, to, changed, before, after }, look) => {
    if (changed.length === 0) return `${tail(to)} says the same as ${tail(from)}`;
    return renderChanges([{ path: `${tail(from)} → ${tail(to)}`, before, after }], look);
  },
};

export const proposalSettle: View<ProposalsSettled> = {
  render: ({ settled }, look) =>
    settled
      .map(
        (one) => `proposal ${paint(look, "cyan", one.short)} "${one.title}" is ${status(one.verdict, look)}`,
      )
      .join("\n") || "nothing to settle",
};

const VALUE: Readonly<Record<string, [word: string, ink: Ink]>> = {
  "1": ["up", "green"],
  "0": ["neutral", "dim"],
  "-1": ["down", "red"],
};

function value(of: number | null | undefined, look: Look): string {
  const [word, ink] = VALUE[String(of)] ?? ["removed", "dim"];
  return paint(look, ink, word);
}

export const vote: View<Voted> = {
  render: ({ short, title, worker, value: cast, tally, decided, already }, look) => {
    const head = `${worker}: ${value(cast, look)} on proposal ${paint(look, "cyan", short)} "${title}"`;
    const lines = already ? [`${head}; it was so before`] : [head];
    if (!decided) return [...lines, ...tallyLines(tally, look)].join("\n");
    const { verdict, decision, superseded } = decided;
    const over = superseded ? `; it supersedes ${tail(superseded)}` : "";
    return [...lines, `the proposal is ${status(verdict, look)}${over}`, ...decisionLines(decision)].join(
      "\n",
    );
  },
  quiet: ({ id }) => id,
};

export const voteReact: View<Reacted> = {
  render: ({ short, voter, worker, value: cast, already }, look) =>
    `${worker}: ${value(cast, look)} on ${voter}'s comment on ${paint(look, "cyan", short)}${already ? "; it was so before" : ""}`,
  quiet: ({ id }) => id,
};

export const voteList: View<VotesListed> = {
  render: ({ short, title, status: word, tally, decision, mine, votes, ignored }, look) => {
    const yours = mine === null ? [] : [`your vote: ${value(mine, look)}`];
    const decided = decision
      ? decisionLines(decision)
      : word === "open"
        ? tallyLines(tally, look)
        : [sums(tally)];
    return [
      `${paint(look, "cyan", short)} ${title} ${status(word, look)}`,
      ...decided,
      ...yours,
      ...votes.map((one) => voteLine(one, look)),
      ...ignored.map((one) => `${paint(look, "yellow", "ignored")} ${one.worker}: ${one.why}`),
    ].join("\n");
  },
};

function voteLine({ worker, value: cast, comment, reactions }: ListedVote, look: Look): string {
  const { up = 0, down = 0 } = reactions ?? {};
  const reacted = up + down > 0 ? paint(look, "dim", ` (${up} up, ${down} down)`) : "";
  const said = comment === undefined ? "" : `\n${indent(comment, 2)}${reacted}`;
  return `${value(cast, look)} ${worker}${said}`;
}
