/** Whatever is given as content: an object that owp validate accepts, or a refusal in words; never a fault. */
import { describe, expect, test } from "vitest";
import { encode } from "../../../src/core/codec.ts";
import { objectRow } from "../../../src/core/object-rows.ts";
import { KINDS, OBJECT_KINDS, pathOf } from "../../../src/core/paths.ts";
import { rulesOf } from "../../../src/core/rules.ts";
import { cwomOf } from "../../../src/domain/objects/cwom.ts";
import { planObjectEdit } from "../../../src/domain/objects/edit.ts";
import { planObjectNew } from "../../../src/domain/objects/new.ts";
import { KIND_OF_WORD, type KindWord } from "../../../src/domain/objects/words.ts";
import { checkFile } from "../../../src/domain/validate/check-file.ts";
import { KEY_ORDER } from "../../../src/generated/key-order.ts";
import { fc } from "../../helpers/chance.ts";
import { anyData, fromSchema } from "../../helpers/from-schema.ts";
import { object, oid, refTo } from "../../helpers/objects.ts";
import { ctx, record, task, tid } from "../../helpers/record.ts";

const RULES = rulesOf({ kind: "Policy", protocol: "1.0" });
const STATE = record(
  task("0001"),
  object("ContextPacket", "0001"),
  object("ConstraintSnapshot", "0001"),
  object("DoctrineRef", "0001"),
  object("Run", "0001", { status: "running", inputs: { context_packets: [refTo("ContextPacket", "0001")] } }),
  object("Artifact", "0001"),
);
const WORDS = Object.keys(KIND_OF_WORD) as KindWord[];

/** What an object of the kind must have; the rest comes by chance. */
const BASE: Record<KindWord, object> = {
  repo: { slug: "docs" },
  issue: { title: "x" },
  "context-packet": { for_issue: "0001", summary: "x" },
  "constraint-snapshot": { scope: "repo" },
  doctrine: { namespace: "a", name: "b", type: "policy", statement: "x" },
  run: { for_issue: tid("0001") },
  artifact: { produced_by: oid("Run", "0001"), type: "pr", title: "x" },
};

const schemaOf = (word: KindWord): string => {
  const kind = KIND_OF_WORD[word];
  return kind === "Issue" ? "task" : KINDS[kind].schema;
};

/** Some fields of the kind: values that the schema takes, and any at all. */
const content = (word: KindWord) => {
  const names = Object.keys(KEY_ORDER[schemaOf(word)] ?? {});
  const wild = fc.dictionary(fc.constantFrom(...names), anyData(), { maxKeys: 2, noNullPrototype: true });
  const fit = fc
    .tuple(fromSchema(schemaOf(word)), fc.subarray(names, { maxLength: 4 }))
    .map(([value, some]) =>
      Object.fromEntries(some.flatMap((name) => (name in value ? [[name, value[name]]] : []))),
    );
  return fc.oneof(
    fit,
    wild,
    fc.tuple(fit, wild).map(([one, other]) => ({ ...one, ...other })),
  );
};

const errorsIn = (path: string, value: object): string[] =>
  checkFile(path, new TextEncoder().encode(encode(path, value)), RULES)
    .filter(({ severity }) => severity === "error")
    .map(({ message }) => message);

describe.each(WORDS)("%s", (word) => {
  test("of any content is new and sound, or refused in words", () => {
    const told = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(content(word), (value) => {
        const plan = planObjectNew(STATE, { kind: word, value: { ...BASE[word], ...value } }, ctx("max"));
        told[plan.ok ? "accepted" : "refused"]++;
        if (plan.ok)
          for (const change of plan.changes) expect(errorsIn(change.path, change.value ?? {})).toEqual([]);
        else expect(plan.message).toMatch(/^\S.*Nothing was changed\.$/s);
      }),
      { numRuns: 120 },
    );
    // Where all is one or the other, nothing was tried.
    expect(Math.min(told.accepted, told.refused)).toBeGreaterThan(0);
  });
});

test.each(["run", "artifact", "issue"] as const)(
  "%s takes any change and stays sound, or refuses it in words",
  (word) => {
    const id = { run: oid("Run", "0001"), artifact: oid("Artifact", "0001"), issue: tid("0001") }[word];
    fc.assert(
      fc.property(content(word), (value) => {
        const { kind: _kind, ...rest } = value as Record<string, unknown>;
        const plan = planObjectEdit(STATE, { id, value: rest }, ctx("max"));
        if (plan.ok)
          for (const change of plan.changes) expect(errorsIn(change.path, change.value ?? {})).toEqual([]);
        else expect(plan.message).toMatch(/^\S.*Nothing was changed\.$/s);
      }),
      { numRuns: 150 },
    );
  },
);

test.each(OBJECT_KINDS)("any %s that its schema takes has a row, and a form in which CWOM has it", (kind) => {
  fc.assert(
    fc.property(fromSchema(KINDS[kind].schema), (value) => {
      expect(objectRow(kind, value)).toMatchObject({ id: value.id, kind });
      expect(cwomOf(kind, value)).toMatchObject({ id: value.id, kind });
      expect(() =>
        checkFile(
          pathOf(kind, String(value.id)),
          new TextEncoder().encode(encode(pathOf(kind, String(value.id)), value)),
          RULES,
        ),
      ).not.toThrow();
    }),
    { numRuns: 60 },
  );
});
