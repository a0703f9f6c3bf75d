/** A rule that Cursor always applies. */
import { filePiece } from "./file-piece.ts";
import { stamped } from "./stamp.ts";
import { fill, guideFor, type Target } from "./target.ts";

export const cursor: Target = {
  pieces: async ({ branch }) => [
    filePiece({
      place: "worktree",
      path: ".cursor/rules/owp.mdc",
      text: stamped(fill("cursor-rule.mdc", { guide: guideFor(branch) })),
    }),
  ],
};
