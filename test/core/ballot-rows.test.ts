/** Proposals and votes in the segments of the index: found by id, by kind, by the end of an id, and by what they belong to. */
import { expect, test } from "vitest";
import { ballotRow, proposalOf, rowId, rowIdAt } from "../../src/core/ballot-rows.ts";
import { nthId } from "../../src/core/ids.ts";
import {
  entryRow,
  foldEntries,
  idsPointingTo,
  inSegments,
  rowsEnding,
  rowsOfKind,
} from "../../src/core/object-index.ts";
import type { ObjectRow } from "../../src/core/object-rows.ts";
import { pathOf, placeOf, reactionId, voteId } from "../../src/core/paths.ts";
import { at } from "../helpers/record.ts";

const IDS = Array.from({ length: 300 }, (_, n) => `pp_${nthId("01kjm0000000000000000000aa", n)}`);
const VOTERS = ["ada", "o", "claude@box/web", "il-u"];

const rows: ObjectRow[] = IDS.flatMap((id) => [
  ballotRow("Proposal", id, {
    ...{ id, title: "A", body: "", author: "max", status: "open", created_at: at(0) },
  }),
  ...VOTERS.map((worker) =>
    ballotRow("Vote", rowId("Vote", voteId(id, worker)), { proposal: id, worker, value: 1, at: at(0) }),
  ),
]);
const entries = foldEntries(() => undefined, new Map(rows.map((row) => [row.id, row])));

test.each([0, 1, 2])("in segments of width %i, whatever characters the voters' names have", (width) => {
  const widths = new Map([["pp", width]]);
  const loaded = { widths, segments: inSegments(entries, widths) };
  // What is not there was asked for, and is empty.
  const segments = new Proxy(loaded.segments, {
    get: (map, key) =>
      key === "has" ? () => true : key === "get" ? (name: string) => map.get(name) ?? new Map() : undefined,
  });
  const over = new Map();
  const all = { widths, segments: segments as typeof loaded.segments };
  expect([...rowsOfKind(over, all, "Proposal")]).toHaveLength(IDS.length);
  expect([...rowsOfKind(over, all, "Vote")]).toHaveLength(IDS.length * VOTERS.length);
  const id = IDS[7] as string;
  expect(rowsEnding(over, all, id.slice(-4), "Proposal").map((row) => row.id)).toEqual([id]);
  expect(rowsEnding(over, all, id.slice(-4))).toEqual([]);
  expect(idsPointingTo(over, all, id)).toEqual(VOTERS.map((name) => `${id}/votes/${name}`).sort());
  expect(entryRow(over, all, `${id}/votes/o`)?.facts.worker).toBe("o");
});

test("a row's id is that of its path, and says which proposal it belongs to", () => {
  const id = IDS[0] as string;
  const vote = pathOf("Vote", voteId(id, "claude@box/web"));
  expect(vote).toBe(`proposals/${id}/votes/claude@box/web.yaml`);
  expect([rowIdAt(vote), proposalOf(rowIdAt(vote) ?? "")]).toEqual([`${id}/votes/claude@box/web`, id]);
  const reaction = pathOf("Reaction", reactionId(id, "a/b", "c"));
  expect(placeOf(reaction)).toEqual({ kind: "Reaction", id: `${id}/a~b/c` });
  expect(placeOf(pathOf("Reaction", reactionId(id, "a", "b/c")))?.id).toBe(`${id}/a/b/c`);
});
