/** The job ledger of a record, brought from what this clone kept of it to the record's tip. */
import { JOB_TRAILER, type JobRecord, readRecords } from "../../domain/jobs/event.ts";
import { fold } from "../../domain/jobs/projections/fold.ts";
import { EMPTY, type LedgerState } from "../../domain/jobs/projections/state.ts";
import { OPERATIONS } from "../../domain/operations.ts";
import type { Oid } from "../../engine/ports.ts";
import { readTrailerLog } from "../../engine/trailer-log.ts";
import type { RecordHub } from "../hub.ts";
import { cacheFile, type KeptLedger, readCache, writeCache } from "./cache.ts";

export interface Ledger {
  state: LedgerState;
  /** Why what was kept could not be used; all was read again. */
  ignored?: string;
}

/** The ledger at a tip: what is kept, and what came since. */
export async function readLedger(hub: RecordHub, tip: Oid): Promise<Ledger> {
  const { folder } = hub.parts;
  const kept = folder === undefined ? undefined : readCache(cacheFile(folder));
  const usable = typeof kept === "object" ? kept : undefined;
  if (usable?.tip === tip) return { state: usable.state };
  const { state, continued } = await goOn(hub, tip, usable);
  if (folder !== undefined) writeCache(cacheFile(folder), { tip, state });
  const ignored = kept !== undefined && !continued ? whyNot(kept) : undefined;
  return { state, ...(ignored !== undefined && { ignored }) };
}

/** The whole ledger read again, with its records. */
export async function rebuildLedger(
  hub: RecordHub,
  tip: Oid,
): Promise<{ state: LedgerState; records: JobRecord[] }> {
  const { records } = await recordsSince(hub, tip);
  const state = fold(EMPTY, records);
  const { folder } = hub.parts;
  if (folder !== undefined) writeCache(cacheFile(folder), { tip, state });
  return { state, records };
}

async function goOn(
  hub: RecordHub,
  tip: Oid,
  kept: KeptLedger | undefined,
): Promise<{ state: LedgerState; continued: boolean }> {
  const { records, continues } = await recordsSince(hub, tip, kept?.tip);
  return { state: fold(continues && kept ? kept.state : EMPTY, records), continued: continues };
}

async function recordsSince(
  hub: RecordHub,
  tip: Oid,
  since?: Oid,
): Promise<{ records: JobRecord[]; continues: boolean }> {
  const { store, progress } = hub.parts;
  const { commits, continues } = await readTrailerLog(store, tip, {
    key: JOB_TRAILER,
    rows: OPERATIONS,
    ...(since !== undefined && { since }),
    progress: (stage, done) => progress.report?.({ stage, done }),
  });
  return { records: commits.flatMap(readRecords), continues };
}

const whyNot = (kept: KeptLedger | string): string =>
  typeof kept === "string" ? kept : `the record does not go on from ${kept.tip.slice(0, 10)}`;
