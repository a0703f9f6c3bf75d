/** What the commits of a span say of tasks, in the order in which they came to the branch. */
import { iso } from "../../core/time.ts";
import { type Arrival, arrivalsOf } from "../../domain/merges/arrivals.ts";
import { readMessage, type Said, TRAILER_KEY } from "../../domain/merges/message.ts";
import { pullRequestOf } from "../../domain/merges/pull.ts";
import type { Oid } from "../../engine/ports.ts";
import type { Mention } from "../../generated/types.ts";
import type { History, Span } from "./history.ts";

export interface Mentions {
  mentions: Mention[];
  /** How many commits were looked at. */
  commits: number;
  /** Worth saying: what reverts name and is not here. */
  notes: string[];
  /** The ids of all that was looked at. */
  seen: ReadonlySet<Oid>;
}

export interface Wanted {
  /** The repository's web address. */
  base?: string;
  /** Reverts count. */
  reverts: boolean;
}

const REVERTED = "This reverts commit";
const SUBJECT_LIMIT = 300;
/** A revert of a revert of a revert; and so on. */
const DEPTH_LIMIT = 8;
/** Commits of one merge that was taken back. */
const MERGE_LIMIT = 10_000;

export async function mentionsIn(history: History, span: Span, wanted: Wanted): Promise<Mentions> {
  const nodes = await history.nodes(span);
  const found: Mentions = { mentions: [], commits: nodes.size, notes: [], seen: new Set(nodes.keys()) };
  const messages = await history.messages([...nodes.keys()], needles(wanted));
  const said = new Map([...messages].map(([oid, message]) => [oid, readMessage(message)]));
  const speaks = ({ oid }: { oid: Oid }) => {
    const one = said.get(oid);
    return one !== undefined && (one.tasks.length > 0 || (wanted.reverts && one.reverts.length > 0));
  };
  if (![...nodes.values()].some(speaks)) return found;
  const arrivals = arrivalsOf(nodes, span.to).filter(speaks);
  const merges = await history.messages([...new Set(arrivals.flatMap(({ via }) => via))]);
  for (const arrival of arrivals) {
    const message = messages.get(arrival.oid) ?? "";
    const pr = pullOf(arrival, message, merges, wanted.base);
    const effects = await effectsOf(history, said.get(arrival.oid) as Said, wanted.reverts, found.notes);
    for (const { task, reverts } of effects)
      found.mentions.push({
        task,
        commit: arrival.oid,
        at: iso(arrival.at_ms),
        ...(pr === undefined ? {} : { pr }),
        ...(subjectOf(message) === "" ? {} : { subject: subjectOf(message) }),
        ...(reverts ? { reverts } : {}),
      });
  }
  return found;
}

const needles = ({ reverts }: Wanted): string[] => [`${TRAILER_KEY}`, ...(reverts ? [REVERTED] : [])];

/** Its own message tells best; then the merge nearest to it. */
function pullOf(
  { via }: Arrival,
  message: string,
  merges: ReadonlyMap<Oid, string>,
  base: string | undefined,
): string | undefined {
  for (const text of [message, ...[...via].reverse().map((oid) => merges.get(oid) ?? "")]) {
    const pr = pullRequestOf(text, base);
    if (pr !== undefined) return pr;
  }
  return undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;

const subjectOf = (message: string): string =>
  [...(message.split("\n", 1)[0] ?? "").replace(CONTROL, " ").trim()].slice(0, SUBJECT_LIMIT - 1).join("");

interface Effect {
  task: string;
  reverts: boolean;
}

/** A commit finishes the tasks that it names, and takes back whatever the commits did that it reverts. */
async function effectsOf(
  history: History,
  said: Said,
  withReverts: boolean,
  notes: string[],
  depth = 0,
): Promise<Effect[]> {
  const effects: Effect[] = said.tasks.map((task) => ({ task, reverts: false }));
  if (!withReverts || depth >= DEPTH_LIMIT) return effects;
  for (const revision of said.reverts) {
    const undone = await revertedBy(history, revision);
    if (!undone) notes.push(`a revert names ${revision}, which this repository does not have`);
    for (const one of undone ?? [])
      for (const { task, reverts } of await effectsOf(history, one, withReverts, notes, depth + 1))
        effects.push({ task, reverts: !reverts });
  }
  return effects;
}

/** What the reverted commit said; of a merge, what all that it brought said. undefined: it is not here. */
async function revertedBy(history: History, revision: string): Promise<Said[] | undefined> {
  const to = await history.named(revision);
  if (to === undefined) return undefined;
  const node = (await history.nodes({ to, limit: 1 })).get(to);
  const from = node && node.parents.length > 1 ? node.parents[0] : undefined;
  const nodes = await history.nodes({ to, limit: 1, ...(from && { from, limit: MERGE_LIMIT }) });
  const messages = await history.messages(
    arrivalsOf(nodes, to).map(({ oid }) => oid),
    needles({ reverts: true }),
  );
  return [...messages.values()].map(readMessage);
}
