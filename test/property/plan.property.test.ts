import { expect, it } from "vitest";
import type { Plan } from "../../src/core/operation.ts";
import type { State } from "../../src/core/state.ts";
import { planRepoSet } from "../../src/domain/repos/set.ts";
import { planAdd } from "../../src/domain/tasks/add.ts";
import { planEdit } from "../../src/domain/tasks/edit.ts";
import { planNote } from "../../src/domain/tasks/note.ts";
import { planWorkerEdit } from "../../src/domain/workers/edit.ts";
import { planRegister } from "../../src/domain/workers/register.ts";
import { fc } from "../helpers/chance.ts";
import { fromSchema, readSchema } from "../helpers/from-schema.ts";
import * as records from "../helpers/record.ts";

const state = records.record(
  records.task("k3f9", { labels: ["a"], skills: ["b"] }),
  records.task("aaaa"),
  records.lease("aaaa"),
  records.worker("zoe", { skills: ["b"] }),
);

type Plans = (state: State, input: never, ctx: ReturnType<typeof records.ctx>) => Plan;

/** Operation, its input schema, and fields that lead to something that exists. */
const ROWS: [string, Plans, string, object][] = [
  ["add", planAdd, "input/add", { blocked_by: ["k3f9"], blocks: undefined, parent: "aaaa", repo: "web" }],
  [
    "add without links",
    planAdd,
    "input/add",
    { blocked_by: undefined, blocks: undefined, parent: undefined, repo: undefined },
  ],
  [
    "edit",
    planEdit,
    "input/edit",
    {
      id: "k3f9",
      blocked_by: undefined,
      add_blocked_by: undefined,
      remove_blocked_by: undefined,
      parent: undefined,
      repo: undefined,
    },
  ],
  ["note", planNote, "input/note", { id: "k3f9" }],
  ["register", planRegister, "input/worker-register", { name: "fresh" }],
  ["worker edit", planWorkerEdit, "input/worker-edit", { name: "zoe" }],
  ["repo set", planRepoSet, "input/repo-set", { slug: "web" }],
];

/** Few fields at a time: of many random values one is always wrong. */
function inputs(schema: string, fixed: object): fc.Arbitrary<object> {
  const { properties } = readSchema(`${schema}.json`) as { properties: object };
  const names = Object.keys(properties).filter((name) => !(name in fixed));
  return fc
    .tuple(fromSchema(schema), fc.subarray(names, { maxLength: Math.min(3, names.length) }))
    .map(([drawn, chosen]) => ({
      ...(schema === "input/add" ? { title: "Add it" } : {}),
      ...Object.fromEntries(Object.entries(drawn).filter(([name]) => chosen.includes(name))),
      ...fixed,
    }));
}

it.each(ROWS)(
  "F08 %s: what is accepted makes valid files, the same ones twice; what is not is refused in words",
  (_name, plan, schema, fixed) => {
    let accepted = 0;
    fc.assert(
      fc.property(inputs(schema, fixed), (input) => {
        const planned = plan(state, input as never, records.ctx("max"));
        expect(plan(state, input as never, records.ctx("max"))).toEqual(planned);
        if (planned.ok) {
          accepted++;
          records.applied(state, planned);
        } else expect(planned.message).toMatch(/\S/);
      }),
      { numRuns: 300 },
    );
    expect(accepted).toBeGreaterThan(30);
  },
);
