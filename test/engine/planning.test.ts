import { expect, test } from "vitest";
import type { InputCheck } from "../../src/core/operation.ts";
import { MAX_FILE_BYTES } from "../../src/core/problem.ts";
import type { State } from "../../src/core/state.ts";
import { MemoryIndex, MemoryShelf } from "../../src/engine/memory/index.ts";
import { MemoryStore } from "../../src/engine/memory/store.ts";
import { type Loadable, prepare } from "../../src/engine/planning.ts";
import { RecordView } from "../../src/engine/record.ts";
import { loadOperation } from "../../src/lib/hub.ts";
import { policy, record, task } from "../helpers/record.ts";
import { stateOf } from "../helpers/state.ts";

const OP = "01kjm0000000000000000000aa";
const ticket = (input: object) => ({
  op: OP,
  name: "any",
  input,
  caller: { name: "ada", explicit: true, actor_kind: "agent" as const, clone: "c10ne001" },
  enqueued_at: 0,
  deadline: 0,
  clock_shift_ms: 0,
});
const view = new RecordView({
  store: new MemoryStore(),
  indexes: new MemoryIndex(new MemoryShelf()),
  elapsed: () => 0,
});
const run = (operation: Loadable, input: object = {}, state: State = record()) =>
  prepare(view, state, ticket(input), operation, 0, []);

/** An operation that writes one file. */
const writing = (path: string, value: object, text?: string): Loadable => ({
  check: Object.assign(() => true, { errors: null }) as InputCheck,
  touches: ["Task"],
  plan: () => ({ ok: true, changes: [{ path, value, ...(text === undefined ? {} : { text }) }], result: {} }),
});

test.each<[string, (chars: number) => Loadable]>([
  ["a text as it stands", (chars) => writing("README.md", {}, "x".repeat(chars))],
  [
    "a value that is encoded, two bytes a character",
    (chars) => {
      const [path, value] = task("k3f9");
      return writing(path, { ...(value as object), notes_of_ours: "é".repeat(chars / 2) });
    },
  ],
])("a file larger than any reader takes is refused before it is written: %s", async (_name, operation) => {
  expect(await run(operation(MAX_FILE_BYTES - 1000))).toMatchObject({ files: [{}] });
  expect(await run(operation(MAX_FILE_BYTES + 2))).toMatchObject({
    code: "invalid_input",
    message: expect.stringMatching(/^\S+ would have 10\d{5} bytes, .* at most 1048576 \(1 MiB\)/),
    data: { path: expect.any(String), limit: MAX_FILE_BYTES },
  });
});

test("a file that cannot be read is not written over, but by a plan that knows what stands there", async () => {
  const [path, value] = task("k3f9");
  const state = record([path, "a: [1\n"]);
  expect(await run(writing(path, value as object), {}, state)).toMatchObject({ code: "record_invalid" });
  const plan: Loadable["plan"] = () => ({
    ok: true,
    changes: [{ path, value: value as object, stands: "a: [1\n" }],
    result: {},
  });
  const mended = await run({ ...writing(path, {}), plan }, {}, state);
  expect(mended).toMatchObject({ files: [{ path, before: "a: [1\n" }] });
});

test("what is gathered comes with the input, anew for each plan", async () => {
  let looks = 0;
  const seen: object[] = [];
  const operation: Loadable = {
    ...writing("README.md", {}, "x"),
    gather: async () => ({ looks: ++looks }),
    plan: (_snapshot, input) => {
      seen.push(input);
      return { ok: true, changes: [], result: {} };
    },
  };
  for (const a of [1, 2]) await run(operation, { a });
  expect(seen).toEqual([
    { a: 1, looks: 1 },
    { a: 2, looks: 2 },
  ]);
});

test.each<[string, object, RegExp]>([
  ["block", { message: 7 }, /^message is 7; it must be a text\. Nothing was changed\.$/],
  ["block", {}, /^message is missing\./],
  ["claim", { colour: 1 }, /^There is no field "colour"\./],
  ["claim", { count: 0 }, /^count is 0; it must be at least 1\./],
  ["claim", { for: "soon" }, /^for is "soon"; it must be a duration such as 90s/],
  ["pr", { url: "here" }, /^url is "here"; it must be an address such as https:/],
  ["list", { status: ["x"] }, /^status\[0\] is "x"; it must be one of /],
  [
    "note",
    { id: "k3f9", text: "x".repeat(70_000) },
    /^text is "x{59}… \(70000 characters\); it must have at most \d+ char/,
  ],
])(
  "the input of %s that breaks a rule is refused with field, value and rule in words",
  async (name, input, message) => {
    const operation = (await loadOperation(name)) as Loadable;
    expect(await run(operation, input, stateOf(Object.fromEntries([policy()])))).toMatchObject({
      code: "invalid_input",
      message: expect.stringMatching(message),
      data: { field: expect.any(String), rule: expect.any(String) },
    });
  },
);
