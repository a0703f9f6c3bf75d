/** A bad commit reaches the record by hand; a maintainer mends it with one command, while other clones go on claiming. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ERRORS } from "../../src/core/refusal.ts";
import { did, owp } from "../helpers/command.ts";
import { bareHub, cloneOf, git } from "../helpers/git.ts";
import { readHistory } from "../helpers/history.ts";

const taskPath = (id: string) => `tasks/${id.at(-2)}/${id.at(-1)}/${id}.yaml`;
const leasePath = (id: string) => `leases/${id.at(-2)}/${id.at(-1)}/${id}.yaml`;

test("shown first, agreed to, and published beside the claims of others; who held a task still does", async () => {
  const hub = bareHub();
  const [max, others] = [cloneOf(hub), cloneOf(hub)];
  await did(max, ["init", "--repo", "web", "--as", "max"]);
  const ids: string[] = [];
  for (const title of ["held", "broken", "one", "two", "three"])
    ids.push((await did(max, ["add", title, "--as", "max"])).result.id);
  const [held = "", broken = ""] = ids;
  for (const step of ["claim", "release", "claim"]) await did(others, [step, held, "--as", "ada"]);

  const hand = cloneOf(hub, "--branch", "owp");
  const edit = (path: string, change: (text: string) => string) =>
    writeFileSync(join(hand, path), change(readFileSync(join(hand, path), "utf8")));
  edit(leasePath(held), (text) => text.replace("epoch: 2", "epoch: 1"));
  edit(taskPath(broken), (text) =>
    text.replace(/^title: .*$/m, "<<<<<<< HEAD\n$&\n=======\ntitle: lost words\n>>>>>>> x"),
  );
  git(hand, "commit", "--quiet", "-am", "resolve conflicts");
  git(hand, "push", "--quiet", "origin", "owp");
  const bad = git(hub, "rev-parse", "owp");

  const check = await owp(max, ["validate"]);
  expect([check.status, check.stderr]).toEqual([9, expect.stringContaining("owp repair")]);
  expect((await owp(others, ["repair", "--as", "ada", "--json"])).answer?.code).toBe("not_allowed");
  const shown = await owp(max, ["repair", "--as", "max"]);
  expect([shown.status, git(hub, "rev-parse", "owp")]).toEqual([0, bad]);
  expect(shown.stdout).toMatch(/^would mend 2 files\n/);
  expect(shown.stdout).toContain("its epoch went back to 1 and is 3 now; ada holds it as before");
  const mark = /--agreed ([0-9a-f]{14})/.exec(shown.stderr)?.[1] ?? "";
  const dry = await owp(max, ["repair", "--as", "max", "--dry-run"]);
  expect(dry.stdout).toMatch(/^-epoch: 1\n\+epoch: 3$/m);
  expect(dry.stdout).toMatch(/^-<<<<<<< HEAD$/m);

  // Others do not wait for it.
  const [repair, ...claims] = await Promise.all([
    owp(max, ["repair", "--as", "max", "--agreed", mark, "--json"]),
    ...["bob", "cyd", "dan"].map((name, at) =>
      owp(others, ["claim", ids[at + 2] ?? "", "--as", name, "--json"]),
    ),
  ]);
  expect([repair?.answer?.code, ...claims.map(({ answer }) => answer?.code)]).toEqual([
    "ok",
    "ok",
    "ok",
    "ok",
  ]);
  expect((await owp(max, ["validate"])).stdout).toBe("no problems\n");
  expect((await owp(max, ["validate", "--range", `${bad}..`])).stdout).toBe("no problems\n");
  const commits = readHistory(hub).filter(({ event }) => event === "record.repaired");
  expect(commits.map(({ actor, files }) => [actor, [...files.keys()].sort()])).toEqual([
    ["max", [leasePath(held), taskPath(broken)].sort()],
  ]);
  expect(git(hub, "log", "-1", "--format=%B", commits[0]?.oid ?? "")).toContain("  title: lost words\n");
  await did(others, ["done", held, "--as", "ada"]);
  await did(others, ["claim", broken, "--as", "ada"]);
  const again = await owp(max, ["repair", "--as", "max", "--yes", "--json"]);
  expect(again.answer?.result).toMatchObject({ already: true });
});

test("what needs a person is named with what to do, and nothing is written", async () => {
  const hub = bareHub();
  const clone = cloneOf(hub);
  await did(clone, ["init", "--repo", "web", "--as", "max"]);
  const hand = cloneOf(hub, "--branch", "owp");
  writeFileSync(join(hand, "repos", "docs.yaml"), "kind: Repo\nslug: [\n");
  git(hand, "add", ".");
  git(hand, "commit", "--quiet", "-m", "a repo");
  git(hand, "push", "--quiet", "origin", "owp");
  const ended = await owp(clone, ["repair", "--as", "max", "--yes", "--json"]);
  expect([ended.status, ended.answer?.code]).toEqual([ERRORS.validation_failed.exit, "validation_failed"]);
  expect(ended.answer?.error).toMatchObject({
    message: expect.stringMatching(
      /^repos\/docs\.yaml:\d: yaml_syntax: .* This needs a person\. Nothing was changed\.$/,
    ),
    hint: expect.stringContaining("editor"),
    data: { left: [{ path: "repos/docs.yaml" }] },
  });
  expect(git(hub, "rev-parse", "owp")).toBe(git(hand, "rev-parse", "HEAD"));
});
