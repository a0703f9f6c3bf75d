/** docs/guides/hosts.md: its blocks run, and its costs follow from the numbers that it states. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { did, ROOT, start } from "../helpers/command.ts";
import { bareHub, cloneOf } from "../helpers/git.ts";
import { owpOnPath } from "../helpers/on-path.ts";

const PAGE = readFileSync(join(ROOT, "docs/guides/hosts.md"), "utf8");

function blockOf(name: string): string {
  const text = new RegExp(`<!-- not run: .*: ${name} -->\\n\`\`\`sh\\n([\\s\\S]*?)\`\`\``).exec(PAGE)?.[1];
  if (!text) throw new Error(`the page has no block ${name}`);
  return text;
}

/** The cells of a row behind its name, as numbers. */
function row(name: string): number[] {
  const cells = PAGE.split("\n")
    .find((line) => line.replaceAll("*", "").startsWith(`| ${name}`))
    ?.split("|")
    .slice(2, -1);
  if (!cells) throw new Error(`the page has no row ${name}`);
  return cells.map((cell) => Number(cell.replaceAll(/[*,\s]/g, "")));
}
const given = (name: string): number => row(name)[0] as number;

test("the blocks run as they stand, on a server and in a clone", async () => {
  const hub = bareHub();
  const run = { env: { PATH: owpOnPath() } };
  const served = await start("bash", ["-euc", blockOf("server")], hub, run).ended;
  expect(served, served.stderr).toMatchObject({ status: 0 });
  const clone = cloneOf(hub);
  await did(clone, ["init"], run);
  const set = await start("bash", ["-euc", blockOf("clone")], clone, run).ended;
  expect(set, set.stderr).toMatchObject({ status: 0 });
  for (const name of ["prepare-commit-msg", "pre-commit", "claude"])
    expect(set.stdout).toMatch(new RegExp(`^${name} +set up `, "m"));
});

test("what a day costs follows from the numbers that are given", () => {
  const operations = given("tasks a day") * given("operations a task");
  const minutes = given("hours in which") * 60;
  const beats = given("clones that send") * (minutes / given("minutes between"));
  const requests = given("pull requests against the record");
  const merges = given("pushes to the default branch");
  const all = (value: number) => [value, value, value];
  expect(row("operations |")).toEqual(all(operations));
  expect(row("pushes to the record, at most")).toEqual(all(operations));
  expect(row("pushes a minute, at most")).toEqual(all(Math.round((operations / minutes) * 10) / 10));
  expect(row("pushes of heartbeats")).toEqual(all(beats));
  const parts = {
    "runs for pushes to the record": [operations, 0, 0],
    "runs for pull requests against the record": all(requests),
    "runs on the schedule": [0, 1, 1],
    "runs that settle": [0, merges, 0],
  };
  for (const [name, cells] of Object.entries(parts)) expect(row(name), name).toEqual(cells);
  const runs = [0, 1, 2].map((at) => Object.values(parts).reduce((sum, cells) => sum + (cells[at] ?? 0), 0));
  expect(row("runs |")).toEqual(runs);
  expect(row("billed minutes |")).toEqual(runs.map((each) => each * given("billed minutes a run")));
  expect(PAGE).toContain(
    `reached at ${(6 * minutes) / given("operations a task")} tasks in ${minutes / 60} hours`,
  );
  expect(PAGE).toContain(`costs ${runs[2]} runs a day instead of ${runs[0]?.toLocaleString("en-US")}`);
});
