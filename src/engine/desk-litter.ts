/** What processes that died left in a clone's folder: nothing waits for it, and removing it loses nothing. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { alive, LOCK_STALE_MS, readJson, thisHost } from "./desk-files.ts";

/** A file that is written aside and moved takes milliseconds; one this old was left. */
const ASIDE_MS = 600_000;
/** An answer that its caller has not fetched for so long. */
const ANSWER_MS = 3_600_000;
/** A lock file of git's that nobody holds any longer. */
const GIT_LOCK_MS = 600_000;
/** A folder of one fetch, and an object that was being written. */
const FETCH_MS = 3_600_000;
/** An index of another record (--branch, an old URL) that was not asked for so long. */
const INDEX_MS = 30 * 86_400_000;
const DEPTH = 6;

/** One thing that can go. */
export interface Litter {
  path: string;
  /** What it is, in the plural. */
  what: string;
}

interface Found {
  path: string;
  /** From the folder on, with slashes. */
  name: string;
  ageMs: number;
  folder: boolean;
}

interface LitterRow {
  what: string;
  name: RegExp;
  /** Litter from this age on. */
  afterMs: number;
  /** A further condition on the file's content. */
  when?: (path: string) => boolean;
}

interface Slip {
  deadline: number | null;
  owner: { pid: number; host: string };
}

const gone = (owner: { pid: number; host: string } | undefined) =>
  owner !== undefined && owner.host === thisHost() && !alive(owner.pid);
const ownerGone = (path: string) => {
  const slip = readJson<Slip>(path);
  return slip !== undefined && slip.deadline !== null && gone(slip.owner);
};
const lockFree = (path: string) =>
  gone(readJson<Slip["owner"]>(path)) || Date.now() - statSync(path).mtimeMs > LOCK_STALE_MS;

const ROWS: readonly LitterRow[] = [
  { what: "locks of commands that ended", name: /^lock$/, afterMs: 0, when: lockFree },
  {
    what: "operations whose caller ended",
    name: /^(queue|taken)\/[^/]+\.json$/,
    afterMs: 0,
    when: ownerGone,
  },
  { what: "answers that nobody fetched", name: /^answers\/[^/]+\.json$/, afterMs: ANSWER_MS },
  {
    what: "half-written files",
    name: /\.(tmp|withdrawn|stale)$|^store\.git\/push-[^/]+\.trace$|^settings\/.+\.json\..+$/,
    afterMs: ASIDE_MS,
  },
  { what: "half-made stores", name: /^store\.git\.[0-9a-f]{16}$/, afterMs: ASIDE_MS },
  { what: "refs of fetches that ended", name: /^store\.git\/refs\/owp\/f\/[^/]+$/, afterMs: FETCH_MS },
  {
    what: "lock files of git",
    name: /^store\.git\/(?!objects\/).*\.lock$|^store\.git\/gc\.pid$/,
    afterMs: GIT_LOCK_MS,
  },
  { what: "half-written objects", name: /^store\.git\/objects\/.*tmp_[a-z]+_[^/]+$/, afterMs: FETCH_MS },
  { what: "indexes of other records", name: /^index\/[^/]+$/, afterMs: INDEX_MS },
];

/** All litter below a clone's folder. keep: paths that count as used, whatever their age. */
export function findLitter(root: string, keep: readonly string[], now = Date.now()): Litter[] {
  const litter: Litter[] = [];
  const visit = (folder: string, prefix: string, depth: number) => {
    for (const found of list(folder, prefix, now)) {
      if (keep.includes(found.path)) continue;
      const row = ROWS.find(
        ({ name, afterMs, when }) =>
          name.test(found.name) && found.ageMs >= afterMs && (when?.(found.path) ?? true),
      );
      if (row) litter.push({ path: found.path, what: row.what });
      else if (found.folder && depth < DEPTH) visit(found.path, `${found.name}/`, depth + 1);
    }
  };
  visit(root, "", 0);
  return litter;
}

function list(folder: string, prefix: string, now: number): Found[] {
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch {
    return []; // Gone in this moment, or not readable: another check says so.
  }
  return names.flatMap((name) => {
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat
      ? [{ path, name: prefix + name, ageMs: now - newest(path, stat), folder: stat.isDirectory() }]
      : [];
  });
}

/** A folder is as old as what was last put into it. */
function newest(path: string, stat: { mtimeMs: number; isDirectory(): boolean }): number {
  if (!stat.isDirectory()) return stat.mtimeMs;
  const head = statSync(join(path, "head.json"), { throwIfNoEntry: false });
  return Math.max(stat.mtimeMs, head?.mtimeMs ?? 0);
}
