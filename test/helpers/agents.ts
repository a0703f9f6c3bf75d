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

/** What becomes of an agent whose command was killed: the same command once more, its next one, or nothing any more. */
export type Fate = "again" | "next" | "over";

export interface DrainOptions {
  /** Answers after which an agent goes on with the next claim, beside there being nothing now. */
  passing?: readonly string[];
  /** Looks at every command as it starts. */
  watch?: (started: Started, agent: Agent) => void;
  /** More words for one command: for instance an operation's id. */
  words?: () => readonly string[];
  /** Where commands are killed. */
  afterKill?: (agent: Agent) => Fate;
  seed?: number;
}

/** Longest pause of an agent that found nothing. */
const PAUSE_MS = 1000;
const LIMIT_MS = 240_000;
/** For the hook that drains a queue: longer than any of its agents tries. */
export const DRAIN_HOOK_MS = 300_000;
const KEPT_LINES = 40;

/** Drains the queue with all agents at once; answers everything that they were told, in the order of the answers. */
export async function drain(agents: readonly Agent[], options: DrainOptions = {}): Promise<Told[]> {
  const journal: Told[] = [];
  const seed = (options.seed ?? 1) * 1000;
  const loops = agents.map((agent, index) =>
    new Loop(agent, new Random(seed + index), journal, options).run(),
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

class Loop {
  private readonly deadline = Date.now() + LIMIT_MS;
  private readonly passing: ReadonlySet<string>;

  constructor(
    private readonly agent: Agent,
    private readonly random: Random,
    private readonly journal: Told[],
    private readonly options: DrainOptions,
  ) {
    this.passing = new Set(["nothing_to_claim", ...(options.passing ?? [])]);
  }

  /** Until nothing is left, or it was killed for good. */
  async run(): Promise<void> {
    for (;;) {
      const claimed = await this.say(["claim", ...(this.agent.claim ?? [])]);
      if (!claimed || claimed.answer?.error?.data?.open === 0) return;
      if (claimed.status !== 0) await wait(PAUSE_MS * (0.2 + 0.8 * this.random.next()));
      for (const { id } of claimed.answer?.result?.tasks ?? []) if (!(await this.say(["done", id]))) return;
    }
  }

  /** undefined: the agent is no more. Throws where it was told what it cannot go on with. */
  private async say(args: readonly string[]): Promise<Ended | undefined> {
    const line = [...args, ...(this.options.words?.() ?? [])];
    for (;;) {
      const ended = await tell(this.agent, line, this.journal, this.options);
      const code = ended.answer?.code ?? "";
      const isFine = ended.status === null ? this.options.afterKill : code === "ok" || this.passing.has(code);
      if (!isFine || Date.now() > this.deadline) throw this.failure(line, ended);
      if (ended.status !== null) return ended;
      const fate = this.options.afterKill?.(this.agent);
      if (fate !== "again") return fate === "next" ? ended : undefined;
    }
  }

  private failure(line: readonly string[], ended: Ended): Error {
    const before = this.journal
      .slice(-KEPT_LINES)
      .map(({ agent, code, said, op }) => `  ${agent}: ${code} ${said} ${op}`);
    const what = `${this.agent.name} cannot go on: ${words(line, ended)}`;
    return new Error([what, "what was told before:", ...before].join("\n"));
  }
}
