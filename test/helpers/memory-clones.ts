/** Several clones of one record in memory, whose processes run at once: chance says who goes on, and now and then an answer is lost. */
import { setImmediate as turn } from "node:timers/promises";
import { ulidTime } from "../../src/core/ids.ts";
import { MemoryDesk, MemoryRoom } from "../../src/engine/memory/desk.ts";
import { MemoryIndex, MemoryShelf } from "../../src/engine/memory/index.ts";
import { MemoryHub, MemoryRemote } from "../../src/engine/memory/remote.ts";
import { MemoryStore } from "../../src/engine/memory/store.ts";
import type { Oid, Remote } from "../../src/engine/ports.ts";
import { RecordView } from "../../src/engine/record.ts";
import { type Commit, readCommit } from "../../src/engine/walk.ts";
import { loadWith, RecordHub } from "../../src/lib/hub.ts";
import type { Outcome } from "../../src/lib/types.ts";
import { Random } from "../simulation/random.ts";

const LONGEST_PAUSE = 6;
/** Of pushes that land, so many are not told so. */
const LOST = 0.1;

interface Clone {
  id: string;
  store: MemoryStore;
  room: MemoryRoom;
  shelf: MemoryShelf;
}

export class MemoryClones {
  readonly remote = new MemoryHub();
  readonly clones: Clone[];
  /** ms since 1970, the same for all. */
  now = ulidTime("01kjm0000000000000000000aa");
  /** ms for which processes have slept, all together. */
  private slept = 0;
  private readonly random: Random;
  private processes = 0;

  constructor(seed: number, count: number) {
    this.random = new Random(seed);
    this.clones = Array.from({ length: count }, (_, n) => ({
      ...{ id: `c10ne00${n}`, store: new MemoryStore(), room: new MemoryRoom(), shelf: new MemoryShelf() },
    }));
  }

  /** One command, in a process of its own in the n-th clone. */
  run(n: number, worker: string, name: string, input: object = {}): Promise<Outcome> {
    const clone = this.clones[n % this.clones.length] as Clone;
    const { store, room, shelf } = clone;
    const clock = { now: () => this.now, elapsed: () => this.slept, sleep: (ms: number) => this.sleep(ms) };
    const hub = new RecordHub({
      ...{ clone: clone.id, store, clock, clockShiftMs: 0 },
      remote: this.remoteOf(store),
      desk: new MemoryDesk(room, `process ${this.processes++}`, () => true),
      view: new RecordView({ store, indexes: new MemoryIndex(shelf), elapsed: clock.elapsed }),
      random: () => this.random.next(),
      operations: loadWith(store),
      point: () => this.pause(),
      names: { remote: "origin", branch: "owp" },
      caller: { name: worker, explicit: true, actor_kind: "agent", clone: clone.id },
      newOp: () => this.random.ulid(this.now),
      dispose: () => undefined,
      place: { folder: "web" },
      progress: {},
    });
    return hub.run(name, input);
  }

  private remoteOf(store: MemoryStore): Remote {
    const inner = new MemoryRemote(this.remote, store);
    return {
      fetch: async () => {
        await this.pause();
        return inner.fetch();
      },
      push: async (push) => {
        await this.pause();
        const outcome = await inner.push(push);
        if (outcome.record !== "accepted" || !this.random.chance(LOST)) return outcome;
        return { ...outcome, record: "unknown", fault: { class: "transport", text: "the answer was lost" } };
      },
    };
  }

  /** Who sleeps wakes soon, and finds that the time has passed. */
  private async sleep(ms: number): Promise<void> {
    this.slept += ms;
    await this.pause();
  }

  private async pause(): Promise<void> {
    this.now++;
    this.slept++;
    for (let turns = this.random.int(LONGEST_PAUSE); turns > 0; turns--) await turn();
  }

  /** The record's commits, the first one first. */
  async log(): Promise<Commit[]> {
    const commits: Commit[] = [];
    for (let oid: Oid | undefined = this.remote.record ?? undefined; oid; oid = commits[0]?.parents[0])
      commits.unshift(await readCommit(this.remote.store, oid));
    return commits;
  }
}
