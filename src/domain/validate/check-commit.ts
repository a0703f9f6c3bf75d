/** One commit against the one before it: what history may and may not do. Pure; the caller reads the files. */
import { checkFile } from "./check-file.ts";
import { COMMIT_RULES } from "./commit-rules.ts";
import {
  type ChangedFile,
  type CommitContext,
  type CommitFacts,
  type Content,
  type FileReader,
  viewCommit,
} from "./commit-view.ts";
import { applyRules, type Finding, judgedBy, withLines } from "./rule.ts";

/**
 * The findings of one commit: its changed files as they stand afterwards, then its steps. `before` and `after` read
 * files that did not change (`pathsFor` names them). For a merge: once for each parent, with the files that differ
 * from that parent. For a first commit `before` reads nothing.
 */
export function checkCommit(
  before: FileReader,
  after: FileReader,
  changed: readonly ChangedFile[],
  commit: CommitFacts,
  context: CommitContext,
): Finding[] {
  const view = viewCommit(before, after, changed, commit, context);
  const rules = COMMIT_RULES.filter(
    ({ on, butRepairs }) => on.includes(view.mode) && !(butRepairs && view.repair),
  );
  const steps = judgedBy(placed([...applyRules(rules, view, "")], changed), view.rules);
  const files = changed.flatMap(({ path, after: content }) =>
    content === undefined ? [] : checkFile(path, bytesOf(content), view.rules),
  );
  return [...files, ...steps].map((finding) => ({ ...finding, commit: commit.oid }));
}

const bytesOf = (content: NonNullable<Content>): Uint8Array =>
  typeof content === "string" ? new TextEncoder().encode(content) : content;

/** Findings about the commit itself stand at its first file; the others get their line from the new text, or the old one. */
function placed(findings: readonly Finding[], changed: readonly ChangedFile[]): Finding[] {
  const files = new Map(changed.map((file) => [file.path, file]));
  const byPath = new Map<string, Finding[]>();
  for (const finding of findings) {
    const path = finding.path || (changed[0]?.path ?? "");
    byPath.set(path, [...(byPath.get(path) ?? []), { ...finding, path }]);
  }
  return [...byPath].flatMap(([path, some]) => {
    const file = files.get(path);
    return withLines(some, textOf(file?.after ?? file?.before ?? ""));
  });
}

const textOf = (content: NonNullable<Content>): string =>
  typeof content === "string" ? content : new TextDecoder().decode(content);
