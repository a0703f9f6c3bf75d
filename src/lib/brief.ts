/** `owp show --brief`: the operation's answer, with who had the task before, which stands in the record's commits. */
import { OPERATIONS } from "../domain/operations.ts";
import { type Attempt, attemptsOf, type TaskStep } from "../domain/tasks/attempts.ts";
import { BRIEF_LIMITS, Shortener } from "../domain/tasks/shorten.ts";
import type { ShowResult } from "../domain/tasks/show.ts";
import { readTaskLog, type TaskCommit, type TaskLogLimits } from "../engine/task-log.ts";
import type { RecordHub } from "./hub.ts";
import type { Outcome, Success } from "./types.ts";

/** So far back the holders of a task are looked for. */
const LIMITS: TaskLogLimits = { commits: 10_000, found: 500 };

/** The first claim of a task, or what made it: no one had it before. */
const isFirst = ({ event, lease }: TaskCommit): boolean =>
  event === "task.created" || (event === "task.claimed" && (lease as TaskStep["lease"])?.epoch === 1);

export async function withAttempts(hub: RecordHub, shown: Success): Promise<Outcome> {
  const result = shown.result as ShowResult;
  const { brief, lease, task, id } = result;
  const { tip } = shown.view;
  // Most tasks were never in other hands, and nothing is read for them.
  if (!brief?.more_attempts || tip === null) return shown;
  const log = await readTaskLog(hub.parts.store, tip, id, OPERATIONS, isFirst, LIMITS);
  const now = new Set([lease?.worker ? lease.epoch : undefined, task.outcome?.epoch]);
  const told = new Set(brief.chain?.runs?.map(({ by, started_at }) => `${by} ${started_at}`));
  const earlier = attemptsOf(log.commits as TaskStep[]).filter(
    ({ epoch, worker, claimed_at }) => !now.has(epoch) && !told.has(`${worker} ${claimed_at}`),
  );
  const attempts = earlier.slice(-BRIEF_LIMITS.attempts);
  const shorten = new Shortener();
  return {
    ...shown,
    result: {
      ...result,
      brief: {
        ...brief,
        attempts: attempts.map((one): Attempt => shorten.said("why attempts ended", one)),
        more_attempts: !log.complete || earlier.length > attempts.length,
        cut: [...brief.cut, ...shorten.cut],
      },
    },
  };
}
