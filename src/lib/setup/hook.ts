/** The pre-receive hook of a server that one runs oneself: nothing enters the record that breaks its rules. */
import { refuse } from "../../core/refusal.ts";
import { hookPiece } from "./hook-piece.ts";
import type { Target } from "./target.ts";

export const hook: Target = {
  pieces: async ({ repository, branch, hasRemote }) => {
    if (!repository.bare && hasRemote)
      return refuse(
        "usage",
        "This is a clone, and what is pushed does not arrive here: the hook belongs into the repository on the server. Nothing was written.",
        { hint: "on the server: owp -C <repository>.git setup hook" },
      );
    return [hookPiece("pre-receive", "hook", { branch })];
  },
  next: () => ["see that owp is on the PATH of the user that receives pushes on this server"],
};
