/** Stamps as history must show them: hard enough, for this content, fresh, and used once (FEATURES C17–C28). */
import { type Bound, difficultyOf, type PowAction, type Stamp, stampFault } from "../../core/pow.ts";
import { iso, spell } from "../../core/time.ts";
import type { Proposal, PullRequest, PullVote, Reaction, Vote, Worker } from "../../generated/types.ts";
import { type CommitRule, OWN } from "./commit-rule.ts";
import type { CommitView, FileStep } from "./commit-view.ts";
import type { RecordView } from "./record-view.ts";
import type { Found, Rule } from "./rule.ts";

/** What a stamp pays for. */
interface Paid {
  path: string;
  bound: Bound;
  stamp: Stamp | undefined;
}

export const STAMP_RULES: readonly CommitRule[] = [
  {
    code: "stamp_wrong",
    severity: "error",
    kinds: ["Worker", "Proposal", "Vote", "Reaction", "PullRequest", "PullVote", "Policy"],
    on: OWN,
    why: "What the policy asks work for carries a stamp of that difficulty, made for this member, this act and this content (C26–C28).",
    check: eachPaid(({ bound, stamp }, { rules }) => stampFault(bound, stamp, rules, bound.action)),
  },
  {
    code: "stamp_stale",
    severity: "error",
    kinds: ["Worker", "Proposal", "Vote", "Reaction", "PullRequest", "PullVote"],
    on: OWN,
    why: "A stamp names a commit that was the newest of late (C20): work is not done ahead while the record moves on, nor for another history.",
    check: eachPaid(({ stamp }, view) => {
      if (!stamp) return undefined;
      const { at_ms } = view.commit;
      const found = since(view, stamp.commit);
      if (!found)
        return `its stamp names ${stamp.commit.slice(0, 10)}, which is no commit of this history of late`;
      const { until_ms } = found;
      if (at_ms - until_ms <= view.rules.pow.ttl_ms) return undefined;
      return `its stamp names a commit that was the newest until ${iso(until_ms)}, and is used ${spell(at_ms - until_ms)} later`;
    }),
  },
  {
    code: "stamp_reused",
    severity: "error",
    kinds: ["Worker", "Proposal", "Vote", "Reaction", "PullRequest", "PullVote"],
    on: OWN,
    why: "A stamp is for one operation (C21): its own, which was not there before.",
    check: eachPaid(({ stamp }, view) => {
      if (!stamp) return undefined;
      if (stamp.op !== view.commit.entry?.op)
        return `its stamp is of the operation ${stamp.op}, and this is another`;
      return since(view, stamp.commit)?.ops.has(stamp.op)
        ? `the operation ${stamp.op} was there before, with its stamp`
        : undefined;
    }),
  },
];

export const STAMP_RECORD_RULES: readonly Rule<RecordView>[] = [
  {
    code: "stamp_twice",
    severity: "error",
    kinds: ["Worker", "Proposal", "Vote", "Reaction", "PullRequest", "PullVote"],
    why: "A stamp is for one file of one operation (C21), also where files came by a merge.",
    *check({ stamps }) {
      for (const [op, [first, ...others]] of stamps)
        for (const path of others)
          yield {
            path,
            keys: ["pow", "op"],
            message: `Its stamp is of the operation ${op}, and so is that of ${first}.`,
          };
    },
  },
];

const since = ({ commit, rules }: CommitView, oid: string) =>
  commit.past?.since(oid, commit.at_ms - rules.pow.ttl_ms - rules.max_skew_ms);

/** A check of each act in a commit for which the policy asks work; the judge says what is wrong, as the rest of a sentence. */
function eachPaid(judge: (paid: Paid, view: CommitView) => string | undefined): CommitRule["check"] {
  return function* (view): Iterable<Found> {
    for (const step of view.files) {
      const paid = paidBy(step);
      if (!paid || difficultyOf(view.rules, paid.bound.action) === 0) continue;
      const why = judge(paid, view);
      if (why) yield { path: paid.path, keys: ["pow"], message: `For ${paid.bound.action}: ${why}.` };
    }
  };
}

function paidBy({ path, kind, id, was, after }: FileStep): Paid | undefined {
  const act = after ? ACTS[kind]?.(after as never, was, id) : undefined;
  if (!act) return undefined;
  const { pow, ...content } = after as { pow?: Stamp };
  const [actor, action, target] = act;
  return { path, bound: { actor, action, target, content }, stamp: pow };
}

type Act = [actor: string, action: PowAction, target: string];

/** The act that a file's change is; undefined: one that asks for no work. */
const ACTS: {
  readonly [K in FileStep["kind"]]?: (value: never, was: boolean, id: string) => Act | undefined;
} = {
  Worker: ({ name }: Worker, was) => (was ? undefined : [name, "register", name]),
  Proposal: ({ author, id }: Proposal, was) => (was ? undefined : [author, "proposal.new", id]),
  Vote: ({ worker, proposal, removed_at }: Vote) => [
    worker,
    removed_at === undefined ? "vote.cast" : "vote.remove",
    proposal,
  ],
  Reaction: ({ worker, proposal, voter, removed_at }: Reaction) => [
    worker,
    removed_at === undefined ? "vote.react" : "vote.unreact",
    `${proposal}/${voter}`,
  ],
  PullRequest: ({ author, id }: PullRequest, was) => (was ? undefined : [author, "pr.new", id]),
  PullVote: ({ worker, pr, removed_at }: PullVote) => [
    worker,
    removed_at === undefined ? "pr.vote" : "pr.unvote",
    pr,
  ],
};
