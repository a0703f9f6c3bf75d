/** Agents that drain a queue with the built command: claim, done, until nothing is left. Each command is a process. */
import { setTimeout as wait } from "node:timers/promises";
import { Random } from "../simulation/random.ts";
import { type Ended, type Started, startOwp, told as words } from "./command.ts";
import type { Told } from "./judge.ts";

export interface Agent {
  /** For failures, and the seed of its pauses. */
  name: string;
  dir: string;
  /** More words for every command: --as and the like. */
  args?: readonly string[];
  /** More words for claim. */
  claim?: readonly string[];
  env?: NodeJS.ProcessEnv;
}

export interface DrainOptions {
  /** Answers after which an agent goes on with the next claim, beside there being nothing now. */
  passing?: readonly string[];
  /** Looks at every command as it starts. */
  watch?: (started: Started, agent: Agent) => void;
  /** Words for one command: for instance an operation's id. */
  words?: (verb: "claim" | "done") => readonly string[];
  /** What the loop does with an agent whose command was killed: true, it goes on. */
  survives?: () => boolean;
  seed?: number;
}

/** Longest pause of an agent that found nothing. */
const PAUSE_MS = 1000;
const LIMIT_MS = 100_000;
const KEPT_LINES = 40;

/** Drains the queue with all agents at once; answers everything that they were told, in the order of the answers. */
export async function drain(agents: readonly Agent[], options: DrainOptions = {}): Promise<Told[]> {
  const journal: Told[] = [];
  const deadline = Date.now() + LIMIT_MS;
  const loops = agents.map((agent, index) =>
    loop(agent, new Random((options.seed ?? 1) * 1000 + index), journal, deadline, options),
  );
  await Promise.all(loops);
  return journal;
}

/** One command of an agent; what it was told goes into the journal. */
export async function tell(
  agent: Agent,
  args: readonly string[],
  journal: Told[],
  options: DrainOptions = {},
): Promise<Ended> {
  const line = [...args, ...(agent.args ?? []), "--json"];
  const started = startOwp(agent.dir, line, agent.env ? { env: agent.env } : {});
  options.watch?.(started, agent);
  const ended = await started.ended;
  journal.push(toldBy(agent, line, ended));
  return ended;
}

function toldBy(agent: Agent, line: readonly string[], { status, answer }: Ended): Told {
  const id = line.indexOf("--op-id");
  const given = id < 0 ? null : (line[id + 1] ?? null);
  const told: Told = {
    agent: agent.name,
    said: line.join(" "),
    op: answer?.op ?? given,
    ok: status === 0,
    code: answer?.code ?? "killed",
  };
  if (answer?.commit) told.commit = answer.commit;
  if (answer?.already) told.already = true;
  if (answer?.result?.tasks)
    Object.assign(told, { worker: answer.result.worker, tasks: answer.result.tasks });
  return told;
}

async function loop(
  agent: Agent,
  random: Random,
  journal: Told[],
  deadline: number,
  options: DrainOptions,
): Promise<void> {
  const passing = new Set(["nothing_to_claim", ...(options.passing ?? [])]);
  const fail = (args: readonly string[], ended: Ended) => {
    const lines = journal
      .slice(-KEPT_LINES)
      .map(({ agent: name, code, said, op }) => `  ${name}: ${code} ${said} ${op}`);
    throw new Error(
      [`${agent.name} cannot go on: ${words(args, ended)}`, "what was told before:", ...lines].join("\n"),
    );
  };
  for (;;) {
    const claim = ["claim", ...(agent.claim ?? []), ...(options.words?.("claim") ?? [])];
    const claimed = await tell(agent, claim, journal, options);
    if (claimed.status === null && !options.survives?.()) return;
    if (claimed.answer?.code === "nothing_to_claim" && claimed.answer.error?.data?.open === 0) return;
    if (Date.now() > deadline) fail(claim, claimed);
    if (claimed.status !== 0 && claimed.status !== null && !passing.has(claimed.answer?.code ?? ""))
      fail(claim, claimed);
    if (claimed.status !== 0) await wait(PAUSE_MS * (0.2 + 0.8 * random.next()));
    for (const { id } of claimed.answer?.result?.tasks ?? []) {
      const done = ["done", id, ...(options.words?.("done") ?? [])];
      const ended = await tell(agent, done, journal, options);
      if (ended.status === null && !options.survives?.()) return;
      if (ended.status !== 0 && ended.status !== null && !passing.has(ended.answer?.code ?? ""))
        fail(done, ended);
    }
  }
}
