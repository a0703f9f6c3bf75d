/**
 * Whether trailers explain the diff of their commit: only then is it an operation, for the ledger and for the rules of
 * `owp validate` alike (DESIGN section 2). Anyone can paste a trailer into a commit message.
 */
import type { Lease, Task } from "../generated/types.ts";
import { decode } from "./codec.ts";
import { pathOf, placeOf } from "./paths.ts";

/** Of the operations table: which events there are, and what kinds of file each may touch. */
export type EventRows = readonly { events: readonly string[]; touches: readonly string[] }[];

/** A commit as far as the test looks at it. */
export interface Told {
  parents: number;
  entry: { event: string; tasks: readonly { id: string; epoch?: number }[] };
  /** Paths that differ from the parent. */
  paths: readonly string[];
  /** There was no policy before: the record begins here. */
  first: boolean;
  /** A task's epoch after the commit. */
  epochAfter: (task: string) => EpochRead;
}

/** In a row's `touches`: the operation that begins a record writes whatever a record begins with. */
export const ANYTHING = "*";

/** In a row's `touches`: files of no kind, such as one in the wrong place. */
export const FOREIGN = "";

/** Why trailers that name an operation do not count; undefined: they do. */
export function whyNoOperation(told: Told, rows: EventRows): string | undefined {
  const { entry, paths } = told;
  if (told.parents > 1) return "it is a merge";
  if (paths.length === 0) return "it changes nothing";
  const touches = touchesOf(entry.event, rows);
  if (touches.size === 0) return "no operation writes that event";
  const stray =
    touches.has(ANYTHING) && told.first
      ? undefined
      : paths.find((path) => !touches.has(placeOf(path)?.kind ?? FOREIGN));
  if (stray !== undefined) return `that operation does not touch ${stray}`;
  const named = new Map(entry.tasks.map(({ id, epoch }) => [id, epoch]));
  for (const id of named.size > 0 ? tasksIn(paths) : []) {
    if (!named.has(id)) return `they do not name ${id}`;
    const epoch = named.get(id);
    const after = epoch === undefined ? undefined : told.epochAfter(id);
    if (after && !after.broken && epoch !== after.epoch)
      return `they say epoch ${epoch} of ${id}, and the files ${after.epoch}`;
  }
  return undefined;
}

/** What the operations that write an event may touch; empty where none writes it. */
export const touchesOf = (event: string, rows: EventRows): Set<string> =>
  new Set(rows.filter(({ events }) => events.includes(event)).flatMap(({ touches }) => touches));

/** The tasks whose file or lease is among the paths, each once. */
export function tasksIn(paths: Iterable<string>): string[] {
  const ids = new Set<string>();
  for (const path of paths) {
    const place = placeOf(path);
    if (place?.kind === "Task" || place?.kind === "Lease") ids.add(place.id);
  }
  return [...ids];
}

/** A file at one commit; a value is undefined where there is no file or an unreadable one. */
export interface FileRead {
  exists: boolean;
  value?: unknown;
  text: string;
}

export function parseFile(path: string, content: string | Uint8Array | undefined): FileRead {
  if (content === undefined) return { exists: false, text: "" };
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const decoded = decode(path, bytes);
  if (decoded.ok) return { exists: true, value: decoded.doc.value, text: decoded.doc.text };
  return { exists: true, text: typeof content === "string" ? content : new TextDecoder().decode(content) };
}

export interface EpochRead {
  /** The highest epoch that stands in the task's file or its lease, even in one that cannot be read; 0: none. */
  epoch: number;
  /** One of the two cannot be read. */
  broken: boolean;
}

/** A task's epoch: it lives in the lease until the task ends, and in the outcome then. */
export function epochOf(id: string, read: (path: string) => FileRead): EpochRead {
  const [task, lease] = [read(pathOf("Task", id)), read(pathOf("Lease", id))];
  return {
    epoch: Math.max(
      lease.value ? (lease.value as Lease).epoch : legibleEpoch(lease.text),
      task.value ? ((task.value as Task).outcome?.epoch ?? 0) : legibleEpoch(task.text),
    ),
    broken: [task, lease].some(({ exists, value }) => exists && value === undefined),
  };
}

/** The largest epoch that a broken file still shows, so that breaking and mending a lease cannot turn it back. */
function legibleEpoch(text: string): number {
  const numbers = [...text.matchAll(/^\s*epoch:\s*(\d{1,15})\s*$/gm)].map((match) => Number(match[1]));
  return Math.max(0, ...numbers);
}
