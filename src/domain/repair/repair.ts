/** `owp repair`: one forward commit that mends what bad commits left in the record. Never lowers an epoch, never reopens a task. */
import type { Change, Ctx, Plan } from "../../core/operation.ts";
import { pathOf, placeOf } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { RepairInput } from "../../generated/types.ts";
import { digestText } from "../exchange/digest.ts";
import { actingWorker, isMaintainer } from "../workers/acting.ts";
import { type Changed, type Left, type Mend, valueIn } from "./bench.ts";
import type { Evidence } from "./evidence.ts";
import { mendRounds } from "./rounds.ts";
import { tasksIn } from "./safe.ts";
import { messageOf, subjectOf } from "./told.ts";

export interface Repaired {
  mends: Mend[];
  /** What needs a person. */
  left: Left[];
  /** Names exactly these mends, for --agreed. */
  mark: string;
  /** Nothing was wrong that could be mended; nothing was published. */
  already?: true;
}

/** The evidence is gathered by the engine's side from the history of the same snapshot. */
export function planRepair(
  snapshot: Snapshot,
  input: RepairInput & { evidence: Evidence },
  ctx: Ctx,
): Plan<Repaired> {
  const { name, worker } = actingWorker(snapshot, ctx);
  if (!isMaintainer(worker)) return notAllowed(snapshot, name);
  const { mends, left, changed, bench } = mendRounds(input.evidence.rounds, snapshot, { name });
  const result: Repaired = { mends, left, mark: digestText(JSON.stringify(changed)) };
  if (changed.length === 0) return nothingToDo(result);
  if (input.agreed !== undefined && input.agreed !== result.mark) return changedSince(result);
  const changes: Change[] = [];
  for (const file of changed) {
    const change = changeOf(snapshot, file);
    if (!change) return moved(file.path);
    changes.push(change);
  }
  return {
    ok: true,
    changes,
    event: {
      type: "record.repaired",
      subject: subjectOf(changed.map(({ path }) => path)),
      tasks: tasksIn(bench, changed),
      actor: name,
      message: messageOf(mends, changed),
    },
    result,
    warnings: left.map(
      ({ path, line, code, todo }) => `${path}${line ? `:${line}` : ""}: ${code} is left to you: ${todo}`,
    ),
  };
}

/** The change of a file; undefined where another operation of this chain has changed it meanwhile. */
function changeOf(snapshot: Snapshot, { path, now, next }: Changed): Change | undefined {
  const doc = placeOf(path) ? snapshot.doc(path) : undefined;
  const isBroken = !placeOf(path) || snapshot.problems.has(path);
  if (doc ? doc.text !== now : now !== undefined && !isBroken) return undefined;
  const stands = doc || now === undefined ? {} : { stands: now };
  if (next === undefined) return { path, value: null, ...stands };
  return { path, value: valueIn<object>(path, next) ?? null, text: next, ...stands };
}

/** Nothing was found, or nothing that could be mended. */
function nothingToDo(result: Repaired): Plan<Repaired> {
  const [first] = result.left;
  if (!first) return { ok: true, changes: [], result: { ...result, already: true } };
  const { path, line, code, message, todo } = first;
  const others =
    result.left.length > 1 ? ` ${result.left.length - 1} more are like it: owp validate names them.` : "";
  return refuse(
    "validation_failed",
    `${path}${line ? `:${line}` : ""}: ${code}: ${message.replace(/\.$/, "")}. This needs a person.${others} Nothing was changed.`,
    { hint: todo, data: { left: result.left } },
  );
}

const changedSince = (result: Repaired): Refusal =>
  refuse("conflict", "What is to be mended is not what was shown. Nothing was changed.", {
    hint: "owp repair shows it again",
    data: { mark: result.mark, mends: result.mends },
  });

const moved = (path: string): Refusal =>
  refuse("conflict", `${path} changed while its repair was planned. Nothing was changed.`, {
    hint: "owp repair",
  });

/** Also where no one may: the file of the last maintainer is broken itself. */
function notAllowed(snapshot: Snapshot, name: string): Refusal {
  const path = pathOf("Worker", name);
  const problem = snapshot.problems.get(path);
  if (problem)
    return refuse(
      "not_allowed",
      `Only a maintainer may repair the record, and ${path} cannot be read. Nothing was changed.`,
      {
        hint: `another maintainer runs owp repair; or restore ${path} by hand, with git, from a commit before: git log ${path}`,
        data: { worker: name, path, ...(problem.line ? { line: problem.line } : {}) },
      },
    );
  return refuse(
    "not_allowed",
    `Only a maintainer may repair the record; you are ${name}. Nothing was changed.`,
    {
      hint: "owp worker list names the maintainers",
      data: { worker: name },
    },
  );
}
