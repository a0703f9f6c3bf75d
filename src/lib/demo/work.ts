/** A worker of the demo: claims, writes the task's file, commits and pushes it, says done; until nothing is left. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Success } from "../types.ts";
import type { Chore } from "./plot.ts";
import type { Worker } from "./stage.ts";

const PAUSE_MS = 400;
/** A push of the code branch races those of the other workers. */
const PUSH_TRIES = 20;

export interface Claimed {
  id: string;
  short: string;
  title: string;
  epoch: number;
  taken_from?: { worker: string; epoch: number; reason: string };
}

export type Tell = (line: string) => void;

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Claims one task; undefined when there is none, and then `why` says it in numbers. */
export async function claimOne(
  worker: Worker,
  tell: Tell,
  more: object = {},
): Promise<Claimed | { why: string; open: number }> {
  const outcome = await worker.hub.run("claim", more);
  if (!outcome.ok) {
    if (outcome.code !== "nothing_to_claim") throw new Error(outcome.message);
    return { why: outcome.message, open: Number(outcome.data?.open ?? 0) };
  }
  const task = (outcome.result as { tasks: Claimed[] }).tasks[0] as Claimed;
  const from = task.taken_from
    ? `, taken over from ${task.taken_from.worker} (${task.taken_from.reason})`
    : "";
  tell(
    `${worker.name} claims   ${task.short}  ${task.title}  [epoch ${task.epoch}${from}; ${pushes(outcome)}]`,
  );
  return task;
}

const pushes = (outcome: Success) =>
  outcome.attempts === 1 ? "1 push" : `${outcome.attempts} pushes, lost ${outcome.attempts - 1} to others`;

/** Works until the queue is empty; says once why there is nothing for it. */
export async function workAll(
  worker: Worker,
  chores: readonly Chore[],
  tell: Tell,
  abort: AbortSignal,
): Promise<number> {
  let finished = 0;
  let said = "";
  while (!abort.aborted) {
    const claimed = await claimOne(worker, tell);
    if ("why" in claimed) {
      if (claimed.open === 0) return finished;
      // The clause about when something may become free changes by the second.
      const why = claimed.why.replace(/ One may become free.*$/, "");
      if (why !== said) tell(`${worker.name} waits    ${why}`);
      said = why;
      await pause(PAUSE_MS);
      continue;
    }
    const chore = chores.find(({ title }) => title === claimed.title) as Chore;
    await pause(PAUSE_MS * (0.5 + Math.random()));
    const commit = await doChore(worker, chore, claimed);
    const done = await worker.hub.run("done", { id: claimed.id, commit, message: `wrote ${chore.file}` });
    tell(
      done.ok
        ? `${worker.name} finishes ${claimed.short}  ${chore.file}, commit ${commit.slice(0, 8)}`
        : `${worker.name} is told   ${done.message}`,
    );
    finished += done.ok ? 1 : 0;
  }
  return finished;
}

/** Writes the file on the newest code, commits and pushes. Answers the commit. */
async function doChore(worker: Worker, chore: Chore, task: Claimed): Promise<string> {
  const { git, dir } = worker;
  await git.raw("pull", "--quiet", "--rebase", "origin", "main");
  const read = (file: string) => (existsSync(join(dir, file)) ? readFileSync(join(dir, file), "utf8") : "");
  writeFileSync(join(dir, chore.file), chore.make(read));
  await git.add(chore.file);
  await git.commit(`${chore.title}\n\nOwp-Task: ${task.id}`);
  for (let tries = 1; ; tries++) {
    try {
      await git.raw("push", "--quiet", "origin", "main");
      return (await git.raw("rev-parse", "HEAD")).trim();
    } catch (error) {
      if (tries === PUSH_TRIES) throw error;
      await pause(Math.random() * 100 * tries);
      await git.raw("pull", "--quiet", "--rebase", "origin", "main");
    }
  }
}
