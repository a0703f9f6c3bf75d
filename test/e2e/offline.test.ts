/** Without the remote: reads answer and say how old they are, a claim says what it needs, and what was queued is sent later. */
import { renameSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { did, owp, told } from "../helpers/command.ts";
import { bareHub, cloneOf } from "../helpers/git.ts";
import { portrait, readHistory } from "../helpers/history.ts";
import { judge, type Told } from "../helpers/judge.ts";
import { litterIn } from "../helpers/litter.ts";

let hub: string;
let ada: string;
let bob: string;
/** Ids of the tasks one, two and three; ada holds the first two. */
let ids: string[];
let told0: Told[];

const away = () => renameSync(hub, `${hub}.away`);
const back = () => renameSync(`${hub}.away`, hub);
const as = (name: string, ...words: string[]) => [...words, "--as", name];

beforeEach(async () => {
  hub = bareHub();
  [ada, bob] = [cloneOf(hub), cloneOf(hub)];
  told0 = [];
  const say = async (dir: string, ...words: string[]) => {
    const answer = await did(dir, words);
    told0.push({
      agent: "setup",
      said: words.join(" "),
      op: answer.op,
      ok: true,
      code: "ok",
      ...(answer.commit && { commit: answer.commit }),
    });
    return answer.result;
  };
  await say(ada, ...as("ada", "init", "--max-skew", "1s"));
  ids = [];
  for (const title of ["one", "two", "three"]) ids.push((await say(ada, ...as("ada", "add", title))).id);
  await say(ada, ...as("ada", "claim", ids[0] ?? "", "--for", "1s"));
  await say(ada, ...as("ada", "claim", ids[1] ?? ""));
});

describe("with a remote that is gone", () => {
  const reads = [
    ["list"],
    ["ready"],
    ["status"],
    ["search", "one"],
    ["prime"],
    ["worker", "list"],
    ["repo", "list"],
    ["export"],
    ["list", "--offline"],
  ];

  test("every read answers, and says how old the view is", async () => {
    away();
    const before = portrait(ada);
    for (const args of [...reads, ["show", ids[0] ?? ""]]) {
      const answer = await did(ada, as("ada", ...args));
      expect([args, answer.view?.stale, answer.view?.tip]).toEqual([
        args,
        true,
        expect.stringMatching(/^[0-9a-f]{40}$/),
      ]);
      expect(answer.view?.age_ms).toBeGreaterThan(0);
      const isAsked = !args.includes("--offline");
      expect([args, answer.warnings.some((text) => text.includes("from this clone's last view"))]).toEqual([
        args,
        isAsked,
      ]);
      const spoken = await owp(ada, as("ada", ...args));
      expect([args, spoken.status, spoken.stderr]).toEqual([
        args,
        0,
        expect.stringMatching(/this is how the record stood \d+s ago/),
      ]);
    }
    const log = await owp(ada, ["log"]);
    expect([log.status, log.stdout, log.stderr]).toEqual([
      0,
      expect.stringContaining("three"),
      expect.stringMatching(/how the record stood \d+s ago/),
    ]);
    expect(portrait(ada)).toEqual(before);
  });

  test("a claim says that it needs the remote, and cannot be queued", async () => {
    away();
    const now = await owp(ada, as("ada", "claim", "--another", "--json"));
    expect([now.status, now.answer?.code], told(["claim"], now)).toEqual([7, "remote_unreachable"]);
    const queued = await owp(ada, as("ada", "claim", "--another", "--offline", "--json"));
    expect([queued.status, queued.answer?.code]).toEqual([7, "offline_needs_remote"]);
    expect(queued.answer?.error?.message).toMatch(/decided by the remote/);
  });

  test("a clone that has never seen the record says so", async () => {
    away();
    for (const args of [["list"], ["status"]]) {
      const { status, answer } = await owp(bob, [...args, "--json"]);
      expect([args, status, answer?.code]).toEqual([args, 7, "remote_unreachable"]);
    }
  });
});

describe("what was queued offline", () => {
  const sync = async () => (await did(ada, as("ada", "sync"))).result;

  test("is sent by sync, which tells what became of each: one lease was lost meanwhile", async () => {
    away();
    const lines = [
      ["done", ids[0] ?? "", "--offline"],
      ["done", ids[1] ?? "", "--message", "finished on the train", "--offline"],
      ["add", "four", "--blocked-by", ids[2] ?? "", "--offline"],
      ["note", ids[2] ?? "", "seen from the train", "--offline"],
    ];
    const ops: (string | null)[] = [];
    for (const line of lines) {
      const answer = await did(ada, as("ada", ...line));
      expect([answer.queued, answer.result]).toEqual([true, null]);
      ops.push(answer.op);
    }
    const still = await owp(ada, as("ada", "sync", "--json"));
    expect([still.status, still.answer?.code]).toEqual([7, "remote_unreachable"]);

    back();
    await wait(2500);
    const taken = await did(bob, as("bob", "claim", ids[0] ?? ""));
    expect(taken.result.tasks[0]).toMatchObject({
      epoch: 2,
      taken_from: { worker: "ada", reason: "expired" },
    });
    // A change of this clone that is not queued goes first, and sends nothing of the queue.
    await did(ada, as("ada", "note", ids[2] ?? "", "seen from the station"));
    expect(readHistory(hub).at(-1)?.subject).toContain("note");

    const rehearsed = (await did(ada, as("ada", "sync", "--dry-run"))).result;
    expect(rehearsed.waiting.map(({ op, name }: Record<string, unknown>) => [op, name])).toEqual(
      lines.map(([name], index) => [ops[index], name]),
    );
    expect(readHistory(hub).at(-1)?.subject).toContain("note");

    const { answers, waiting, notices } = await sync();
    expect({ waiting, notices }).toEqual({ waiting: [], notices: [] });
    expect(answers.map(({ op, name, ok, code }: Record<string, unknown>) => [op, name, ok, code])).toEqual([
      [ops[0], "done", false, "lease_lost"],
      [ops[1], "done", true, undefined],
      [ops[2], "add", true, undefined],
      [ops[3], "note", true, undefined],
    ]);
    expect(answers[0].message).toMatch(/bob holds/);
    expect(answers[0].hint).toMatch(/owp note/);
    const commits = readHistory(hub);
    for (const [index, op] of ops.entries())
      expect(commits.filter((commit) => commit.op === op)).toHaveLength(index === 0 ? 0 : 1);
    expect(await sync()).toMatchObject({ answers: [], waiting: [] });
    expect(litterIn(join(ada, ".git/owp"))).toEqual([]);

    await did(bob, as("bob", "done", ids[0] ?? ""));
    for (let left = 2; left > 0; left--) {
      await did(bob, as("bob", "claim"));
      await did(bob, as("bob", "done"));
    }
    const refused: Told = {
      agent: "ada",
      said: "done, queued",
      op: ops[0] ?? "",
      ok: false,
      code: "lease_lost",
    };
    expect(judge(readHistory(hub), [...told0, refused]).complaints).toEqual([]);
  });

  test("means the task that was held then, and never one that is held by the time of sync", async () => {
    await did(ada, as("ada", "release", ids[1] ?? ""));
    away();
    await did(ada, as("ada", "done", "--offline"));
    back();
    await wait(2500);
    await did(bob, as("bob", "claim", ids[0] ?? ""));
    await did(ada, as("ada", "claim", ids[2] ?? ""));
    const { answers } = await sync();
    expect(answers.map(({ ok, code }: Record<string, unknown>) => [ok, code])).toEqual([
      [false, "lease_lost"],
    ]);
    expect((await did(ada, ["show", ids[2] ?? ""])).result).toMatchObject({
      id: ids[2],
      state: "in_progress",
    });
  });

  test("is told in words, with the command that was refused", async () => {
    away();
    await did(ada, as("ada", "done", ids[1] ?? "", "--offline"));
    await did(ada, as("ada", "edit", ids[2] ?? "", "--priority", "90", "--offline"));
    back();
    await did(bob, as("bob", "worker", "register"));
    await did(ada, as("ada", "release", ids[1] ?? "", "--force"));
    const spoken = await owp(ada, as("ada", "sync"));
    expect([spoken.status, spoken.stdout]).toEqual([
      0,
      expect.stringMatching(/refused owp done \(\w+\): .*\n[\s\S]*sent owp edit \(\w+\)/),
    ]);
  });

  test("is refused at once where nothing that the remote says could help", async () => {
    away();
    const rows: [args: string[], status: number, code: string][] = [
      [["done", "--offline"], 2, "ambiguous_held"],
      [["add", "x".repeat(10_000), "--offline"], 2, "invalid_input"],
      [["edit", ids[2] ?? "", "--estimate", "x", "--offline"], 2, "usage"],
    ];
    for (const [args, status, code] of rows) {
      const ended = await owp(ada, as("ada", ...args, "--json"));
      expect([args[0], ended.status, ended.answer?.code]).toEqual([args[0], status, code]);
    }
    expect(litterIn(join(ada, ".git/owp"))).toEqual([]);
  });
});
