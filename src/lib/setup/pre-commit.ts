/** git's pre-commit hook: in a checkout of the record, staged files are checked before they become a commit. */
import { hookPiece } from "./hook-piece.ts";
import type { Target } from "./target.ts";

export const preCommit: Target = {
  pieces: async () => [hookPiece("pre-commit", "pre-commit")],
};
