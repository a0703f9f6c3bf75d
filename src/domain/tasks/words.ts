/** One stored model, five vocabularies: each seed's words for a task's state and urgency, both ways (FEATURES F01–F04, B11). */
import type { TaskState } from "./state.ts";

/** Whose words. */
export type Vocabulary = "owp" | "cwom" | "jobspec" | "workshop";

interface WordRow {
  /** The states that are written with these words; the first is what they read as. */
  states: readonly TaskState[];
  /** undefined: the vocabulary has no word for it, and such a task is not shown in it. */
  owp?: string;
  cwom?: string;
  jobspec?: string;
  workshop?: string;
  /** workshop has one word for every end and tells them apart by this field of `result`. */
  workshop_result?: "error" | "canceled";
}

/** The table of DESIGN section 4. A task whose lease has run out reads as open again (A47, D39). */
export const WORDS: readonly WordRow[] = [
  { states: ["planned"], cwom: "planned" },
  { states: ["queued"], owp: "ready", cwom: "ready", jobspec: "queued", workshop: "open" },
  { states: ["retry", "expired"], owp: "ready", cwom: "ready", jobspec: "retry_waiting", workshop: "open" },
  { states: ["in_progress"], owp: "in_progress", cwom: "running", jobspec: "running", workshop: "claimed" },
  { states: ["pr_opened"], owp: "pr_opened", cwom: "running", jobspec: "running", workshop: "claimed" },
  { states: ["blocked"], owp: "blocked", cwom: "blocked", jobspec: "running", workshop: "claimed" },
  { states: ["done"], owp: "merged", cwom: "done", jobspec: "completed", workshop: "done" },
  { states: ["failed"], cwom: "failed", jobspec: "failed", workshop: "done", workshop_result: "error" },
  {
    states: ["canceled"],
    cwom: "canceled",
    jobspec: "cancelled",
    workshop: "done",
    workshop_result: "canceled",
  },
  { states: ["broken"], jobspec: "degraded" },
];

/**
 * Words that are read and never written, with their reason: OWP's `leased` (a claim starts work), the single-l and
 * double-l spellings of each other (F02) and workshop's `abandoned` (E32: documented there and never stored).
 */
export const ALIASES: Record<Vocabulary, Record<string, TaskState>> = {
  owp: { leased: "in_progress" },
  cwom: { cancelled: "canceled" },
  jobspec: { canceled: "canceled" },
  workshop: { abandoned: "queued" },
};

/** A state in the words of a vocabulary; undefined where it has none. */
export function wordOf(state: TaskState, vocabulary: Vocabulary): string | undefined {
  return rowOf(state)?.[vocabulary];
}

/** The field of workshop's `result` that tells a failed or canceled task from a finished one. */
export function workshopResult(state: TaskState): "error" | "canceled" | undefined {
  return rowOf(state)?.workshop_result;
}

/** The state that a word stands for; undefined for a word that the vocabulary does not have. */
export function stateOfWord(
  word: string,
  vocabulary: Vocabulary,
  result?: "error" | "canceled",
): TaskState | undefined {
  const row = WORDS.find((one) => one[vocabulary] === word && one.workshop_result === result);
  const plain = vocabulary === "workshop" ? row : WORDS.find((one) => one[vocabulary] === word);
  const alias = ALIASES[vocabulary];
  return plain?.states[0] ?? (Object.hasOwn(alias, word) ? alias[word] : undefined);
}

const rowOf = (state: TaskState): WordRow | undefined => WORDS.find((row) => row.states.includes(state));

export type Level = "P0" | "P1" | "P2" | "P3" | "P4";

/** CWOM's levels and the integer that each is stored as; an integer reads as the highest level it reaches (F03). */
export const LEVELS: readonly [Level, number][] = [
  ["P0", 100],
  ["P1", 80],
  ["P2", 50],
  ["P3", 20],
  ["P4", 10],
];

/** 0–1000 to P0..P4. */
export const levelOf = (priority: number): Level =>
  LEVELS.find(([, floor]) => priority >= floor)?.[0] ?? "P4";

/** `P1`, `p1` or `80` to 0–1000; undefined for anything else. */
export function priorityOf(text: string): number | undefined {
  const level = LEVELS.find(([name]) => name === text.trim().toUpperCase());
  if (level) return level[1];
  return /^\d{1,4}$/.test(text.trim()) && Number(text) <= 1000 ? Number(text) : undefined;
}

/** The artifact fields of OWP's wire format and the types they are kept as (A58; CWOM 3.5). */
export const ARTIFACT_FIELDS = { pr_url: "pr", commit_sha: "commit", patch_url: "code_patch" } as const;
