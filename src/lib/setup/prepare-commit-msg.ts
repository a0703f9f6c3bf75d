/** git's prepare-commit-msg hook: commits name the task that is being worked on. */
import { hookPiece } from "./hook-piece.ts";
import type { Target } from "./target.ts";

export const prepareCommitMsg: Target = {
  pieces: async () => [hookPiece("prepare-commit-msg", "prepare-commit-msg")],
};
