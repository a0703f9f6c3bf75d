/**
 * Who may change what: one row a kind of file. This table is the centre of what history must show. The rules of
 * who-rules.ts judge every commit by it, docs/validation.md shows it, and a kind without a row does not compile.
 */
import type { Kind } from "../../core/paths.ts";
import type { Run } from "../../generated/types.ts";
import type { CommitView, FileStep } from "./commit-view.ts";

export type Who = "anyone" | "maintainer" | "itself" | "executor" | "follower" | "holder";

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
  // Which of them is judged by the rules of leases.
  holder: { words: "its holder, or who may take it over", is: () => true },
};

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

export const WHO_MAY: Readonly<Record<Kind, KindRow>> = {
  Policy: {
    adds: ["anyone"],
    changes: ["maintainer"],
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
    changes: ["maintainer"],
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
};

/** Kinds whose row names a rule. */
export const guardedBy = (code: string): Kind[] =>
  (Object.keys(WHO_MAY) as Kind[]).filter((kind) => WHO_MAY[kind].breach === code);
