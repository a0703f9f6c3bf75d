/** What people call CWOM's kinds on the command line; an Issue is a task (FEATURES B01). */
import type { ObjectKind } from "../../core/paths.ts";
import type { RefKind } from "../../core/refs.ts";

export const KIND_OF_WORD = {
  repo: "Repo",
  issue: "Issue",
  "context-packet": "ContextPacket",
  "constraint-snapshot": "ConstraintSnapshot",
  doctrine: "DoctrineRef",
  run: "Run",
  artifact: "Artifact",
} as const satisfies Record<string, RefKind>;

export type KindWord = keyof typeof KIND_OF_WORD;

/** The kinds that have a file of their own here: all but Issue, which is a task. */
export type FiledKind = ObjectKind | "Repo";

const WORDS = new Map(Object.entries(KIND_OF_WORD).map(([word, kind]) => [kind, word as KindWord]));

export const wordOfKind = (kind: RefKind): KindWord => WORDS.get(kind) as KindWord;

/** `a run`, `an issue`: for sentences. */
export function aKind(kind: RefKind): string {
  const name = wordOfKind(kind).replaceAll("-", " ");
  return `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`;
}
