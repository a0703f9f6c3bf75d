/** GitLab: the same as for GitHub, in its own words. */
import { isMap, isScalar, isSeq, parseDocument } from "yaml";
import { filePiece, jsonFilePiece } from "./file-piece.ts";
import { requestPart } from "./github.ts";
import { partPiece } from "./part-piece.ts";
import type { Step } from "./piece.ts";
import { stamped } from "./stamp.ts";
import { fill, packageSpec, type Target } from "./target.ts";

const PIPELINE = ".gitlab-ci.yml";
const PROTECTION = ".gitlab/owp-protected-branch.json";
const JOB = "owp-settle";
/** Access levels of its API. */
const DEVELOPER = 30;
const MAINTAINER = 40;

export const gitlab: Target = {
  pieces: async ({ branch, read }) => {
    const values = { branch, package: packageSpec() };
    return [
      filePiece({ place: "record", path: PIPELINE, text: stamped(fill("gitlab-record.yml", values)) }),
      partPiece({
        place: "worktree",
        path: PIPELINE,
        id: "settle",
        owner: "gitlab",
        comment: "shell",
        text: fill("gitlab-settle.yml", { ...values, stage: stageIn(read(PIPELINE) ?? "") }),
        problem: pipelineProblem,
      }),
      requestPart(".gitlab/merge_request_templates/Default.md", "gitlab"),
      jsonFilePiece({
        place: "worktree",
        path: PROTECTION,
        value: protection(branch),
        isOurs: (value) => (value as { name?: unknown } | undefined)?.name === branch,
      }),
    ];
  },
  next: ({ branch }) => [
    `glab api projects/:id/protected_branches --method POST --header "Content-Type: application/json" --input ${PROTECTION}`,
    `add a daily pipeline schedule for the branch ${branch} (Build > Pipeline schedules)`,
  ],
};

/** Whoever may push takes part; a protected branch is not deleted or rewritten. */
const protection = (branch: string) => ({
  name: branch,
  push_access_level: DEVELOPER,
  merge_access_level: DEVELOPER,
  unprotect_access_level: MAINTAINER,
  allow_force_push: false,
});

/** A stage that the pipeline has: a job of another one would make the whole pipeline invalid. */
function stageIn(text: string): string {
  const stages = parseDocument(text).get("stages");
  const names = isSeq(stages) ? stages.items.map((item) => (isScalar(item) ? String(item.value) : "")) : [];
  return names.length === 0 || names.includes("test") ? "test" : (names.at(-1) as string);
}

/** A job is added behind all that is there, at the top level. */
function pipelineProblem(text: string): Extract<Step, { to: "stop" }> | undefined {
  const document = parseDocument(text);
  const why =
    document.errors.length > 0
      ? `is no YAML that can be read (line ${document.errors[0]?.linePos?.[0].line ?? 1})`
      : document.contents !== null && (!isMap(document.contents) || document.contents.flow)
        ? "is no list of jobs by name"
        : document.has(JOB)
          ? `has a job ${JOB} already`
          : undefined;
  if (!why) return undefined;
  return { to: "stop", message: `${PIPELINE} ${why}.`, hint: `change that in ${PIPELINE}, and run it again` };
}
