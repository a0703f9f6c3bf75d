/**
 * The whole brief of one task on one page: what `owp show --brief` says besides the task's file. Pure; who had the task
 * before stands in the commits, which the caller reads (attempts.ts).
 */
import { shortId } from "../../core/paths.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import type { ArtifactNote, Lease, Task } from "../../generated/types.ts";
import { type Briefing, briefing } from "../runs/briefing.ts";
import type { Attempt } from "./attempts.ts";
import { readTasks } from "./docs.ts";
import { BRIEF_LIMITS, Shortener } from "./shorten.ts";
import type { LinkedTask, ShowResult } from "./show.ts";
import type { TaskState } from "./state.ts";

/** What came of a task that this one waits for. */
export interface Delivery extends LinkedTask {
  worker?: string;
  message?: string;
  artifacts?: ArtifactNote[];
}

export interface Brief {
  /** The caller holds it. */
  yours: boolean;
  /** What CWOM's objects say: packet, limits, doctrine, earlier runs. */
  chain?: Briefing;
  /** Who had it before, oldest first. */
  attempts: Attempt[];
  /** There are others that are not in `attempts`. */
  more_attempts: boolean;
  /** How to go on and to finish: a command, and when. */
  finish: [command: string, when: string][];
  /** What is shortened: `description (3000 of 12000 characters)`. owp show has all of it. */
  cut: string[];
}

type Shown = Pick<ShowResult, "task" | "lease" | "state" | "dependencies" | "dependents">;

/** (suspends) The shown task with its long parts shortened, and the brief. */
export function withBrief<S extends Shown>(
  snapshot: Snapshot,
  shown: S,
  file: Task,
  open: OpenTask | undefined,
  me: string,
): S & { brief: Brief } {
  const { lease, state, dependents } = shown;
  const shorten = new Shortener();
  const yours = lease?.worker === me;
  const chain = briefing(snapshot, file, lease?.run, shorten);
  const waits = open?.blocked_by.some((id) => snapshot.dependency(id) !== "done") ?? false;
  return {
    ...shown,
    task: shorten.task(file),
    ...(lease ? { lease: shorten.lease(lease) } : {}),
    dependencies: deliveries(snapshot, shown.dependencies, shorten),
    dependents: shorten
      .first("tasks that wait for it", dependents, BRIEF_LIMITS.links)
      .map((link) => shorten.link(link)),
    brief: {
      yours,
      ...(chain ? { chain } : {}),
      attempts: [],
      more_attempts: hadHolders(lease, file.outcome),
      finish: waysOn(shortId(file.id), state, yours, waits),
      cut: shorten.cut,
    },
  };
}

/** Someone had it before the one who has it now, or before it came free. */
const hadHolders = (lease: Lease | undefined, outcome: Task["outcome"]): boolean =>
  lease ? lease.epoch > 1 || !lease.worker : (outcome?.epoch ?? 0) > 1;

/** (suspends) What the first dependencies came to. */
function deliveries(snapshot: Snapshot, links: readonly LinkedTask[], shorten: Shortener): Delivery[] {
  const shown = shorten.first("tasks that it waits for", links, BRIEF_LIMITS.links);
  const readable = shown.filter(({ state }) => state !== "missing" && state !== "broken");
  const tasks = readTasks(
    snapshot,
    readable.map(({ id }) => id),
  );
  const files = new Map(tasks.map((file) => [file.id, file]));
  return shown.map((link) => {
    const { worker, message, artifacts } = files.get(link.id)?.outcome ?? {};
    const delivery: Delivery = {
      ...shorten.link(link),
      ...(worker ? { worker } : {}),
      ...(message ? { message } : {}),
      ...(artifacts ? { artifacts } : {}),
    };
    return shorten.said("what other tasks came to", delivery, BRIEF_LIMITS.link_artifacts);
  });
}

type Ways = (short: string) => Brief["finish"];

const note: Ways = (short) => [[`owp note ${short} "<text>"`, "leaves word for whoever works on it"]];
const claim: Ways = (short) => [[`owp claim ${short}`, "makes it yours, before you work on it"]];
const reopen: Ways = (short) => [[`owp requeue ${short} -m "<why>"`, "opens it again"]];
const work: Ways = (short) => [
  [`owp done ${short} -m "<what was done>"`, "when all of it holds; --commit <sha> or --pr <url> proves it"],
  [`owp pr ${short} <url>`, "when a review is open"],
  [`owp block ${short} -m "<why>"`, "when you are stuck; it stays yours"],
  [`owp fail ${short} -m "<why>"`, "when the attempt came to nothing"],
  [`owp release ${short} -m "<what is left>"`, "when it is not for you"],
];

/** For its holder. */
const MINE: Partial<Record<TaskState, Ways>> = {
  in_progress: work,
  expired: work,
  blocked: (short) => [
    [`owp resume ${short}`, "when you can go on"],
    [`owp release ${short} -m "<what is left>"`, "when someone else should"],
  ],
  pr_opened: (short) => [
    [`owp done ${short}`, "when it is merged"],
    [`owp resume ${short}`, "when the review asks for more"],
  ],
};

/** For everyone else. */
const OTHERS: Record<TaskState, Ways> = {
  queued: claim,
  retry: claim,
  expired: claim,
  planned: (short) => [[`owp edit ${short} --status ready`, "opens it for claims"], ...note(short)],
  in_progress: note,
  blocked: note,
  pr_opened: note,
  done: reopen,
  failed: reopen,
  canceled: reopen,
  broken: () => [["owp validate", "says what is wrong with its files"]],
};

function waysOn(short: string, state: TaskState, yours: boolean, waits: boolean): Brief["finish"] {
  const ways = (yours && MINE[state]) || OTHERS[state];
  if (waits && ways === claim) return [[`owp claim ${short}`, "once all that it waits for is done"]];
  return ways(short);
}
