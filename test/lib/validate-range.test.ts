/** A range against all that its commits were made on: what a branch brings, and what it merely is behind. */
import { expect, test } from "vitest";
import { pathOf } from "../../src/core/paths.ts";
import { OPERATIONS } from "../../src/domain/operations.ts";
import { checkRange } from "../../src/lib/validate/range.ts";
import { MemoryRecord } from "../helpers/memory-record.ts";

const waitsFor = (id: string) => (text: string) => `${text}relationships:\n  blocked_by:\n    - ${id}\n`;

async function scene() {
  const record = new MemoryRecord();
  await record.did("max", "init", { repo: "web" });
  const ids: string[] = [];
  for (const title of ["one", "two"])
    ids.push((await record.did<{ id: string }>("max", "add", { title })).result.id);
  const [one = "", two = ""] = ids.map((id) => pathOf("Task", id));
  const codes = async (from: string, to: string) => {
    const { findings } = await checkRange(
      record.remote.store,
      { from, to },
      { now: Date.now(), operations: OPERATIONS },
    );
    return findings.filter(({ severity }) => severity === "error").map(({ code }) => code);
  };
  return { record, ids, one, two, codes };
}

test("a branch is not blamed for what was broken where it began and is mended since", async () => {
  const { record, one, two, codes } = await scene();
  await record.push({ [one]: waitsFor("t_00000000000000000000000000") });
  const side = await record.hand({ [two]: (text) => text.replace("title: two", "title: second") });
  await record.did("max", "repair");
  expect(await codes(record.tip, side)).toEqual([]);
});

test("a branch is blamed for what it breaks, also where the record has broken something else since", async () => {
  const { record, one, two, codes } = await scene();
  const side = await record.hand({ [two]: waitsFor("t_00000000000000000000000000") });
  await record.push({ [one]: waitsFor("t_00000000000000000000000000") });
  expect(await codes(record.tip, side)).toEqual(["reference"]);
});

test("a merge is blamed for the circle that it closes, and neither of its sides is", async () => {
  const { record, ids, one, two, codes } = await scene();
  const fork = record.tip;
  const ours = await record.hand({ [one]: waitsFor(ids[1] ?? "") });
  const theirs = await record.hand({ [two]: waitsFor(ids[0] ?? "") }, [fork]);
  const merge = await record.hand({ [two]: (await record.text(two, theirs)) ?? "" }, [ours, theirs]);
  expect([await codes(fork, ours), await codes(fork, theirs)]).toEqual([[], []]);
  expect(await codes(ours, merge)).toEqual(["dependency_cycle"]);
  expect(await codes(fork, merge)).toEqual(["dependency_cycle"]);
});
