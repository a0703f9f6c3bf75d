/** Proof of work where a policy asks for it: done by the library, written with the vote, verified in history (FEATURES C17–C28). */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Challenge, hasBits, POW_ACTIONS, type Stamp } from "../../src/core/pow.ts";
import { OPERATIONS } from "../../src/domain/operations.ts";
import { solve } from "../../src/lib/pow/solve.ts";
import type { RunOptions } from "../../src/lib/types.ts";
import { bareHub, cloneOf, git, tempDir } from "../helpers/git.ts";
import { hubAt, runAt } from "../helpers/record-hub.ts";

const BITS = 8;
let hub: string;
let clone: string;
let proposal: string;
let start: string;

/** One operation in the name of a member; throws nothing. */
async function run(as: string, name: string, input: object, options: RunOptions = {}, env = {}) {
  const opened = await hubAt(clone, { as, env });
  try {
    return await opened.run(name, input, options);
  } finally {
    await opened.close();
  }
}

/** Changes files of the record by hand. */
function push(change: (dir: string) => void): void {
  const dir = join(tempDir(), "record");
  git(tempDir(), "clone", "-q", "-b", "owp", hub, dir);
  change(dir);
  git(dir, "-c", "user.name=max", "-c", "user.email=max@example.org", "commit", "-qam", "by hand");
  git(dir, "push", "-q", "origin", "owp");
}

const voteFile = (voter: string) => git(hub, "show", `owp:proposals/${proposal}/votes/${voter}.yaml`);
const codeOf = (outcome: { ok: boolean; code?: string }) => (outcome.ok ? "ok" : outcome.code);

beforeAll(async () => {
  hub = bareHub();
  clone = cloneOf(hub);
  await runAt(clone, [["init", { repo: "web" }]], { as: "max" });
  for (const name of ["ada", "bob", "cy"]) await runAt(clone, [["worker register", { name }]], { as: "max" });
  const made = await runAt<{ id: string }>(
    clone,
    [["proposal new", { title: "Add a cache", body: "So.", repo: "web" }]],
    { as: "max" },
  );
  proposal = made.result.id;
  await runAt(clone, [["proposal open", { id: proposal }]], { as: "max" });
  push((dir) => {
    const text = readFileSync(join(dir, "owp.yaml"), "utf8");
    writeFileSync(
      join(dir, "owp.yaml"),
      text.replace(/(pow:\n {4}required: )false(\n {4}difficulty: )24/, `$1true$2${BITS}`),
    );
  });
  start = git(hub, "rev-parse", "owp");
}, 60_000);

describe("a vote", () => {
  test("C24 C26 is paid for by whoever casts it, and history says so", async () => {
    expect(codeOf(await run("ada", "vote", { id: proposal, value: "up" }))).toBe("ok");
    const text = voteFile("ada");
    expect(text).toMatch(/pow:\n {2}algorithm: hashcash-sha256\n {2}difficulty: 8\n/);
    // Quoted where it looks like a number.
    expect(text).toMatch(new RegExp(`commit: "?${start}"?\n`));
    const outcome = await run("ada", "validate", { range: `${start}..` });
    expect(outcome).toMatchObject({ ok: true, result: { problems: [] } });
  });

  test("C19 C20 the challenge comes back to who asks for it, and its stamp is taken with the same operation", async () => {
    const op = "01kk0000000000000000000abc";
    const asked = await run("bob", "vote", { id: proposal, value: "up" }, { pow: "ask", op });
    expect(codeOf(asked)).toBe("pow_required");
    const { challenge } = (asked as unknown as { data: { challenge: Challenge } }).data;
    expect(challenge).toMatchObject({
      algorithm: "hashcash-sha256",
      action: "vote.cast",
      difficulty: BITS,
      op,
    });
    const found = await solve(challenge);
    const { algorithm, difficulty, commit } = challenge;
    const pow: Stamp = { algorithm, difficulty, commit, op, nonce: "nonce" in found ? found.nonce : "" };
    expect(hasBits(challenge.seed, pow.nonce, BITS)).toBe(true);
    const given = (input: object, options: RunOptions = { op }) =>
      run("bob", "vote", { id: proposal, value: "up", pow, ...input }, options);
    // C21 C27: for another vote, another operation, or with another nonce it is none.
    expect(codeOf(await given({ value: "down" }))).toBe("pow_invalid");
    expect(codeOf(await given({}, { op: "01kk0000000000000000000abd" }))).toBe("pow_invalid");
    expect(codeOf(await given({ pow: { ...pow, nonce: `${pow.nonce}1` } }))).toBe("pow_invalid");
    expect(codeOf(await given({ pow: { ...pow, commit: "a".repeat(40) } }))).toBe("pow_invalid");
    expect(codeOf(await given({ pow: { ...pow, difficulty: BITS - 1 } }))).toBe("pow_invalid");
    // While others change the record it stays good.
    await runAt(clone, [["add", { title: "more" }]], { as: "max" });
    expect(codeOf(await given({}))).toBe("ok");
    expect(voteFile("bob")).toContain(`nonce: "${pow.nonce}"`);
  });

  test("C20 a stamp whose commit was followed by others for longer than the policy says asks for a new one", async () => {
    const op = "01kk0000000000000000000abe";
    const asked = await run("cy", "vote", { id: proposal, value: "up" }, { pow: "ask", op });
    const { challenge } = (asked as unknown as { data: { challenge: Challenge } }).data;
    const found = await solve(challenge);
    const { algorithm, difficulty, commit } = challenge;
    const pow = { algorithm, difficulty, commit, op, nonce: "nonce" in found ? found.nonce : "" };
    await runAt(clone, [["add", { title: "still more" }]], { as: "max" });
    const late = await hubAt(clone, { as: "cy", env: {}, now: () => Date.now() + 11 * 60_000 });
    const outcome = await late.run("vote", { id: proposal, value: "up", pow }, { op });
    await late.close();
    expect(codeOf(outcome)).toBe("pow_required");
    expect((outcome as { message: string }).message).toContain("expired");
  });

  test("in a record where nothing happens a stamp is good however old the newest commit is", async () => {
    const late = await hubAt(clone, { as: "cy", env: {}, now: () => Date.now() + 3 * 3_600_000 });
    const outcome = await late.run("vote", { id: proposal, value: "neutral" });
    await late.close();
    expect(codeOf(outcome)).toBe("ok");
    const checked = await run("max", "validate", { range: `${start}..` });
    const codes = checked.ok ? (checked.result as { problems: { code: string }[] }).problems : [checked];
    expect(codes.filter(({ code }) => code?.startsWith("stamp"))).toEqual([]);
  });
});

test("C01 registering is paid for too; a first claim does not register in passing then", async () => {
  const claimed = await run("eve", "claim", {});
  expect(claimed).toMatchObject({ code: "worker_unknown", hint: "owp worker register eve" });
  expect(codeOf(await run("dee", "worker register", { name: "dee" }))).toBe("ok");
  expect(git(hub, "show", "owp:workers/dee.yaml")).toContain("algorithm: hashcash-sha256");
});

test("a search that is stopped changes nothing, and is gone on with", async () => {
  push((dir) => {
    const text = readFileSync(join(dir, "owp.yaml"), "utf8");
    writeFileSync(join(dir, "owp.yaml"), text.replace("difficulty: 8", "difficulty: 60"));
  });
  const before = git(hub, "rev-parse", "owp");
  const ctrlC = new AbortController();
  const stop = (): void => ctrlC.abort();
  const input = { id: proposal, remove: true };
  const first = await run("bob", "vote", input, {
    abort: ctrlC.signal,
    onProgress: ({ stage }) => stage.includes("proof") && stop(),
  });
  expect(codeOf(first)).toBe("canceled");
  expect(git(hub, "rev-parse", "owp")).toBe(before);
  const folder = join(clone, ".git", "owp", "pow");
  const [file = ""] = readdirSync(folder);
  const kept = () =>
    JSON.parse(readFileSync(join(folder, file), "utf8")) as { next: number; challenge: Challenge };
  const { challenge } = kept();
  writeFileSync(join(folder, file), JSON.stringify({ challenge, next: 5_000_000 }));
  // Closer to its end, it is found at once; and the same operation lands.
  const again = new AbortController();
  const second = run("bob", "vote", input, {
    abort: again.signal,
    onProgress: ({ stage }) => stage.includes("proof") && again.abort(),
  });
  expect(codeOf(await second)).toBe("canceled");
  expect(kept().challenge.op).toBe(challenge.op);
  expect(kept().next).toBeGreaterThanOrEqual(5_000_000);
  push((dir) => {
    const text = readFileSync(join(dir, "owp.yaml"), "utf8");
    writeFileSync(join(dir, "owp.yaml"), text.replace("difficulty: 60", "difficulty: 8"));
  });
  writeFileSync(
    join(folder, file),
    JSON.stringify({ challenge: { ...challenge, difficulty: BITS }, next: 0 }),
  );
  const done = await run("bob", "vote", input);
  expect([codeOf(done), done.op]).toEqual(["ok", challenge.op]);
  expect(existsSync(join(folder, file))).toBe(false);
}, 60_000);

test("C26 every act that a policy may ask work for is one of an operation that takes a stamp, and no other operation does", async () => {
  const paid = OPERATIONS.filter((row) => row.paid).map(({ name }) => name);
  const takes = async (row: (typeof OPERATIONS)[number]) => {
    const { schema } = await row.load();
    return "pow" in ((schema as { properties?: object }).properties ?? {});
  };
  const taking: string[] = [];
  for (const row of OPERATIONS) if (await takes(row)) taking.push(row.name);
  expect(taking.sort()).toEqual([...paid].sort());
  expect(POW_ACTIONS).toHaveLength(9);
});
