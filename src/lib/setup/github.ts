/** GitHub: checks of the record, settling of merged work, a line in pull requests, and rules for the record's branch. */
import { filePiece, jsonFilePiece } from "./file-piece.ts";
import { partPiece } from "./part-piece.ts";
import type { Piece } from "./piece.ts";
import { stamped } from "./stamp.ts";
import { fill, packageSpec, type Scene, type Target } from "./target.ts";

const RULESET = ".github/owp-ruleset.json";
const RULESET_NAME = "owp record";

export const github: Target = {
  pieces: async (scene) => {
    const values = {
      branch: scene.branch,
      default_branch: await scene.defaultBranch(),
      package: packageSpec(),
    };
    const workflow = (place: Piece["place"], name: string) =>
      filePiece({
        place,
        path: `.github/workflows/owp-${name}.yml`,
        text: stamped(fill(`github-${name}.yml`, values)),
      });
    return [
      workflow("record", "record"),
      workflow("worktree", "check"),
      workflow("worktree", "settle"),
      requestPart(templatePath(scene), "github"),
      jsonFilePiece({
        place: "worktree",
        path: RULESET,
        value: ruleset(scene.branch),
        isOurs: (value) => (value as { name?: unknown } | undefined)?.name === RULESET_NAME,
      }),
    ];
  },
  next: () => [`gh api repos/{owner}/{repo}/rulesets --method POST --input ${RULESET}`],
};

/** Whoever may push takes part: no review and no check that a claim would have to wait for. */
const ruleset = (branch: string) => ({
  name: RULESET_NAME,
  target: "branch",
  enforcement: "active",
  conditions: { ref_name: { include: [`refs/heads/${branch}`], exclude: [] } },
  rules: [{ type: "deletion" }, { type: "non_fast_forward" }, { type: "required_linear_history" }],
  bypass_actors: [],
});

/** The line by which a request names its task. It is the last paragraph, where git looks for trailers. */
export const requestPart = (path: string, owner: string): Piece =>
  partPiece({
    place: "worktree",
    path,
    id: "task",
    owner,
    comment: "markdown",
    text: "\n",
    says: "the task that this closes, by its id: owp status shows it",
    last: { line: "Owp-Task: ", pattern: /^Owp-Task:/ },
    has: /^Owp-Task:/m,
  });

/** GitHub takes any case, and three places. */
function templatePath({ list }: Scene): string {
  for (const folder of ["", "docs", ".github"]) {
    const name = list(folder).find((one) => /^pull_request_template\.(?:md|txt)$/i.test(one));
    if (name) return folder === "" ? name : `${folder}/${name}`;
  }
  return ".github/pull_request_template.md";
}
