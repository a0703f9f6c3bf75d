import { expect, test } from "vitest";
import { arrivalsOf, type Node } from "../../../src/domain/merges/arrivals.ts";

/** `c: a b` is a commit c with the parents a and b; each a second after the one before it. */
function graph(lines: string): Map<string, Node> {
  const nodes = lines
    .trim()
    .split("\n")
    .map((line, at): [string, Node] => {
      const [oid = "", parents = ""] = line.trim().split(":");
      return [oid, { oid, parents: parents.split(" ").filter(Boolean), at_ms: (at + 1) * 1000 }];
    });
  return new Map(nodes);
}

const told = (lines: string, tip: string) =>
  arrivalsOf(graph(lines), tip).map(({ oid, via, at_ms }) => `${oid} ${via.join(">")} ${at_ms / 1000}`);

test.each([
  ["a line", "a:\nb:a\nc:b", "c", ["a  1", "b  2", "c  3"]],
  ["a merge brings what stands before it", "a:\nb:a\nx:a\nm:b x", "m", ["a  1", "b  2", "x m 4", "m  4"]],
  [
    "a merge of a merge tells both, the branch's own first",
    "a:\nx:a\ny:x\nn:x y\nm:a n",
    "m",
    ["a  1", "x m 5", "y m>n 5", "n m 5", "m  5"],
  ],
  [
    "a branch that merged the main one brings its own commits alone",
    "a:\nx:a\nb:a\nn:x b\ny:n\nm:b y",
    "m",
    ["a  1", "b  3", "x m 6", "n m 6", "y m 6", "m  6"],
  ],
  [
    "an earlier merge keeps what it brought",
    "a:\nx:a\nm:a x\ny:x\nn:m y",
    "n",
    ["a  1", "x m 3", "m  3", "y n 5", "n  5"],
  ],
  ["an octopus", "a:\nx:a\ny:a\nm:a x y", "m", ["a  1", "x m 4", "y m 4", "m  4"]],
  ["what is not in the range ends the way", "b:a\nx:q\nm:b x", "m", ["b  1", "x m 3", "m  3"]],
  ["a tip that is not there", "a:", "z", []],
])("%s", (_name, lines, tip, expected) => {
  expect(told(lines, tip)).toEqual(expected);
});

test("two branches that merge each other a thousand times are walked without a deep stack", () => {
  const lines = ["a0:", "b0:a0"];
  for (let n = 1; n <= 1000; n++) lines.push(`a${n}:a${n - 1} b${n - 1}`, `b${n}:b${n - 1} a${n}`);
  expect(told(lines.join("\n"), "a1000")).toHaveLength(2001);
});
