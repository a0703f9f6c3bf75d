/** The job ledger of a record, brought from what this clone kept of it to the record's tip. */
import { JOB_TRAILER, type JobRecord, readRecords } from "../../domain/jobs/event.ts";
import { fold } from "../../domain/jobs/projections/fold.ts";
import { EMPTY, type LedgerState } from "../../domain/jobs/projections/state.ts";
import { OPERATIONS } from "../../domain/operations.ts";
import type { Oid } from "../../engine/ports.ts";
import { readTrailerLog, type TrailerCommit, type TrailerLog } from "../../engine/trailer-log.ts";
import type { RecordHub } from "../hub.ts";
import { cacheFile, type KeptLedger, readCache, writeCache } from "./cache.ts";

export interface Ledger {
  state: LedgerState;
  /** Why what was kept could not be used; all was read again. */
  ignored?: string;
}

/** A long ledger takes longer to write than some commits take to read: it is written again after so many. */
const KEEP_EVERY = 100;

/** The ledger at a tip: what is kept, and what came since. */
export async function readLedger(hub: RecordHub, tip: Oid): Promise<Ledger> {
  const { folder } = hub.parts;
  const found = folder === undefined ? undefined : readCache(cacheFile(folder));
  const kept = typeof found === "object" ? found : undefined;
  if (kept?.tip === tip) return { state: kept.state };
  const { commits, continues, read } = await commitsSince(hub, tip, kept?.tip);
  const state = fold(continues && kept ? kept.state : EMPTY, recordsOf(commits));
  if (!continues || read >= KEEP_EVERY) keep(hub, { tip, state });
  return { state, ...(found !== undefined && !continues && { ignored: whyNot(found) }) };
}

/** The whole ledger read again. corrupt: the records that cannot be read, as they stand. */
export async function rebuildLedger(
  hub: RecordHub,
  tip: Oid,
): Promise<{ state: LedgerState; corrupt: string[] }> {
  const { commits } = await commitsSince(hub, tip);
  const corrupt: string[] = [];
  const state = fold(
    EMPTY,
    recordsOf(commits, (raw) => corrupt.push(raw)),
  );
  keep(hub, { tip, state });
  return { state, corrupt };
}

const commitsSince = (hub: RecordHub, tip: Oid, since?: Oid): Promise<TrailerLog> =>
  readTrailerLog(hub.parts.store, tip, {
    key: JOB_TRAILER,
    rows: OPERATIONS,
    ...(since !== undefined && { since }),
    progress: (stage, done) => hub.parts.progress.report?.({ stage, done }),
  });

/** One after another, so that a long history is never held as records all at once. */
function* recordsOf(
  commits: Iterable<TrailerCommit>,
  onCorrupt?: (raw: string) => void,
): Generator<JobRecord> {
  for (const commit of commits)
    for (const record of readRecords(commit)) {
      if ("raw" in record) onCorrupt?.(record.raw);
      yield record;
    }
}

function keep({ parts: { folder } }: RecordHub, ledger: KeptLedger): void {
  if (folder !== undefined) writeCache(cacheFile(folder), ledger);
}

const whyNot = (kept: KeptLedger | string): string =>
  typeof kept === "string" ? kept : `the record does not go on from ${kept.tip.slice(0, 10)}`;
