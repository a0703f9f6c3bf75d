import { expect, test } from "vitest";
import { pathOf } from "../../../src/core/paths.ts";
import { asProposal } from "../../../src/domain/review/proposal.ts";
import { planAdd } from "../../../src/domain/tasks/add.ts";
import { planEdit } from "../../../src/domain/tasks/edit.ts";
import { at, ctx, HOUR, ok, record, refused, task, tid } from "../../helpers/record.ts";

const edited = (fields: Parameters<typeof task>[1]) => {
  const state = record(task("k3f9", fields));
  const plan = ok(asProposal(state, planEdit(state, { id: "k3f9", title: "better" }, ctx("ada"))));
  return plan.changes[0]?.value as { title: string; updated_at?: string };
};

test("an edit leaves updated_at as it is, so that two changes of a task do not always conflict", () => {
  expect(edited({ updated_at: at(-HOUR) })).toMatchObject({ title: "better", updated_at: at(-HOUR) });
  expect(edited({})).toMatchObject({ title: "better" });
  expect(edited({})).not.toHaveProperty("updated_at");
});

test("a new task comes without the registration of who proposes it", () => {
  const state = record();
  const plan = planAdd(state, { title: "new" }, ctx("eve"));
  expect(ok(plan).changes.map(({ path }) => path)).toContain(pathOf("Worker", "eve"));
  const { changes, event } = ok(asProposal(state, plan));
  expect(changes).toMatchObject([{ value: { kind: "Task", title: "new", created_by: "eve" } }]);
  expect(event?.actor).toBe("eve");
});

test("a refusal stays one", () => {
  const state = record(task("k3f9"));
  expect(refused(asProposal(state, planEdit(state, { id: tid("zzzz"), title: "x" }, ctx("ada")))).code).toBe(
    "task_unknown",
  );
});
