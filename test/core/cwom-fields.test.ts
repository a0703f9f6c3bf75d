/** What CWOM says of fields and words, row by row: each taken as it stands in the specification, and refused a step beside it. */
import { describe, expect, test } from "vitest";
import { KINDS, type Kind, OBJECT_KINDS } from "../../src/core/paths.ts";
import { schemaViolations } from "../../src/core/validate.ts";
import { object } from "../helpers/objects.ts";
import { repo, task } from "../helpers/record.ts";

const WHOLE: Partial<Record<Kind, object>> = {
  Repo: repo("web")[1] as object,
  Task: task("0001")[1] as object,
  ...Object.fromEntries(OBJECT_KINDS.map((kind) => [kind, object(kind, "0001")[1]])),
};

/** The value with one field of it set; `a.b` is field b of mapping a. */
function withField(value: object, path: string, to: unknown): object {
  const [key = "", ...rest] = path.split(".");
  const inner = (value as Record<string, unknown>)[key];
  return {
    ...value,
    [key]: rest.length === 0 ? to : withField((inner as object | undefined) ?? {}, rest.join("."), to),
  };
}
const faults = (kind: Kind, path: string, to: unknown) =>
  schemaViolations(kind, withField(WHOLE[kind] ?? {}, path, to)).map(({ at }) => at.join("."));

const VERIFICATION = ["unverified", "passed", "failed"];

/** Row, kind, field, every word that it takes. */
const WORDS: readonly [string, Kind, string, readonly string[]][] = [
  ["B15", "Run", "mode", ["human", "agent", "hybrid", "system"]],
  [
    "B16",
    "Artifact",
    "type",
    "code_patch commit pr build container_image doc report dataset log trace binary link".split(" "),
  ],
  ["B17", "Artifact", "verification.status", VERIFICATION],
  ["B18", "DoctrineRef", "type", ["principle", "policy", "procedure", "heuristic", "pattern"]],
  ["B18", "DoctrineRef", "priority", ["must", "should", "may"]],
  ["B19", "Repo", "visibility", ["public", "private", "internal"]],
  ["B20", "ConstraintSnapshot", "scope", ["personal", "repo", "org", "system", "run"]],
  ["B20", "ConstraintSnapshot", "constraints.environment.connectivity", ["offline", "limited", "ok"]],
  ["B20", "ConstraintSnapshot", "constraints.risk.tolerance", ["low", "medium", "high"]],
  ["B21", "Run", "failure.category", ["policy", "build", "test", "runtime", "dependency", "unknown"]],
];

describe("words", () => {
  test.each(WORDS)("%s: %s %s takes these and no other", (_row, kind, field, words) => {
    const given = field === "failure.category" ? { failure: { message: "It broke." } } : {};
    const whole = { ...WHOLE[kind], ...given };
    const wrong = (word: unknown) => schemaViolations(kind, withField(whole, field, word)).length > 0;
    expect(words.filter(wrong)).toEqual([]);
    expect(["other", words[0]?.toUpperCase(), "", 1].filter(wrong)).toHaveLength(4);
  });
});

const ACTOR = { actor_kind: "system", actor_id: "ci", display: "The build" };
const SOURCE = { system: "github", external_id: "42", url: "https://example.org/issues/42" };
const LONG = "x".repeat(2001);

/** Row, kind, field, what it takes, what it refuses. */
const FIELDS: readonly [
  row: string,
  kind: Kind,
  field: string,
  good: readonly unknown[],
  bad: readonly unknown[],
][] = [
  [
    ...(["B05", "ConstraintSnapshot", "owner"] as const),
    [ACTOR, { actor_kind: "human", actor_id: "x".repeat(128) }],
    [
      { ...ACTOR, actor_kind: "robot" },
      { ...ACTOR, actor_id: "" },
      { ...ACTOR, actor_id: "x".repeat(129) },
      { actor_kind: "human" },
      "max",
    ],
  ],
  [
    ...(["B06", "Repo", "source"] as const),
    [SOURCE, { system: "owp", external_id: null, url: null }],
    [
      { ...SOURCE, system: "" },
      { ...SOURCE, system: "x".repeat(65) },
      { ...SOURCE, external_id: "x".repeat(257) },
      { ...SOURCE, url: LONG },
    ],
  ],
  ["B09", "Run", "tags", [[], ["a", "b c"]], ["a", [1], ["a,b"], [""]]],
  ["B09", "Run", "meta", [{}, { "example.org/key": { deep: [1] } }], [[], "text", null]],
  ["B23", "Repo", "owners", [[], [ACTOR]], [[{ kind: "Repo", id: "r_1" }], [{}], ACTOR]],
  ["B37", "ContextPacket", "assumptions", [["It runs."]], ["It runs.", [1]]],
  ["B37", "ContextPacket", "open_questions", [["Which port?"]], [[{}]]],
  ["B37", "ContextPacket", "instructions", ["Do it."], [1]],
  ["B37", "ContextPacket", "constraint_snapshot", [null], ["cs_1", {}]],
  ["B37", "ContextPacket", "version", ["1"], ["", 1]],
  [
    ...(["B38", "ContextPacket", "inputs.documents"] as const),
    [[{ title: "Guide", uri: "docs/guide.md", digest: null, excerpt: null }]],
    [[{ uri: "docs/guide.md" }], [{ title: "Guide" }], [{ title: "Guide", uri: "x", excerpt: 1 }]],
  ],
  [
    ...(["B39", "ContextPacket", "inputs.data_blobs"] as const),
    [[{ name: "rows", media_type: "text/csv", uri: null, inline: "a,b", digest: null }]],
    [[{ name: "rows" }], [{ media_type: "text/csv" }]],
  ],
  ["B39", "ContextPacket", "inputs.links", [["https://example.org"]], [[1], "https://example.org"]],
  ["B46", "Run", "inputs.constraint_snapshot", [null, { kind: "ConstraintSnapshot", id: "cs_1" }], ["cs_1"]],
  [
    "B47",
    "ConstraintSnapshot",
    "captured_at",
    ["2026-01-02T03:04:05Z"],
    ["2026-01-02", "2026-01-02T03:04:05+01:00"],
  ],
  [
    "B48",
    "ConstraintSnapshot",
    "constraints.time",
    [{ available_minutes: null, deadline: null }],
    [{ available_minutes: -1 }, { deadline: "2026-01-02 03:04" }],
  ],
  [
    "B48",
    "ConstraintSnapshot",
    "constraints.energy",
    [{ score_0_5: 5, notes: "" }, { score_0_5: null }],
    [{ score_0_5: 6 }, { score_0_5: -1 }],
  ],
  [
    "B48",
    "ConstraintSnapshot",
    "constraints.health",
    [{ flags: ["tired"], notes: null }],
    [{ flags: "tired" }],
  ],
  [
    "B48",
    "ConstraintSnapshot",
    "constraints.budget",
    [{ usd_available: 1.5, burn_limit_usd: null }],
    [{ usd_available: "1" }, { burn_limit_usd: -1 }],
  ],
  [
    "B48",
    "ConstraintSnapshot",
    "constraints.tools",
    [{ allowed: ["git"], blocked: [] }],
    [{ allowed: "git" }],
  ],
  [
    "B48",
    "ConstraintSnapshot",
    "constraints.environment",
    [{ location: null, connectivity: "ok", device: null }],
    [{ location: 1 }],
  ],
  [
    "B48",
    "ConstraintSnapshot",
    "constraints.risk",
    [{ tolerance: "low", notes: "" }],
    [{ tolerance: "none" }],
  ],
  [
    ...(["B52", "DoctrineRef", "applicability"] as const),
    [{ repo_refs: [{ kind: "Repo", id: "r_1" }], issue_types: ["bug"], tags: ["security"] }],
    [{ repo_refs: ["web"] }, { issue_types: "bug" }, { tags: [1] }],
  ],
  ["B52", "DoctrineRef", "statement", ["Every service answers."], ["", 1]],
  ["B52", "DoctrineRef", "rationale", [null, "Because."], [1]],
  ["B52", "DoctrineRef", "namespace", ["ops"], ["", null]],
];

describe("fields", () => {
  test.each(FIELDS)("%s: %s %s", (_row, kind, field, good, bad) => {
    for (const value of good) expect(faults(kind, field, value), JSON.stringify(value)).toEqual([]);
    for (const value of bad)
      expect(
        faults(kind, field, value).filter((at) => at.startsWith(field)),
        JSON.stringify(value),
      ).not.toEqual([]);
  });

  test("B52, B47, B37: what a kind cannot do without", () => {
    const needed = (kind: Kind) =>
      Object.keys(WHOLE[kind] ?? {}).filter((key) => {
        const { [key as never]: _gone, ...rest } = WHOLE[kind] as object;
        return schemaViolations(kind, rest).length > 0;
      });
    expect(needed("DoctrineRef")).toEqual(
      expect.arrayContaining(["namespace", "name", "version", "type", "statement"]),
    );
    expect(needed("ConstraintSnapshot")).toEqual(
      expect.arrayContaining(["scope", "captured_at", "owner", "constraints"]),
    );
    expect(needed("ContextPacket")).toEqual(expect.arrayContaining(["for_issue", "version", "summary"]));
  });
});

describe("kinds", () => {
  test.each(Object.keys(WHOLE) as Kind[])("B01: a %s says what it is, and is nothing else", (kind) => {
    expect(schemaViolations(kind, WHOLE[kind])).toEqual([]);
    const { kind: _kind, ...nameless } = WHOLE[kind] as { kind: string };
    expect(schemaViolations(kind, nameless)).not.toEqual([]);
  });

  test("B01, B02: CWOM's kinds are these, and a file of another kind is refused in their place", () => {
    const names: string[] = ["Repo", "Task", ...OBJECT_KINDS];
    expect(names.filter((kind) => !(kind in KINDS))).toEqual([]);
    for (const kind of names as Kind[]) expect(faults(kind, "kind", "Plan"), kind).toEqual(["kind"]);
    expect(faults("Artifact", "for_issue", { kind: "Plan", id: "x" })).toEqual(["for_issue.kind"]);
  });
});
