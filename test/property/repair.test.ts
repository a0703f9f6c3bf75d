/** Whatever people do to the files, one repair makes the record sound, lowers no epoch and reopens nothing that has ended. */

import { beforeAll, expect, test } from "vitest";
import { decode } from "../../src/core/codec.ts";
import { pathOf, placeOf } from "../../src/core/paths.ts";
import { isEnded } from "../../src/core/rows.ts";
import type { Repaired } from "../../src/domain/repair/repair.ts";
import type { Task } from "../../src/generated/types.ts";
import { fc } from "../helpers/chance.ts";
import { type Edit, MemoryRecord } from "../helpers/memory-record.ts";

const TASKS = 5;
let start: MemoryRecord;
const ids: string[] = [];

beforeAll(async () => {
  start = new MemoryRecord();
  await start.did("max", "init", { repo: "web" });
  await start.did("max", "worker register", { name: "bob", capacity_points: 50, max_concurrent_tasks: 20 });
  for (let at = 0; at < TASKS; at++)
    ids.push((await start.did<{ id: string }>("max", "add", { title: `task ${at}` })).result.id);
  const [held, ended, back] = ids.map((id) => ({ id }));
  for (const act of ["claim", "release", "claim", "release", "claim"]) await start.did("bob", act, held);
  for (const task of [ended, back]) for (const act of ["claim", "done"]) await start.did("bob", act, task);
  await start.did("max", "requeue", back);
});

/** What people do to a task's file or a lease's. */
const DAMAGE: readonly ((text: string, other: string, at: number) => string | null)[] = [
  (text) => `${text}<<<<<<< a\n`,
  (text, _other, at) => text.slice(0, at % (text.length + 1)),
  (text, _other, at) => text.replace(/^( *)epoch: \d+$/m, `$1epoch: ${at % 12}`),
  (text) => text.replace(/^worker: .*$/m, "worker: bob"),
  (text) => text.replace(/^worker: .*$/m, "worker: null"),
  (text, _other, at) =>
    text.replace(/^status: .*$/m, `status: ${["ready", "planned", "done", "failed"][at % 4]}`),
  (text, _other, at) =>
    text.replace(/^phase: .*$/m, `phase: ${["queued", "retry", "in_progress", "blocked"][at % 4]}`),
  (text) => text.replace(/^outcome:\n(?: .*\n)+/m, ""),
  (text, other) =>
    text
      .replace(/^relationships:\n(?: .*\n)+/m, "")
      .concat(`relationships:\n  blocked_by:\n    - ${other}\n`),
  (text) => `${text}priority: 7\n`,
  () => null,
];

interface Step {
  /** Of an act or of a damage, and what it is done to. */
  what: number;
  task: number;
  other: number;
  at: number;
  byHand: boolean;
  lease: boolean;
}

const ACTS: readonly [worker: string, name: string, input: (step: Step) => object][] = [
  ["bob", "claim", ({ task }) => ({ id: ids[task], another: true })],
  ["bob", "done", ({ task }) => ({ id: ids[task] })],
  ["bob", "release", ({ task }) => ({ id: ids[task] })],
  ["max", "claim", ({ task }) => ({ id: ids[task], another: true })],
  ["max", "requeue", ({ task }) => ({ id: ids[task] })],
  ["max", "edit", ({ task, other }) => ({ id: ids[task], add_blocked_by: [ids[other]] })],
];

const steps = fc.array(
  fc.record({
    ...{ what: fc.nat(100), task: fc.nat(TASKS - 1), other: fc.nat(TASKS - 1), at: fc.nat(500) },
    ...{ byHand: fc.boolean(), lease: fc.boolean() },
  }),
  { minLength: 2, maxLength: 14 },
);

async function take(record: MemoryRecord, step: Step): Promise<void> {
  if (!step.byHand) {
    const [worker, name, input] = ACTS[step.what % ACTS.length] as (typeof ACTS)[number];
    const outcome = await record.run(worker, name, input(step));
    if (!outcome.ok) expect(outcome.code).not.toBe("internal");
    return;
  }
  const path = pathOf(step.lease ? "Lease" : "Task", ids[step.task] ?? "");
  const text = await record.text(path);
  if (text === undefined) return;
  const damaged = (DAMAGE[step.what % DAMAGE.length] as (typeof DAMAGE)[number])(
    text,
    ids[step.other] ?? "",
    step.at,
  );
  if (step.at % 3 !== 0) return record.push({ [path]: damaged as Edit });
  // The edit was made on an older commit, on a branch that is merged; whichever side is the first parent.
  const older = (await record.read(record.tip)).parents[0] ?? record.tip;
  const side = await record.hand({ [path]: damaged as Edit }, [older]);
  const parents = step.at % 2 === 0 ? [record.tip, side] : [side, record.tip];
  record.remote.record = await record.hand({ ...(await record.files()), [path]: damaged as Edit }, parents);
}

interface Seen {
  epoch: number;
  ended: boolean;
}

/** Each task's epoch and whether it has ended, as far as its files can be read; in a broken one the epoch that is written. */
async function look(record: MemoryRecord): Promise<Map<string, Seen>> {
  const seen = new Map<string, Seen>();
  for (const path of await record.paths()) {
    const place = placeOf(path);
    if (place?.kind !== "Task" && place?.kind !== "Lease") continue;
    const text = (await record.text(path)) ?? "";
    const decoded = decode(path, new TextEncoder().encode(text));
    const written = Number(/^ *epoch: (\d+)$/m.exec(text)?.[1] ?? 0);
    const value = decoded.ok
      ? (decoded.doc.value as { epoch?: number; outcome?: { epoch: number } })
      : undefined;
    const known = seen.get(place.id) ?? { epoch: 0, ended: false };
    const epoch = value ? (value.epoch ?? value.outcome?.epoch ?? 0) : written;
    const ended = place.kind === "Task" && value !== undefined && isEnded(value as Task);
    seen.set(place.id, { epoch: Math.max(known.epoch, epoch), ended: known.ended || ended });
  }
  return seen;
}

test("a repaired record is sound, its epochs stand above all there were, and what has ended stays so", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const record = start.fork();
      const highest = new Map<string, number>();
      for (const step of taken) {
        await take(record, step);
        for (const [id, { epoch }] of await look(record))
          highest.set(id, Math.max(epoch, highest.get(id) ?? 0));
      }
      const [before, tip] = [await look(record), record.tip];
      const outcome = await record.run("max", "repair");
      if (!outcome.ok) {
        expect(outcome.code).toBe("validation_failed");
        return;
      }
      const { left } = outcome.result as Repaired;
      expect(await record.errors()).toEqual(left.map(({ path, code }) => `${path} ${code}`));
      if (outcome.commit) expect(await record.errorsSince(tip)).toEqual([]);
      const after = await look(record);
      for (const [id, { epoch, ended }] of after) {
        expect(epoch, id).toBeGreaterThanOrEqual(highest.get(id) ?? 0);
        expect(ended || !before.get(id)?.ended, id).toBe(true);
      }
      const again = await record.run("max", "repair");
      expect(again.ok ? again.commit : again.code).toBe(left.length === 0 ? null : "validation_failed");
    }),
    { numRuns: 150 },
  );
}, 120_000);
