/** The index on disk: advanced step by step, lost, garbled, read and written by several processes at once. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { encode } from "../../src/core/codec.ts";
import { nthId } from "../../src/core/ids.ts";
import type { LoadedObjects } from "../../src/core/object-index.ts";
import { OBJECT_PREFIX, type ObjectKind, pathOf } from "../../src/core/paths.ts";
import { FileIndex } from "../../src/engine/index-files.ts";
import { MemoryStore } from "../../src/engine/memory/store.ts";
import type { Oid } from "../../src/engine/ports.ts";
import { RecordView } from "../../src/engine/record.ts";
import { fc } from "../helpers/chance.ts";
import { commit } from "../helpers/commit.ts";
import { issueRef, object, oid, refTo, repoRef } from "../helpers/objects.ts";
import { at, type File, lease, policy, repo, task, worker } from "../helpers/record.ts";

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "owp-index-"));
  dirs.push(dir);
  return dir;
}

const viewOf = (store: MemoryStore, dir: string) =>
  new RecordView({ store, indexes: new FileIndex(dir), elapsed: () => performance.now() });

/** What a process with a view of its own sees at a tip; it keeps the index when it ends. */
async function look(store: MemoryStore, dir: string, tip: Oid): Promise<RecordView> {
  const view = viewOf(store, dir);
  await view.open();
  await view.advance(tip);
  await view.persist();
  return view;
}

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

const KINDS_OF_OBJECTS = Object.keys(OBJECT_PREFIX) as ObjectKind[];

/** Everything that plans can ask of a view about objects and who points to whom. */
async function objectsIn(view: RecordView) {
  const state = view.snapshot;
  const kinds = [];
  for (const kind of KINDS_OF_OBJECTS)
    kinds.push((await view.loading(() => [...state.objects(kind)])).toSorted(byId));
  const known = kinds.flat();
  const ids = [
    ...range(0, POOL).flatMap((n) => [
      `t_${short(n).padStart(26, "0")}`,
      ...KINDS_OF_OBJECTS.map((kind) => oid(kind, short(n))),
    ]),
    (repo("web")[1] as { id: string }).id,
  ];
  const one = (id: string) => ({
    row: state.object(id),
    links: state.links(id),
    from: state.pointingTo(id),
  });
  const each = [];
  for (const id of ids) each.push([id, await view.loading(() => one(id))] as const);
  const found = each.filter(([, { row, links, from }]) => row || links.length > 0 || from.length > 0);
  const ends = [...new Set(known.map(({ id }) => id.slice(-4)))].sort();
  const ending = [];
  for (const end of ends) ending.push((await view.loading(() => state.objectsEnding(end))).toSorted(byId));
  return { kinds, found: Object.fromEntries(found), ending };
}

/** Everything that plans can ask of a view. */
async function all(view: RecordView) {
  const state = view.snapshot;
  const objects = await objectsIn(view);
  const closed = await view.loading(() => [...state.closed()]);
  const open = [...state.open()];
  const { policy, workers, repos, problems } = state;
  return {
    ...{ tip: state.tip, policy, workers, repos, problems, stray: state.index.stray, objects },
    open: open.toSorted(byId),
    closed: closed.toSorted(byId),
    dependencies: Object.fromEntries(
      open.flatMap((row) => row.blocked_by.map((id) => [id, state.dependency(id)])),
    ),
  };
}

const rebuilt = async (store: MemoryStore, tip: Oid) => all(await look(store, tempDir(), tip));

const texts = (files: readonly File[]) =>
  Object.fromEntries(
    files.map(([path, value]) => [path, typeof value === "string" ? value : encode(path, value)]),
  );

/** The last characters of the n-th task: they differ, and so do their segments. */
const short = (n: number) => nthId("0".repeat(26), n).slice(-5);

const start = (store: MemoryStore) =>
  commit(store, null, texts([policy(), repo("web"), worker("ada"), worker("bo")]));

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
const done = (n: number): File =>
  task(short(n), { status: "done", outcome: { epoch: n, attempt: 1, worker: "ada", at: at(-n) } });
const pathOfTask = (n: number) => task(short(n))[0];
const pathOfLease = (n: number) => lease(short(n))[0];
const files = (dir: string, name: RegExp) => readdirSync(dir).filter((file) => name.test(file));

const POOL = 150;
const STEPS: Record<string, (n: number) => Record<string, string | null>> = {
  open: (n) => texts([task(short(n), { title: `Task ${n}: größer als\n"je"`, labels: ["a", `l${n % 3}`] })]),
  waits: (n) => {
    const blocked_by = [n + 1, (n * 7) % POOL].map((other) => `t_${short(other).padStart(26, "0")}`);
    return texts([task(short(n), { priority: n, relationships: { blocked_by } })]);
  },
  end: (n) => texts([done(n)]),
  lease: (n) => texts([lease(short(n), { worker: n % 2 ? "ada" : "bo", epoch: n + 1 })]),
  unlease: (n) => ({ [pathOfLease(n)]: null }),
  remove: (n) => ({ [pathOfTask(n)]: null }),
  spoil: (n) => ({ [pathOfTask(n)]: "a: [1\n" }),
  spoilLease: (n) => ({ [pathOfLease(n)]: "a: [1\n" }),
  worker: (n) => texts([worker(`w${n % 4}`)]),
  links: (n) =>
    texts([
      task(short(n), {
        status: n % 2 ? "ready" : "planned",
        doctrine_refs: [refTo("DoctrineRef", short(n % 3))],
        context_packets: n % 3 ? [refTo("ContextPacket", short(n + 1))] : [],
      }),
    ]),
  packet: (n) =>
    texts([
      object("ContextPacket", short(n), {
        for_issue: issueRef(short(n % 5)),
        summary: `größer ${n}`,
        constraint_snapshot: refTo("ConstraintSnapshot", short(n)),
      }),
    ]),
  snapshot: (n) => texts([object("ConstraintSnapshot", short(n))]),
  doctrine: (n) =>
    texts([object("DoctrineRef", short(n), { applicability: { repo_refs: [repoRef("web")] } })]),
  run: (n) =>
    texts([
      object("Run", short(n), {
        for_issue: issueRef(short(n)),
        inputs: { context_packets: [refTo("ContextPacket", short((n * 7) % POOL))] },
        outputs: { artifacts: n % 2 ? [{ ...refTo("Artifact", short(n)), role: "main" }] : [] },
      }),
    ]),
  artifact: (n) => texts([object("Artifact", short(n), { produced_by: refTo("Run", short(n % 7)) })]),
  removeObject: (n) => ({ [object("Run", short(n))[0]]: null, [object("ContextPacket", short(n))[0]]: null }),
  spoilObject: (n) => ({ [object("Run", short(n))[0]]: "a: [1\n" }),
};

const steps = fc.array(
  fc.record({
    what: fc.constantFrom(...Object.keys(STEPS)),
    from: fc.integer({ min: 0, max: POOL - 1 }),
    count: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: POOL })),
    /** A process of its own, the one that lives on, or one that does not keep what it saw. */
    by: fc.constantFrom("new", "old", "forgets"),
  }),
  { minLength: 1, maxLength: 12 },
);

describe("an index", () => {
  test("that was advanced step by step equals one that is made from the record", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const [store, dir] = [new MemoryStore(), tempDir()];
        let tip = await start(store);
        const old = await look(store, dir, tip);
        for (const { what, from, count, by } of taken) {
          const edits = range(from, count).map((n) => STEPS[what]?.(n % POOL));
          tip = await commit(store, tip, Object.assign({}, ...edits));
          if (by === "new") await look(store, dir, tip);
          else {
            await old.advance(tip);
            if (by === "old") await old.persist();
          }
        }
        const expected = await rebuilt(store, tip);
        expect(await all(await look(store, dir, tip))).toEqual(expected);
        await old.advance(tip);
        expect(await all(old)).toEqual(expected);
      }),
      { numRuns: 80 },
    );
  }, 60_000);

  test("writes little for a small change, and everything once in a while", async () => {
    const [store, dir] = [new MemoryStore(), tempDir()];
    let tip = await commit(store, await start(store), texts(range(0, 100).map((n) => task(short(n)))));
    await look(store, dir, tip);
    const first = files(dir, /^open/);
    expect(first).toHaveLength(1);
    tip = await commit(store, tip, texts([lease(short(1))]));
    await look(store, dir, tip);
    expect(files(dir, /^open/)).toEqual(first);
    tip = await commit(store, tip, texts(range(0, 90).map((n) => lease(short(n)))));
    const view = await look(store, dir, tip);
    expect(files(dir, /^open/)).toHaveLength(2);
    expect(await all(view)).toEqual(await rebuilt(store, tip));
  });

  test("splits the ended tasks into segments, and loads the one that is asked for", async () => {
    const [store, dir] = [new MemoryStore(), tempDir()];
    let tip = await commit(store, await start(store), texts(range(0, 1400).map(done)));
    await look(store, dir, tip);
    expect(files(dir, /^all/)).toHaveLength(1);
    tip = await commit(store, tip, texts(range(1400, 200).map(done)));
    await look(store, dir, tip);
    const view = await look(store, dir, tip);
    const id = `t_${short(1500).padStart(26, "0")}`;
    const state = view.snapshot;
    expect(await view.loading(() => state.closedTask(id)?.epoch)).toBe(1500);
    expect([
      ...(view as unknown as { loaded: { closed: Map<string, unknown> } }).loaded.closed.keys(),
    ]).toEqual([id.slice(-1)]);
    expect(await all(view)).toEqual(await rebuilt(store, tip));
  });

  const SPOILT: Record<string, (dir: string) => void> = {
    "an empty head": (dir) => writeFileSync(join(dir, "head.json"), ""),
    "half a head": (dir) => {
      const head = readFileSync(join(dir, "head.json"));
      writeFileSync(join(dir, "head.json"), head.subarray(0, head.length / 2));
    },
    "a head of another format": (dir) => writeFileSync(join(dir, "head.json"), '{"format":1,"tip":"x"}'),
    "a head that is no head": (dir) => writeFileSync(join(dir, "head.json"), '{"format":3}'),
    "no open tasks": (dir) => {
      for (const file of files(dir, /^open/)) unlinkSync(join(dir, file));
    },
    "garbled open tasks": (dir) => {
      for (const file of files(dir, /^open/)) writeFileSync(join(dir, file), '{"rows":3}');
    },
    "no ended tasks": (dir) => {
      for (const file of files(dir, /^all/)) unlinkSync(join(dir, file));
    },
    "garbled ended tasks": (dir) => {
      for (const file of files(dir, /^all/)) writeFileSync(join(dir, file), "[{");
    },
    "no objects": (dir) => {
      for (const file of files(dir, /^objects/)) unlinkSync(join(dir, file));
    },
    "garbled objects": (dir) => {
      for (const file of files(dir, /^objects/)) writeFileSync(join(dir, file), "[{");
    },
    "half of the objects": (dir) => {
      for (const file of files(dir, /^objects/)) {
        const text = readFileSync(join(dir, file));
        writeFileSync(join(dir, file), text.subarray(0, text.length - 10));
      }
    },
    nothing: (dir) => rmSync(dir, { recursive: true }),
  };
  test.each(Object.keys(SPOILT))("of which there is %s is made again", async (what) => {
    const [store, dir] = [new MemoryStore(), tempDir()];
    const tip = await commit(
      store,
      await start(store),
      texts([
        ...range(0, 9).map((n) => task(short(n))),
        ...range(20, 9).map(done),
        ...range(0, 9).map((n) => object("Run", short(n), { for_issue: issueRef(short(n)) })),
      ]),
    );
    await look(store, dir, tip);
    SPOILT[what]?.(dir);
    const expected = await rebuilt(store, tip);
    expect(await all(await look(store, dir, tip))).toEqual(expected);
    // And stays whole from then on.
    expect(await all(await look(store, dir, tip))).toEqual(expected);
    JSON.parse(readFileSync(join(dir, "head.json"), "utf8"));
  });

  test("splits many objects into segments, and loads those that are asked for", async () => {
    const [store, dir] = [new MemoryStore(), tempDir()];
    const runs = (from: number, count: number) =>
      texts(range(from, count).map((n) => object("Run", short(n), { for_issue: issueRef(short(n % 40)) })));
    let tip = await commit(store, await start(store), runs(0, 700));
    await look(store, dir, tip);
    const later = Object.assign(
      runs(700, 3),
      texts([object("Run", short(1), { for_issue: issueRef(short(2)) })]),
    );
    tip = await commit(store, tip, later);
    const view = await look(store, dir, tip);
    const id = oid("Run", short(5));
    const state = view.snapshot;
    expect(await view.loading(() => state.object(id)?.links[0]?.[1])).toBe(`t_${short(5).padStart(26, "0")}`);
    const { objects } = (view as unknown as { loaded: { objects: LoadedObjects } }).loaded;
    expect([...objects.segments.keys()]).toEqual([`rn_${id.slice(-1)}`]);
    expect(await view.loading(() => state.pointingTo(`t_${short(2).padStart(26, "0")}`))).toContain(
      oid("Run", short(1)),
    );
    expect(await all(view)).toEqual(await rebuilt(store, tip));
  });

  test("may be written by several processes at once: each sees what it advanced to", async () => {
    const [store, dir] = [new MemoryStore(), tempDir()];
    let tip = await commit(store, await start(store), texts(range(0, 80).map((n) => task(short(n)))));
    const views = await Promise.all(range(0, 4).map(() => look(store, dir, tip)));
    for (let round = 0; round < 30; round++) {
      tip = await commit(store, tip, texts([done(round), lease(short(round + 40), { epoch: round + 1 })]));
      const [late, ...others] = [...views.slice(round % 4), ...views.slice(0, round % 4)] as [
        RecordView,
        ...RecordView[],
      ];
      for (const view of others) await view.advance(tip);
      await Promise.all(others.map((view) => view.persist()));
      if (round % 5 === 4) {
        await late.advance(tip);
        await late.persist();
      }
    }
    const expected = await rebuilt(store, tip);
    for (const view of views) {
      await view.advance(tip);
      expect(await all(view)).toEqual(expected);
    }
    expect(await all(await look(store, dir, tip))).toEqual(expected);
  });

  test("is not taken back by a process that saw less", async () => {
    const [store, dir] = [new MemoryStore(), tempDir()];
    const first = await commit(store, await start(store), texts([task(short(1))]));
    const slow = await look(store, dir, first);
    const second = await commit(store, first, texts([task(short(2))]));
    await slow.advance(second);
    const third = await commit(store, second, texts([done(1)]));
    await look(store, dir, third);
    await slow.persist();
    expect(slow.snapshot.tip).toBe(third);
    const next = viewOf(store, dir);
    await next.open();
    expect(next.snapshot.tip).toBe(third);
    await slow.advance(third);
    expect(await all(slow)).toEqual(await rebuilt(store, third));
  });

  test("can be read while others write: what a reader holds stays there", async () => {
    const [store, dir] = [new MemoryStore(), tempDir()];
    let tip = await commit(store, await start(store), texts(range(0, 200).map(done)));
    await look(store, dir, tip);
    const reader = viewOf(store, dir);
    await reader.open();
    const seen = reader.snapshot;
    const then = await rebuilt(store, tip);
    for (let round = 0; round < 5; round++) {
      tip = await commit(store, tip, texts(range(200 + round * 100, 100).map(done)));
      await look(store, dir, tip);
    }
    expect((await reader.loading(() => [...seen.closed()])).toSorted(byId)).toEqual(then.closed);
  });

  test("keeps dependencies that ended only while an open task waits for them", async () => {
    const [store, dir] = [new MemoryStore(), tempDir()];
    const blocked_by = [`t_${short(1).padStart(26, "0")}`];
    let tip = await commit(
      store,
      await start(store),
      texts([done(1), done(2), task(short(3), { relationships: { blocked_by } })]),
    );
    await look(store, dir, tip);
    tip = await commit(store, tip, texts([done(4)]));
    await look(store, dir, tip);
    const view = viewOf(store, dir);
    await view.open();
    expect([...view.snapshot.index.settled]).toEqual([[blocked_by[0], "done"]]);
    expect(pathOf("Task", blocked_by[0] as string)).toBe(pathOfTask(1));
  });
});
