/** One stretch of the code's history: read, handed to the operation, and answered. */
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { SettleResult } from "../../domain/merges/settle.ts";
import { faultRefusal, StoreError } from "../../engine/git/errors.ts";
import type { Repository } from "../../engine/git/locate.ts";
import { readSettings } from "../../engine/git/settings.ts";
import { GitStore } from "../../engine/git/store.ts";
import type { RecordHub } from "../hub.ts";
import { success } from "../services.ts";
import type { Outcome, RunOptions, Success } from "../types.ts";
import { History, type Span } from "./history.ts";
import { mentionsIn } from "./mentions.ts";
import { type Place, placesOf } from "./places.ts";
import { cutNote } from "./range.ts";

/** The code that a hub's clone has: its repository, and the branches that count. */
export interface Code {
  repository: Repository;
  history: History;
  places: Place[];
}

/** One stretch of history, and the branches that have it. */
export interface Stretch {
  places: Place[];
  span: Span;
  notes: string[];
  /** Say so where a shallow clone cuts it off. */
  tellsCut: boolean;
}

/** What the command answers: the operation's result, and how many commits were looked at. */
export interface Report extends SettleResult {
  commits: number;
}

export const NOTHING: Report = { merged: [], reopened: [], skipped: [], commits: 0 };

export async function codeOf({ parts }: RecordHub): Promise<Code | Refusal> {
  const { repository, store, view, names } = parts;
  if (!repository || !(store instanceof GitStore))
    return refuse("no_repository", "Merges are read from a clone of the code, and there is none here.");
  const settings = await readSettings(repository, store);
  if ("code" in settings) return settings;
  const places = placesOf(view.snapshot, repository, settings, names);
  return { repository, history: new History(repository.gitDir), places };
}

export async function settleStretch(
  hub: RecordHub,
  { history, repository }: Code,
  { places, span, notes, tellsCut }: Stretch,
  op: string,
  options: RunOptions,
): Promise<Outcome> {
  const { rules } = hub.parts.view.snapshot;
  const [base] = places.flatMap((place) => place.base ?? []);
  const found = await mentionsIn(history, span, { ...(base && { base }), reverts: rules.reverts_reopen });
  const isFull = span.from !== undefined && found.commits >= span.limit;
  const said = [
    ...notes,
    ...(tellsCut ? cutNote(repository, found.seen) : []),
    ...(isFull ? [`only the newest ${span.limit} commits were looked at`] : []),
    ...found.notes,
  ];
  const { mentions: merged, commits } = found;
  const repos = places.flatMap((place) => place.repos);
  const outcome: Outcome =
    merged.length === 0
      ? await success(hub, op, NOTHING)
      : await hub.operate("settle", { merged, repos }, op, options);
  if (!outcome.ok || outcome.already) return outcome;
  return {
    ...outcome,
    result: { ...(outcome.result as SettleResult), commits },
    warnings: [...said, ...outcome.warnings],
  };
}

/** Two stretches as one answer. */
export function joined(before: Success, next: Success): Success {
  if (next.already) return next;
  const [a, b] = [before.result as Report, next.result as Report];
  const freed = [...(a.freed ?? []), ...(b.freed ?? [])];
  const changes = [...(before.changes ?? []), ...(next.changes ?? [])];
  return {
    ...next,
    commit: next.commit ?? before.commit,
    warnings: [...before.warnings, ...next.warnings],
    result: {
      merged: [...a.merged, ...b.merged],
      reopened: [...a.reopened, ...b.reopened],
      skipped: [...a.skipped, ...b.skipped],
      ...(freed.length > 0 ? { freed } : {}),
      commits: a.commits + b.commits,
    } satisfies Report,
    ...(next.changes || before.changes ? { changes } : {}),
  };
}

/** git's troubles with the user's repository are answers. */
export async function reading(hub: RecordHub, op: string, work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const remote = hub.parts.repository?.gitDir ?? hub.parts.names.remote;
    return { ...faultRefusal(error.fault, { remote, branch: "", doing: "read" }), op };
  }
}
