/** The rules that the table of who may change what makes: beginnings stay, files are kept, and each is changed by those who may. */
import type { Kind } from "../../core/paths.ts";
import { ANY, type CommitRule, OWN } from "./commit-rule.ts";
import type { CommitView } from "./commit-view.ts";
import { movedRepos } from "./object-commit-rules.ts";
import type { Found } from "./rule.ts";
import { guardedBy, WHO, WHO_MAY } from "./who.ts";

const KINDS = Object.keys(WHO_MAY) as Kind[];

/** A rule about those kinds whose row names it. */
const guard = (code: string, why: string): CommitRule => ({
  code,
  severity: "error",
  kinds: guardedBy(code),
  on: OWN,
  why,
  check: (view) => (view.actor === undefined ? [] : byOthers(view, code)),
});

export const WHO_RULES: readonly CommitRule[] = [
  {
    code: "immutable_field",
    severity: "error",
    kinds: KINDS.filter((kind) => WHO_MAY[kind].fixed.length > 0),
    on: ANY,
    why: "Ids and beginnings do not change (B24): others refer to them, and age is read from them.",
    check: immutableFields,
  },
  {
    code: "file_deleted",
    severity: "error",
    kinds: KINDS.filter((kind) => WHO_MAY[kind].deleted !== undefined),
    on: ANY,
    why: "Objects end, they are not deleted: others refer to them, and with a task its epoch would be lost.",
    check: deletedFiles,
  },
  guard(
    "not_maintainer",
    "The rules and the repos are the maintainers' to change, and a worker's file is its own or theirs.",
  ),
  guard(
    "not_own",
    "A vote, a reaction, an invite and a proposal are their member's own; nobody casts, changes or decides them for another.",
  ),
  {
    code: "by_hand",
    severity: "error",
    kinds: KINDS.filter((kind) => WHO_MAY[kind].byHand === "signed"),
    on: ["edit"],
    why: "What a group decides with is written by commands, which say who did it; a commit by hand counts only where the policy asks for signatures, and the signer may do it.",
    check: byHand,
  },
  {
    code: "merge_decides",
    severity: "error",
    kinds: KINDS.filter((kind) => WHO_MAY[kind].byHand === "signed"),
    on: ["merge"],
    why: "A merge takes a vote, a proposal or an invite from one of its sides; what none of them has was decided by no one.",
    check: mergeDecides,
  },
  guard(
    "run_not_holder",
    "A run is the account of whoever works: its executor or a maintainer changes it, or the commit that changes the lease which names it.",
  ),
];

function* immutableFields({ files }: CommitView): Iterable<Found> {
  for (const { path, kind, before, after } of files) {
    if (!before || !after) continue;
    const [old, fresh] = [before as Record<string, unknown>, after as Record<string, unknown>];
    for (const field of WHO_MAY[kind].fixed) {
      if (JSON.stringify(old[field]) === JSON.stringify(fresh[field])) continue;
      yield {
        path,
        keys: [field],
        message: `${field} was ${old[field] ?? "empty"} and is ${fresh[field] ?? "empty"}; it does not change.`,
      };
    }
  }
}

function* deletedFiles(view: CommitView): Iterable<Found> {
  const moved = new Set(movedRepos(view).map(({ gone }) => gone));
  for (const { path, kind, was, is } of view.files) {
    const { deleted } = WHO_MAY[kind];
    if (deleted !== undefined && was && !is && !moved.has(path)) yield { path, message: deleted };
  }
}

function* byHand({ files, actor }: CommitView): Iterable<Found> {
  if (actor !== undefined) return;
  for (const { path, kind, is } of files)
    if (is && WHO_MAY[kind].byHand === "signed")
      yield { path, message: "It was changed by a commit that does not say who did it." };
}

function* mergeDecides({ files, commit }: CommitView): Iterable<Found> {
  for (const { path, kind, is } of files)
    if (is && WHO_MAY[kind].byHand === "signed" && commit.decided?.has(path))
      yield { path, message: "The merge made it: none of its sides has it so." };
}

/** Added or changed by someone whom the row does not name; deletions are told as such. */
function* byOthers(view: CommitView, code: string): Iterable<Found> {
  for (const step of view.files) {
    const { breach, adds, changes } = WHO_MAY[step.kind];
    if (breach !== code || !step.is) continue;
    const may = step.was ? changes : adds;
    if (may.some((who) => WHO[who].is(step, view))) continue;
    const named = may.map((who) => WHO[who].words).join(" or ");
    const did = step.was ? "changed" : "added";
    yield {
      path: step.path,
      message: `${view.actor ?? "Someone"} ${did} it, and may not: only ${named} does.`,
    };
  }
}
