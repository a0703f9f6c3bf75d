/** Claude Code: a skill that tells how tasks are worked on, and a hook that begins each session with `owp prime`. */
import { entryPiece } from "./entry-piece.ts";
import { filePiece } from "./file-piece.ts";
import { stamped } from "./stamp.ts";
import { fill, guideFor, type Target } from "./target.ts";

/** A remote that does not answer must not hold a session up. */
const TIMEOUT_S = 30;
/** Without a matcher it also runs after a session was cleared or made shorter, when what was known is gone. */
const HOOK = { hooks: [{ type: "command", command: "owp prime", timeout: TIMEOUT_S }] };

export const claude: Target = {
  pieces: async ({ branch }) => [
    filePiece({
      place: "worktree",
      path: ".claude/skills/owp/SKILL.md",
      text: stamped(fill("claude-skill.md", { guide: guideFor(branch) })),
    }),
    entryPiece({
      place: "worktree",
      path: ".claude/settings.json",
      entries: [{ at: ["hooks", "SessionStart"], value: HOOK, isOurs: runsPrime }],
    }),
  ],
};

/** Also where someone added to the command: then that is their own, and told before it is replaced. */
function runsPrime(item: unknown): boolean {
  const hooks = (item as { hooks?: unknown })?.hooks;
  return (
    Array.isArray(hooks) &&
    hooks.some((hook: { command?: unknown }) => /\bowp prime\b/.test(String(hook?.command)))
  );
}
