/** Every target of `owp setup`, one row each; what it writes is loaded when it is wanted. */
import type { Target } from "./target.ts";

export interface TargetRow {
  name: string;
  /** One line for the list of targets. */
  summary: string;
  load(): Promise<Target>;
}

/** In the order in which they are listed. */
export const TARGETS: readonly TargetRow[] = [
  {
    name: "claude",
    summary: "A skill for Claude Code, and a hook that begins each session with owp prime",
    load: async () => (await import("./claude.ts")).claude,
  },
  {
    name: "codex",
    summary: "A part of AGENTS.md, which Codex reads",
    load: async () => (await import("./codex.ts")).codex,
  },
  {
    name: "cursor",
    summary: "A rule for Cursor, .cursor/rules/owp.mdc",
    load: async () => (await import("./cursor.ts")).cursor,
  },
  {
    name: "agents",
    summary: "A part of AGENTS.md for any coding agent, and a CLAUDE.md that leads to it where there is none",
    load: async () => (await import("./agents.ts")).agents,
  },
  {
    name: "github",
    summary: "GitHub: checks of the record, settling of merged work, a pull-request template, a ruleset",
    load: async () => (await import("./github.ts")).github,
  },
  {
    name: "gitlab",
    summary:
      "GitLab: checks of the record, settling of merged work, a merge-request template, branch protection",
    load: async () => (await import("./gitlab.ts")).gitlab,
  },
  {
    name: "hook",
    summary: "The pre-receive hook of a server of your own, which checks every push to the record",
    load: async () => (await import("./hook.ts")).hook,
  },
  {
    name: "pre-commit",
    summary: "A pre-commit hook that checks staged files in a checkout of the record",
    load: async () => (await import("./pre-commit.ts")).preCommit,
  },
  {
    name: "prepare-commit-msg",
    summary: "A commit hook that names your task in the message (Owp-Task)",
    load: async () => (await import("./prepare-commit-msg.ts")).prepareCommitMsg,
  },
  {
    name: "editor",
    summary: "Schemas of the record's files for VS Code, on the record itself",
    load: async () => (await import("./editor.ts")).editor,
  },
];
