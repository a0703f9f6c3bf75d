/** The rules of history about CWOM's objects: what was fixed stays, a run's inputs and outputs grow, and an ended run stays ended. */
import { OBJECT_KINDS, type ObjectKind } from "../../core/paths.ts";
import type { Repo } from "../../generated/types.ts";
import { type Breach, brokenChanges, isImmutable } from "../objects/changes.ts";
import { ANY, type CommitRule, OWN } from "./commit-rule.ts";
import type { CommitView, FileStep } from "./commit-view.ts";
import type { Found } from "./rule.ts";

const isObject = (kind: FileStep["kind"]): kind is ObjectKind =>
  (OBJECT_KINDS as readonly string[]).includes(kind);

/** Findings of one kind of breach, among objects that are (or are not) fixed as a whole. */
const breaches = (wanted: Breach, whole?: boolean): CommitRule["check"] =>
  function* ({ files }): Iterable<Found> {
    for (const { path, kind, before, after } of files) {
      if (!isObject(kind) || !before || !after) continue;
      if (whole !== undefined && isImmutable(kind) !== whole) continue;
      for (const { breach, keys, message } of brokenChanges(kind, before as object, after as object))
        if (breach === wanted) yield { path, keys, message };
    }
  };

export const OBJECT_COMMIT_RULES: readonly CommitRule[] = [
  {
    code: "immutable_object",
    severity: "error",
    kinds: ["ContextPacket", "ConstraintSnapshot", "DoctrineRef"],
    on: ANY,
    why: "What work started from never changes (CWOM 4.3–4.5), however the change was made: new information is a new version (B42, B43).",
    check: breaches("fixed", true),
  },
  {
    code: "object_rewritten",
    severity: "error",
    kinds: ["Run", "Artifact"],
    on: ANY,
    why: "Of a run its progress changes and of an artifact its verification, tags and meta; the rest says what it is (B58).",
    check: breaches("fixed", false),
  },
  {
    code: "run_shrunk",
    severity: "error",
    kinds: ["Run"],
    on: ANY,
    why: "A run's inputs and outputs only grow (CWOM 4.6), so that what it was given and what it made stay known (B61).",
    check: breaches("shrunk"),
  },
  {
    code: "run_reopened",
    severity: "error",
    kinds: ["Run"],
    on: ANY,
    why: "A run that has ended never opens again; another attempt is another run (B65).",
    check: breaches("reopened"),
  },
  {
    code: "run_step",
    severity: "error",
    kinds: ["Run"],
    on: OWN,
    why: "A run's status goes step by step where the table of docs/state-machines.md says (B36).",
    check: breaches("step"),
  },
  {
    code: "slug_changed",
    severity: "error",
    kinds: ["Repo"],
    on: ANY,
    why: "A repo's slug is stable even where its name changes (CWOM 4.1): tasks and people know it by that (B24).",
    check: (view) =>
      movedRepos(view).map(({ from, to, path }) => ({
        path,
        keys: ["slug"],
        message: `The repo ${from} is now called ${to}; its slug never changes.`,
      })),
  },
];

/** Repos that lie under another slug after the commit. */
export function movedRepos({
  files,
}: CommitView): { from: string; to: string; path: string; gone: string }[] {
  const gone = files.filter(({ kind, was, is }) => kind === "Repo" && was && !is);
  return gone.flatMap(({ id, path, before }) => {
    const repo = (before as Repo | undefined)?.id;
    const next = files.find(
      (file) =>
        file.kind === "Repo" &&
        !file.was &&
        repo !== undefined &&
        (file.after as Repo | undefined)?.id === repo,
    );
    return next ? [{ from: id, to: next.id, path: next.path, gone: path }] : [];
  });
}
