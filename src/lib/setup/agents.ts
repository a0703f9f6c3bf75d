/** AGENTS.md, which most coding agents read, and a CLAUDE.md that leads there where there is none. */
import { filePiece } from "./file-piece.ts";
import { partPiece } from "./part-piece.ts";
import { KEEP, type Piece } from "./piece.ts";
import { stamped } from "./stamp.ts";
import { fill, guideFor, type Target } from "./target.ts";

/** The part of AGENTS.md. Several targets want it, and it goes with the last of them. */
export const agentsPart = (branch: string, owner: string): Piece =>
  partPiece({
    place: "worktree",
    path: "AGENTS.md",
    id: "agents",
    owner,
    comment: "markdown",
    text: fill("agents-part.md", { guide: guideFor(branch) }),
  });

export const agents: Target = {
  pieces: async ({ branch }) => [
    agentsPart(branch, "agents"),
    filePiece({
      place: "worktree",
      path: "CLAUDE.md",
      text: stamped(fill("claude-pointer.md", {})),
      foreign: (text) =>
        text.includes("AGENTS.md")
          ? KEEP
          : {
              to: "keep",
              note: "CLAUDE.md is yours and stays as it is; a line @AGENTS.md in it makes Claude Code read AGENTS.md",
            },
    }),
  ],
};
