import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { STATES, type TaskState } from "../../../src/domain/tasks/state.ts";
import {
  ARTIFACT_FIELDS,
  levelOf,
  priorityOf,
  stateOfWord,
  type Vocabulary,
  WORDS,
  wordOf,
  workshopResult,
} from "../../../src/domain/tasks/words.ts";

/** Every word of each seed. */
const SEEDS: Record<Vocabulary, string[]> = {
  owp: ["ready", "in_progress", "blocked", "pr_opened", "merged"],
  cwom: ["planned", "ready", "running", "blocked", "done", "failed", "canceled"],
  jobspec: ["queued", "running", "retry_waiting", "completed", "failed", "cancelled", "degraded"],
  workshop: ["open", "claimed", "done"],
};
const vocabularies = Object.keys(SEEDS) as Vocabulary[];

describe("F01 B11 B12 states in the seeds' words, both ways", () => {
  it.each(vocabularies.flatMap((one) => SEEDS[one].map((word) => [one, word] as const)))(
    "%s: %s comes back as it went in",
    (one, word) => {
      const state = stateOfWord(word, one) as TaskState;
      expect(STATES).toContain(state);
      expect(wordOf(state, one)).toBe(word);
    },
  );

  it.each(vocabularies)("%s: what is written reads as the same, or as a state of the same word", (one) => {
    for (const row of WORDS) {
      const word = row[one];
      if (word === undefined) continue;
      for (const state of row.states) {
        const read = stateOfWord(
          word,
          one,
          one === "workshop" ? workshopResult(state) : undefined,
        ) as TaskState;
        expect(wordOf(read, one)).toBe(word);
      }
    }
  });

  const rows: [TaskState, string | undefined, string | undefined, string | undefined, string | undefined][] =
    [
      ["planned", undefined, "planned", undefined, undefined],
      ["queued", "ready", "ready", "queued", "open"],
      ["retry", "ready", "ready", "retry_waiting", "open"],
      ["expired", "ready", "ready", "retry_waiting", "open"],
      ["in_progress", "in_progress", "running", "running", "claimed"],
      ["pr_opened", "pr_opened", "running", "running", "claimed"],
      ["blocked", "blocked", "blocked", "running", "claimed"],
      ["done", "merged", "done", "completed", "done"],
      ["failed", undefined, "failed", "failed", "done"],
      ["canceled", undefined, "canceled", "cancelled", "done"],
      ["broken", undefined, undefined, "degraded", undefined],
    ];
  it.each(rows)("%s", (state, owp, cwom, jobspec, workshop) => {
    expect(vocabularies.map((one) => wordOf(state, one))).toEqual([owp, cwom, jobspec, workshop]);
  });

  it("E32 F02 words that are read and never written", () => {
    expect(stateOfWord("leased", "owp")).toBe("in_progress");
    expect(stateOfWord("cancelled", "cwom")).toBe("canceled");
    expect(stateOfWord("canceled", "jobspec")).toBe("canceled");
    expect(stateOfWord("abandoned", "workshop")).toBe("queued");
    for (const word of ["finished", "constructor", ""]) expect(stateOfWord(word, "owp")).toBeUndefined();
  });

  it("workshop's ends differ by result", () => {
    expect(stateOfWord("done", "workshop", "error")).toBe("failed");
    expect(stateOfWord("done", "workshop", "canceled")).toBe("canceled");
    expect(stateOfWord("done", "workshop")).toBe("done");
  });

  it("F02 the stored outcome is canceled, with one l", () => {
    const schema = JSON.parse(readFileSync(new URL("../../../schemas/task.json", import.meta.url), "utf8"));
    expect(schema.properties.status.enum).toEqual(["planned", "ready", "done", "failed", "canceled"]);
  });
});

describe("F03 B14 priorities", () => {
  it.each([
    ["P0", 100],
    ["P1", 80],
    ["P2", 50],
    ["P3", 20],
    ["P4", 10],
  ] as const)("%s is %i, both ways", (level, number) => {
    expect(priorityOf(level)).toBe(number);
    expect(levelOf(number)).toBe(level);
  });

  it.each([
    [1000, "P0"],
    [99, "P1"],
    [79, "P2"],
    [49, "P3"],
    [19, "P4"],
    [0, "P4"],
  ] as const)("%i reads as %s", (number, level) => expect(levelOf(number)).toBe(level));

  it.each([
    ["p1", 80],
    [" 7 ", 7],
    ["1000", 1000],
    ["1001", undefined],
    ["-1", undefined],
    ["P5", undefined],
    ["", undefined],
  ])("%s is %s", (text, number) => expect(priorityOf(text)).toBe(number));
});

it("A58 the artifact fields of the wire", () => {
  expect(ARTIFACT_FIELDS).toEqual({ pr_url: "pr", commit_sha: "commit", patch_url: "code_patch" });
});
