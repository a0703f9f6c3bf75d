/** What the acceptance of a proposal does to the record: what the proposal said, where the policy before it allows that, and nothing else. */
import { type Kind, pathOf } from "../../core/paths.ts";
import type { Effect, Proposal } from "../../generated/types.ts";
import { EFFECT_KINDS } from "../governance/effects.ts";
import { mergePatch } from "../governance/policy.ts";
import { isSame } from "../objects/value.ts";
import type { CommitRule } from "./commit-rule.ts";
import type { CommitView, FileStep } from "./commit-view.ts";
import type { Found } from "./rule.ts";
import { isAccepted } from "./who.ts";

type EffectKind = (typeof EFFECT_KINDS)[number];

/** The kind of file that an effect writes. */
const WRITES: Readonly<Record<EffectKind, Kind>> = {
  policy: "Policy",
  doctrine: "DoctrineRef",
  tasks: "Task",
};

export const EFFECT_RULES: readonly CommitRule[] = [
  {
    code: "effect_unasked",
    severity: "error",
    kinds: ["Proposal", "Policy", "DoctrineRef", "Task"],
    on: ["operation"],
    why: "A commit that accepts a proposal changes the policy, doctrine and tasks only as the proposal's effect, of a kind that the policy before it allows.",
    check: unasked,
  },
  {
    code: "effect_unlike",
    severity: "error",
    kinds: ["Proposal", "Policy", "DoctrineRef", "Task"],
    on: ["operation"],
    why: "An effect is what was voted on, whole: the policy with its patch, its doctrine and its tasks, or none of it where it failed.",
    check: unlike,
  },
];

const accepting = ({ files }: CommitView): FileStep[] =>
  files.filter((step) => step.kind === "Proposal" && isAccepted(step));

const proposalOf = ({ after }: FileStep): Proposal => after as Proposal;

function* unasked(view: CommitView): Iterable<Found> {
  const accepted = accepting(view).map(proposalOf);
  if (accepted.length === 0) return;
  const asked = accepted.flatMap(({ effect }) => Object.keys(effect ?? {}));
  for (const { path, kind } of view.files) {
    const effect = EFFECT_KINDS.find((one) => WRITES[one] === kind);
    if (effect === undefined || (asked.includes(effect) && view.rules.effects.includes(effect))) continue;
    const why = asked.includes(effect)
      ? "the policy allows no such effect"
      : "the proposal says nothing of it";
    yield { path, message: `The commit that accepts a proposal changed it, and ${why}.` };
  }
}

function* unlike(view: CommitView): Iterable<Found> {
  for (const step of accepting(view)) {
    const { effect, decision } = proposalOf(step);
    if (!effect) continue;
    const isDone = decision?.effect === "applied";
    for (const kind of EFFECT_KINDS) {
      if (!view.rules.effects.includes(kind) || effect[kind] === undefined) continue;
      const why = isDone
        ? MADE[kind](effect, view)
        : changed(view, WRITES[kind]).length > 0 && "its effect is said to have failed";
      if (why)
        yield { path: step.path, keys: ["effect", kind], message: `The commit accepts it, and ${why}.` };
    }
  }
}

/** What is otherwise than the effect said; undefined: nothing. */
const MADE: Readonly<Record<EffectKind, (effect: Effect, view: CommitView) => string | undefined>> = {
  policy: ({ policy }, { before, after }) => {
    const path = pathOf("Policy", "owp");
    const wanted = mergePatch(before.file(path).value, policy);
    return isSame(wanted, after.file(path).value) ? undefined : "owp.yaml is not what its patch makes of it";
  },
  doctrine: ({ doctrine }, view) =>
    added(view, "DoctrineRef", [doctrine as object]) ? undefined : "its doctrine is not what was added",
  tasks: ({ tasks = [] }, view) =>
    added(view, "Task", tasks) ? undefined : "its tasks are not those that were added",
};

/** The commit adds one file for each value, in their order of ids, and changes no other of the kind. */
function added(view: CommitView, kind: Kind, values: readonly object[]): boolean {
  const files = changed(view, kind);
  if (files.length !== values.length || files.some(({ was, after }) => was || !after)) return false;
  const left = files.map(({ after }) => after as Record<string, unknown>);
  return values.every((value) => {
    const index = left.findIndex((file) => says(file, value));
    if (index < 0) return false;
    left.splice(index, 1);
    return true;
  });
}

const changed = ({ files }: CommitView, kind: Kind): FileStep[] => files.filter((file) => file.kind === kind);

/** The file has the texts and numbers that were asked for, as far as it has those fields; an input may call others otherwise. */
const says = (file: Record<string, unknown>, value: object): boolean =>
  Object.entries(value).every(
    ([field, wanted]) => !(field in file) || typeof wanted === "object" || file[field] === wanted,
  ) && TITLED.every((field) => !(field in value) || field in file);

/** What a task or a rule is known by. */
const TITLED = ["title", "namespace", "name", "version", "statement"];
