/** `owp prime`: what an agent must know before it starts: in under 400 tokens, or in the words of the record's PRIME.md. */
import type { Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import { PLACEHOLDERS, PRIME_PATH, type PrimeFile } from "../../core/prime-file.ts";
import { problemAt, problemText } from "../../core/problem.ts";
import type { OpenTask, Snapshot } from "../../core/snapshot.ts";
import type { PrimeInput } from "../../generated/types.ts";
import { actingWorker, draftWorker, enlist } from "../workers/acting.ts";
import { obstacle } from "./eligibility.ts";
import { clip } from "./find.ts";
import { byClaimOrder, heldBy, worldOf } from "./scheduling.ts";
import { leaseOf, momentOf, stateOf, type TaskState } from "./state.ts";

interface PrimedTask {
  short: string;
  title: string;
  repo: string;
}

export interface PrimeResult {
  worker: string;
  /** Why the worker cannot take part yet, and what someone must do about it. */
  shut_out?: string;
  /** The first of what I hold: what is in progress, then the rest, each in claim order. */
  held: (PrimedTask & { state: TaskState; epoch: number; expires_at: string | null })[];
  held_total: number;
  /** The first of what I could claim. */
  ready: PrimedTask[];
  ready_total: number;
  /** The everyday loop: a command and what it does. */
  commands: [command: string, does: string][];
  /** Where the text comes from; built-in: from owp itself. */
  source: typeof PRIME_PATH | "built-in";
  /** The record's own text, with its placeholders. */
  text?: string;
  /** The text is wanted as it is, with its placeholders. */
  as_it_is?: true;
}

const SHOWN = 3;
const TITLE_LIMIT = 60;

const COMMANDS: PrimeResult["commands"] = [
  ["owp claim", "get the best task for you, or the one you work on"],
  ['owp done -m "<what was done>"', "finish it (--commit <sha>, --pr <url>); tells what is next"],
  ['owp block -m "<why>"', "stuck; it stays yours, owp resume goes on"],
  ["owp release", 'give it back; owp fail -m "<why>": the attempt failed'],
  ["owp show <id> --brief", 'all about a task; owp note <id> "<text>" adds to it'],
];

export function planPrime(snapshot: Snapshot, input: PrimeInput, ctx: Ctx): Plan<PrimeResult> {
  const { name, worker } = actingWorker(snapshot, ctx);
  const entry = enlist(snapshot, ctx);
  const who = worker ?? draftWorker(snapshot.rules, name, ctx);
  const world = worldOf(snapshot, ctx, name);
  const at = momentOf(snapshot, ctx);
  const isWorkedOn = (task: OpenTask) => leaseOf(task)?.phase === "in_progress";
  const mine = heldBy(snapshot, name);
  const held = [...mine.filter(isWorkedOn), ...mine.filter((task) => !isWorkedOn(task))];
  const ready: OpenTask[] = [];
  for (const task of snapshot.open()) if (!obstacle(task, who, world)) ready.push(task);
  const { warnings, ...text } = textOf(snapshot);
  return {
    ok: true,
    changes: [],
    result: {
      worker: name,
      ...(entry.ok ? {} : { shut_out: entry.code === "worker_unknown" ? entry.hint : entry.message }),
      held: held.slice(0, SHOWN).map((task) => ({
        ...primed(task),
        state: stateOf(task, at),
        epoch: leaseOf(task)?.epoch ?? 0,
        expires_at: leaseOf(task)?.expires_at ?? null,
      })),
      held_total: held.length,
      ready: ready.sort(byClaimOrder).slice(0, SHOWN).map(primed),
      ready_total: ready.length,
      commands: COMMANDS,
      ...text,
      ...(input.template ? { as_it_is: true as const } : {}),
    },
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

const primed = ({ id, title, repo }: OpenTask): PrimedTask => ({
  short: shortId(id),
  title: clip(title, TITLE_LIMIT),
  repo: clip(repo, TITLE_LIMIT / 2),
});

/** (suspends) The record's own text, where there is one that can be shown. */
function textOf(snapshot: Snapshot): Pick<PrimeResult, "text" | "source"> & { warnings: string[] } {
  const file = snapshot.doc<PrimeFile>(PRIME_PATH)?.value;
  if (!file) return { source: "built-in", warnings: [] };
  if (!file.ok) {
    const problem = problemText(problemAt(PRIME_PATH, file.finding));
    return { source: "built-in", warnings: [`${problem}; owp's own text is shown in its place`] };
  }
  const known = Object.keys(PLACEHOLDERS).join(", ");
  const warnings = file.unknown.map(
    ({ name, line }) => `${PRIME_PATH}:${line}: {{${name}}} is filled in by no one; there are ${known}`,
  );
  return { source: PRIME_PATH, text: file.text, warnings };
}
