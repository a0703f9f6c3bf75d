/** After everything was healed: what was left undecided is decided, and every task is driven to its end. */
import { Agent } from "./agent.ts";
import { Violation } from "./checker.ts";
import { MAINTAINERS } from "./genesis.ts";
import type { LeaseFile } from "./record.ts";
import type { World } from "./world.ts";

const TIMEOUT_MS = 120_000;
/** Virtual time after which the queue must be empty, ms. */
const LIMIT_MS = 30 * 60_000;
const IDLE_MS = 2000;
const ENDED = new Set(["done", "failed", "canceled"]);

/** Maintainers, one in each clone, who end what is open. */
export async function drain(world: World): Promise<void> {
  const { scheduler, machines } = world;
  const agents = machines.map((machine, i) => {
    const worker = MAINTAINERS[i % MAINTAINERS.length] as string;
    return new Agent(
      world,
      machine,
      { worker, explicit: true, long_lived: true, clock_ms: 0, steps: [] },
      -1,
    );
  });
  let left = agents.length;
  for (const [i, agent] of agents.entries()) {
    scheduler.start(agent.actor, async () => {
      await settle(world, agent, i);
      await work(world, agent, i);
      left--;
    });
  }
  await scheduler.run(() => left === 0);
  verifyClean(world);
}

type Command = (
  name: string,
  input: Record<string, unknown>,
) => Promise<{ ok: boolean; code?: string; result?: unknown }>;

function commands(world: World, agent: Agent): Command {
  return async (name, input) => {
    const op = world.random.ulid(world.trueNow);
    const ended = await agent.run({ name, input }, op, { timeout_ms: TIMEOUT_MS }, false);
    if (!("outcome" in ended)) throw new Violation("nobody dies when all is well", name);
    const { outcome } = ended;
    return { ok: outcome.ok, ...(outcome.ok ? { result: outcome.result } : { code: outcome.code }) };
  };
}

/** A clone speaks up with its mended clock, and finds out what became of what it had sent. */
async function settle(world: World, agent: Agent, index: number): Promise<void> {
  const command = commands(world, agent);
  const id = world.tasks[index % world.tasks.length];
  if (id) await command("note", { id, text: "all is well again" });
  const { result } = await command("sync", {});
  for (const notice of (result as { notices?: string[] } | undefined)?.notices ?? [])
    verifyNotice(world, notice);
}

function verifyNotice(world: World, notice: string): void {
  const [, op = "", fate] = /\((\w{26})\).*\b(did land|did not land)/.exec(notice) ?? [];
  const landed = world.checker.ledger.has(op);
  if (!fate || (fate === "did land") !== landed) {
    throw new Violation(
      "an unknown outcome is settled truly",
      `"${notice}", and the ledger has ${landed ? "it" : "it not"}`,
    );
  }
}

async function work(world: World, agent: Agent, index: number): Promise<void> {
  const command = commands(world, agent);
  const { checker, scheduler } = world;
  const limit = scheduler.now + LIMIT_MS;
  for (let round = 0; checker.open().length > 0; round++) {
    if (scheduler.now > limit)
      throw new Violation(
        "every task ends",
        `still open: ${checker
          .open()
          .map((id) => state(world, id))
          .join("; ")}`,
      );
    const claimed = await command("claim", {});
    if (claimed.ok) {
      for (const { id, epoch } of (claimed.result as { tasks: { id: string; epoch: number }[] }).tasks)
        await command("done", { id, epoch });
      continue;
    }
    const open = checker.open();
    const id = open[(round + index) % open.length];
    if (id) await unblock(world, command, id, agent.plan.worker);
    await scheduler.sleep(agent.actor, IDLE_MS);
  }
}

const state = ({ checker: { files } }: World, id: string): string =>
  `${id} ${files.tasks.get(id)?.status} ${JSON.stringify(files.leases.get(id) ?? null)} ${JSON.stringify(files.tasks.get(id)?.relationships ?? null)}`;

/** What a maintainer does for a task that cannot be claimed. */
async function unblock(world: World, command: Command, id: string, me: string): Promise<void> {
  const { tasks, leases } = world.checker.files;
  const [task, lease] = [tasks.get(id), leases.get(id)];
  if (!task || ENDED.has(task.status)) return;
  const waits = (task.relationships?.blocked_by ?? []).map((one) => tasks.get(one)?.status ?? "missing");
  if (waits.some((status) => status !== "done" && (ENDED.has(status) || status === "missing")))
    await command("cancel", { id });
  else if (lease && isStuck(lease, me)) await command("requeue", { id });
  else if (task.status === "planned") await command("edit", { id, status: "ready" });
}

/** What a maintainer works on comes back to them by a claim, or is another maintainer's. */
function isStuck({ worker, phase }: LeaseFile, me: string): boolean {
  if (worker === null) return phase === "retry";
  const isWorking = phase === "in_progress" && (MAINTAINERS as readonly string[]).includes(worker);
  return !isWorking && (worker === me || !(MAINTAINERS as readonly string[]).includes(worker));
}

/** Nothing lies about that someone still waits for. */
function verifyClean(world: World): void {
  for (const { index, room } of world.machines) {
    const counts = {
      waiting: room.queue.size,
      taken: room.taken.size,
      offline: room.offline.size,
      pending: room.pending.size,
    };
    if (Object.values(counts).some((count) => count > 0)) {
      throw new Violation("nothing is left undecided", `clone ${index}: ${JSON.stringify(counts)}`);
    }
  }
  const lost = [...world.checker.offline].filter((op) => !world.checker.ledger.has(op));
  if (lost.length > 0) throw new Violation("what was queued offline is answered", lost.join(", "));
}
