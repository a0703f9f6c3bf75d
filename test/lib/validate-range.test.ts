/** A range against all that its commits were made on: what a branch brings, and what it merely is behind. */
import { describe, expect, test } from "vitest";
import { encode } from "../../src/core/codec.ts";
import { pathOf } from "../../src/core/paths.ts";
import { type Bound, hasBits, seedOf } from "../../src/core/pow.ts";
import { iso } from "../../src/core/time.ts";
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

describe("what rules ask for beyond the changed files is found in a real history", () => {
  const P = `pp_${"0".repeat(26)}`;
  const VOTE = pathOf("Vote", `${P}/bea`);
  const ops = ["a", "b", "c"].map((digit) => `01kjn0000000000000000000a${digit}`) as [string, string, string];
  const operations = [{ events: ["any"], touches: ["Vote", "Proposal"] }];
  const POW =
    'kind: Policy\nprotocol: "1.0"\ngovernance:\n  pow: { required: true, difficulty: 6, ttl: 10m }\n';

  /** A group of two, with a proposal that is open. */
  async function voting() {
    const record = new MemoryRecord();
    await record.did("ann", "init", { repo: "web" });
    await record.did("bea", "worker register", { name: "bea" });
    const proposal = {
      kind: "Proposal",
      id: P,
      title: "x",
      body: "",
      author: "ann",
      status: "open",
      repo: "web",
    };
    await record.push({
      "owp.yaml": POW,
      [pathOf("Proposal", P)]: encode(pathOf("Proposal", P), {
        ...proposal,
        created_at: "2026-01-01T00:00:00Z",
      }),
    });
    return record;
  }

  /** bea's vote of this moment as an operation's commit, with a stamp on a commit of the record. */
  async function cast(record: MemoryRecord, op: string, base: string, stampOp = op): Promise<string> {
    const { committer } = await record.read(record.tip);
    const at = iso(committer.at_ms + 60_000);
    const content = { kind: "Vote", proposal: P, worker: "bea", value: 1, at };
    const bound: Bound = { actor: "bea", action: "vote.cast", target: P, content };
    const seed = seedOf(bound, base, stampOp);
    let nonce = 0;
    while (!hasBits(seed, String(nonce), 6)) nonce++;
    const pow = {
      algorithm: "hashcash-sha256",
      difficulty: 6,
      commit: base,
      op: stampOp,
      nonce: String(nonce),
    };
    const text = encode(VOTE, { ...content, pow });
    await record.push({ [VOTE]: text }, `vote\n\nOwp-Op: ${op}\nOwp-Event: any\nOwp-Actor: bea`);
    return record.tip;
  }

  const codesOf = async (record: MemoryRecord, from: string) => {
    const { findings } = await checkRange(
      record.remote.store,
      { from, to: record.tip },
      { now: Date.now() + 1e12, operations },
    );
    return findings.filter(({ severity }) => severity === "error").map(({ code }) => code);
  };

  test("a fresh stamp passes, also on a commit some way back", async () => {
    const record = await voting();
    const from = record.tip;
    await cast(record, ops[0], from);
    await cast(record, ops[1], from);
    expect(await codesOf(record, from)).toEqual([]);
  });

  test("an operation that was there before is found again (C21)", async () => {
    const record = await voting();
    const from = record.tip;
    await cast(record, ops[0], from);
    await cast(record, ops[1], from);
    const second = record.tip;
    await cast(record, ops[0], from);
    expect(await codesOf(record, second)).toEqual(["stamp_reused"]);
  });

  test("a commit that was followed by another an hour ago is stale, and one of another history is none (C20)", async () => {
    const record = await voting();
    const from = record.tip;
    const side = await record.hand({ "README.md": "elsewhere\n" });
    await record.push({ "README.md": "later\n" });
    record.wait(3_600_000);
    const late = record.tip;
    await cast(record, ops[0], from);
    expect(await codesOf(record, late)).toEqual(["stamp_stale"]);
    const next = record.tip;
    await cast(record, ops[1], side);
    expect(await codesOf(record, next)).toEqual(["stamp_stale"]);
  });

  test("a merge that makes a vote of its own is named, and one that brings a side's is not", async () => {
    const record = await voting();
    const from = record.tip;
    await cast(record, ops[0], from);
    const side = record.tip;
    record.remote.record = from;
    await record.push({ "README.md": "meanwhile\n" });
    const ours = record.tip;
    const vote = (await record.text(VOTE, side)) ?? "";
    record.remote.record = await record.hand({ [VOTE]: vote }, [ours, side]);
    expect(await codesOf(record, ours)).toEqual([]);
    record.remote.record = await record.hand({ [VOTE]: vote.replace("value: 1", "value: -1") }, [ours, side]);
    // Told against each of its sides.
    expect(new Set(await codesOf(record, ours))).toEqual(new Set(["merge_decides"]));
  });
});

test("what was verified is not looked at again", async () => {
  const { record } = await scene();
  const known = new Set<string>();
  let saved = 0;
  const memory = {
    has: (oid: string) => known.has(oid),
    add: (oid: string) => known.add(oid),
    save: () => saved++,
  };
  const context = { now: Date.now() + 1e12, operations: OPERATIONS };
  const check = (to: string) => checkRange(record.remote.store, { from: null, to }, context, { memory });
  const first = await check(record.tip);
  expect([first.findings, known.size, saved]).toEqual([[], first.commits + 1, 1]);
  await record.push({ "workers/max.yaml": (text) => text.replace("maintainer", "boss") });
  const broken = record.tip;
  const [finding] = (await check(broken)).findings;
  expect(finding).toMatchObject({ commit: broken, code: "schema" });
  expect(known.has(broken)).toBe(false);
  // A commit in which nothing was found is taken at its word.
  known.add(broken);
  expect((await check(broken)).findings.filter(({ commit }) => commit !== undefined)).toEqual([]);
});
