/**
 * Several clones vote at once, and pushes are lost: every clone computes the same, a fold over the history gives what the
 * record says, and the decision is at the first crossing (FEATURES C44, C49, C52).
 */
import { expect, test } from "vitest";
import { pathOf, voteId } from "../../src/core/paths.ts";
import { ballotsOf, standingOf } from "../../src/domain/governance/ballots.ts";
import { readProposal } from "../../src/domain/governance/find.ts";
import { MemoryIndex, MemoryShelf } from "../../src/engine/memory/index.ts";
import { RecordView } from "../../src/engine/record.ts";
import type { Success } from "../../src/lib/types.ts";
import { MemoryClones } from "../helpers/memory-clones.ts";
import { MemoryRecord } from "../helpers/memory-record.ts";
import { Random } from "../simulation/random.ts";

const MEMBERS = ["ada", "bob", "cy", "dee", "eve", "fay", "gus", "hal"];
const SEEDS = Array.from({ length: 12 }, (_, seed) => seed + 1);
const WORDS = ["up", "up", "up", "down", "neutral", "remove"] as const;

type Run = (n: number, worker: string, name: string, input?: object) => Promise<{ ok: boolean }>;

/** A record with members and one open proposal; its id. */
async function opened(run: Run): Promise<string> {
  const did = async (worker: string, name: string, input: object = {}) => {
    const outcome = await run(0, worker, name, input);
    if (!outcome.ok) throw new Error(`${name}: ${JSON.stringify(outcome)}`);
    return (outcome as Success).result as { id: string };
  };
  await did("max", "init", { repo: "web" });
  for (const name of MEMBERS) await did("max", "worker register", { name });
  const { id } = await did("max", "proposal new", { title: "A", body: "", repo: "web" });
  await did("max", "proposal open", { id });
  return id;
}

/** How the proposal stands at a commit, by the record alone. */
const standingAt = (view: RecordView, id: string) =>
  view.loading(() => {
    const file = readProposal(view.snapshot, id);
    if (!file.ok) return undefined;
    const { status, decision } = file.proposal;
    const { posterior, ...standing } = standingOf(
      ballotsOf(view.snapshot, file.proposal),
      view.snapshot.rules,
    );
    return { status, decision, standing, posterior: String(posterior.over) };
  });

const viewOf = (store: ConstructorParameters<typeof RecordView>[0]["store"]) =>
  new RecordView({ store, indexes: new MemoryIndex(new MemoryShelf()), elapsed: () => 0 });

test.each(SEEDS)("C52 clones that vote in any interleaving agree, seed %i", async (seed) => {
  const clones = new MemoryClones(seed, 3);
  const id = await opened((n, worker, name, input) => clones.run(n, worker, name, input));
  const random = new Random(seed * 7919);
  await Promise.all(
    MEMBERS.map(async (name, n) => {
      for (let turn = 0; turn < 3; turn++) {
        const word = WORDS[random.int(WORDS.length)] ?? "up";
        const said = word === "remove" ? { remove: true } : { value: word };
        await clones.run(n, name, "vote", { id, ...said });
      }
    }),
  );
  const shown = [];
  for (const n of [0, 1, 2]) {
    const outcome = (await clones.run(n, "max", "vote list", { id })) as Success;
    shown.push(outcome.result);
  }
  expect(shown[1]).toEqual(shown[0]);
  expect(shown[2]).toEqual(shown[0]);
  // Commit by commit: open means undecided, and what decides is written down in the commit that does.
  const log = await clones.log();
  const view = viewOf(clones.remote.store);
  let decided: string | undefined;
  for (const { oid } of log) {
    await view.advance(oid);
    const at = await standingAt(view, id);
    if (!at) continue;
    if (at.status === "open") expect([decided, at.standing.verdict]).toEqual([undefined, undefined]);
    if (at.status === "accepted" || at.status === "rejected") {
      decided ??= at.status;
      expect([at.status, at.standing.verdict]).toEqual([decided, decided]);
    }
  }
  const fresh = viewOf(clones.remote.store);
  await fresh.advance(log.at(-1)?.oid as string);
  expect(await standingAt(fresh, id)).toEqual(await standingAt(view, id));
});

test("C52 votes that came by hand are settled by the next sync of anyone, with the same answer", async () => {
  const record = new MemoryRecord();
  const id = await opened((_n, worker, name, input) => record.run(worker, name, input));
  for (const name of ["ada", "bob"]) await record.did(name, "vote", { id, value: "up" });
  const at = new Date(Date.UTC(2026, 2, 1, 13)).toISOString();
  const votes = ["cy", "dee", "zoe"].map((name) => [
    pathOf("Vote", voteId(id, name)),
    `kind: Vote\nproposal: ${id}\nworker: ${name}\nvalue: 1\nat: ${JSON.stringify(at)}\n`,
  ]);
  await record.push(Object.fromEntries(votes));
  expect((await record.run("eve", "vote", { id, value: "down" })).ok).toBe(false);
  const [one, other] = [record.fork(), record.fork()];
  const answers = [];
  for (const [clone, name] of [
    [one, "eve"],
    [other, "max"],
  ] as const) {
    const synced = await clone.did<{ decided?: { id: string; verdict: string }[] }>(name, "sync");
    expect(synced.result.decided).toMatchObject([{ id, verdict: "accepted" }]);
    const listed = await clone.did<object>("ada", "vote list", { id });
    expect(listed.result).toMatchObject({
      ...{ status: "accepted", tally: { upvotes: 4 } },
      ignored: [{ worker: "zoe", ignored: "not_a_member" }],
    });
    answers.push(listed.result);
  }
  expect(answers[1]).toEqual(answers[0]);
});

test("C42-C55 what the operations write passes owp validate", async () => {
  const record = new MemoryRecord();
  const id = await opened((_n, worker, name, input) => record.run(worker, name, input));
  await record.did("ada", "vote", { id, value: "up", message: "yes" });
  await record.did("bob", "vote react", { id, voter: "ada", value: "up" });
  await record.did("bob", "vote react", { id, voter: "ada", remove: true });
  await record.did("ada", "vote", { id, remove: true });
  for (const name of ["ada", "bob", "cy", "dee"]) await record.did(name, "vote", { id, value: "up" });
  await record.did("eve", "proposal fork", { id });
  expect(await record.errors()).toEqual([]);
  expect(await record.errorsSince(null)).toEqual([]);
});
