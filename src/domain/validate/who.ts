/**
 * Who may change what: one row a kind of file. This table is the centre of what history must show. The rules of
 * who-rules.ts judge every commit by it, docs/validation.md shows it, and a kind without a row does not compile.
 */
import { type Kind, pathOf } from "../../core/paths.ts";
import type {
  Invite,
  Proposal,
  PullRequest,
  PullVote,
  Reaction,
  Repo,
  Run,
  Vote,
  Worker,
} from "../../generated/types.ts";
import type { CommitView, FileStep } from "./commit-view.ts";

export type Who =
  | "anyone"
  | "maintainer"
  | "itself"
  | "owner"
  | "executor"
  | "follower"
  | "holder"
  | "inviter"
  | "invited"
  | "author"
  | "voter"
  | "votes"
  | "effect"
  | "writer";

interface WhoRow {
  /** In messages, and in docs/validation.md. */
  words: string;
  /** Whether whoever acted in a commit is one. */
  is(step: FileStep, view: CommitView): boolean;
}

export const WHO: Readonly<Record<Who, WhoRow>> = {
  anyone: { words: "anyone", is: () => true },
  maintainer: { words: "a maintainer", is: (_step, { byMaintainer }) => byMaintainer },
  itself: { words: "the worker itself", is: ({ id }, { actor }) => id === actor },
  executor: {
    words: "its executor",
    is: ({ before, after }, { actor }) =>
      ((before ?? after) as Run | undefined)?.executor.actor.actor_id === actor,
  },
  follower: {
    words: "who changes the lease that names it",
    is: ({ id }, { tasks }) => tasks.some(({ before }) => before.lease?.run === id),
  },
  owner: {
    words: "an owner",
    is: ({ before }, { actor }) => roleIn(before as Repo | undefined, actor) === "owner",
  },
  inviter: { words: "the member who made it", is: (step, { actor }) => oldest<Invite>(step).by === actor },
  invited: {
    words: "whoever registers with it",
    is: ({ id, after }, { files }) => {
      const { used_by } = (after ?? {}) as Partial<Invite>;
      return files.some(
        ({ kind, was, after: worker }) =>
          kind === "Worker" &&
          !was &&
          (worker as Worker | undefined)?.invite === id &&
          used_by === (worker as Worker).name,
      );
    },
  },
  author: {
    words: "its author",
    is: (step, { actor }) => oldest<Proposal | PullRequest>(step).author === actor,
  },
  voter: {
    words: "the member whose it is",
    is: (step, { actor }) => oldest<Vote | Reaction | PullVote>(step).worker === actor,
  },
  // Whether they decide so is judged by the rules of verdicts.
  votes: {
    words: "the votes",
    is: ({ before, after }) => {
      const [was, is] = [before, after] as (Proposal | undefined)[];
      return was?.status !== is?.status && ["accepted", "rejected", "superseded"].includes(is?.status ?? "");
    },
  },
  // Whether it says so and may is judged by the rules of verdicts.
  effect: {
    words: "the effect of an accepted proposal",
    is: (_step, { files }) => files.some((file) => file.kind === "Proposal" && isAccepted(file)),
  },
  writer: {
    words: "who may write to its repo",
    is: ({ after }, { actor, before }) => {
      const { proposal } = (after ?? {}) as Partial<PullRequest>;
      const slug =
        proposal && (before.file(pathOf("Proposal", proposal)).value as Proposal | undefined)?.repo;
      const repo = slug && (before.file(pathOf("Repo", slug)).value as Repo | undefined);
      return ["owner", "write"].includes((repo && roleIn(repo, actor)) ?? "");
    },
  },
  // Which of them is judged by the rules of leases.
  holder: { words: "its holder, or who may take it over", is: () => true },
};

/** The commit accepts it. */
export const isAccepted = ({ before, after }: FileStep): boolean =>
  (before as Proposal | undefined)?.status !== "accepted" &&
  (after as Proposal | undefined)?.status === "accepted";

const roleIn = (repo: Repo | undefined, name: string | undefined): string | undefined =>
  name === undefined ? undefined : repo?.collaborators?.[name];

/** The file as it was before, or as it begins. */
const oldest = <Value>({ before, after }: FileStep): Partial<Value> =>
  (before ?? after ?? {}) as Partial<Value>;

export interface KindRow {
  /** Who adds one in an operation. */
  adds: readonly Who[];
  /** Who changes one in an operation. */
  changes: readonly Who[];
  /** The code of the rule that says so where someone else did. */
  breach?: string;
  /** Fields that stay as they began. */
  fixed: readonly string[];
  /**
   * A commit that is no operation. may: people edit these files. told: a warning, since it does not say who did it.
   * signed: only where the policy asks for signatures, and the one who may has signed it.
   */
  byHand: "may" | "told" | "signed";
  /** What its deletion means; left out: it may go. */
  deleted?: string;
}

/** An object that nothing changes (immutable_object). */
const fixedObject = (deleted: string): KindRow => ({
  adds: ["anyone"],
  changes: [],
  fixed: [],
  byHand: "may",
  deleted,
});

/** What a group decides with: nobody may touch it in another's name, and so nobody without a name. */
function decided(deleted: string) {
  return { breach: "not_own", byHand: "signed", deleted } as const;
}

export const WHO_MAY: Readonly<Record<Kind, KindRow>> = {
  Policy: {
    adds: ["anyone"],
    changes: ["maintainer", "effect"],
    breach: "not_maintainer",
    fixed: [],
    byHand: "may",
    deleted: "The policy was deleted; clones go on with the last valid one.",
  },
  Worker: {
    adds: ["anyone"],
    changes: ["itself", "maintainer"],
    breach: "not_maintainer",
    fixed: ["id", "created_at"],
    byHand: "may",
    deleted: "The worker was deleted; owp worker retire ends a worker.",
  },
  Repo: {
    adds: ["anyone"],
    changes: ["maintainer", "owner"],
    breach: "not_maintainer",
    fixed: ["id", "created_at"],
    byHand: "may",
    deleted: "The repo was deleted, and tasks that belong to it may still be there.",
  },
  Task: {
    adds: ["anyone"],
    changes: ["anyone"],
    fixed: ["created_at", "created_by"],
    byHand: "may",
    deleted: "The task was deleted; owp cancel ends a task that is not wanted any more.",
  },
  Lease: { adds: ["holder"], changes: ["holder", "maintainer"], fixed: [], byHand: "told" },
  JobKey: {
    adds: ["anyone"],
    changes: [],
    fixed: ["task"],
    byHand: "may",
    deleted: "The key was deleted; a request that is sent again under it would make a second job.",
  },
  ContextPacket: fixedObject(
    "The context packet was deleted, and runs that started from it can no longer be explained.",
  ),
  ConstraintSnapshot: fixedObject(
    "The constraint snapshot was deleted, and what was done under it can no longer be explained.",
  ),
  DoctrineRef: fixedObject(
    "The doctrine was deleted, and what it governed can no longer be explained; a new version supersedes it.",
  ),
  Run: {
    adds: ["anyone"],
    changes: ["executor", "follower", "maintainer"],
    breach: "run_not_holder",
    fixed: [],
    byHand: "may",
    deleted: "The run was deleted; runs are kept, and a new one supersedes it.",
  },
  Artifact: {
    adds: ["anyone"],
    changes: ["anyone"],
    fixed: [],
    byHand: "may",
    deleted: "The artifact was deleted, and its run no longer shows what it made.",
  },
  Invite: {
    adds: ["inviter"],
    changes: ["inviter", "invited", "maintainer"],
    ...decided("Invites are kept: owp member revoke takes one back."),
    fixed: ["id", "code_hash", "by", "created_at", "expires_at"],
  },
  Proposal: {
    adds: ["author"],
    changes: ["author", "votes"],
    ...decided("Proposals are kept: owp proposal withdraw ends one that is not wanted any more."),
    fixed: ["id", "author", "forked_from", "created_at"],
  },
  Vote: {
    adds: ["voter"],
    changes: ["voter"],
    ...decided("Votes are kept: owp vote --remove takes one back, and leaves its file."),
    fixed: ["proposal", "worker"],
  },
  Reaction: {
    adds: ["voter"],
    changes: ["voter"],
    ...decided("Reactions are kept: owp vote react --remove takes one back, and leaves its file."),
    fixed: ["proposal", "voter", "worker"],
  },
  PullRequest: {
    adds: ["author"],
    changes: ["author", "writer", "maintainer"],
    ...decided("Pull requests are kept: owp proposal pr close ends one."),
    fixed: ["id", "proposal", "author", "source_branch", "target_branch", "created_at"],
  },
  PullVote: {
    adds: ["voter"],
    changes: ["voter"],
    ...decided("Votes are kept: owp proposal pr vote --remove takes one back, and leaves its file."),
    fixed: ["proposal", "pr", "worker"],
  },
};

/** Kinds whose row names a rule. */
export const guardedBy = (code: string): Kind[] =>
  (Object.keys(WHO_MAY) as Kind[]).filter((kind) => WHO_MAY[kind].breach === code);
