/** What `owp sync` does of settling: whatever came to the default branches since this clone last looked. */
import type { Refusal } from "../../core/refusal.ts";
import type { SettleResult } from "../../domain/merges/settle.ts";
import type { Oid } from "../../engine/ports.ts";
import type { RecordHub } from "../hub.ts";
import { success } from "../services.ts";
import type { RunOptions, Success } from "../types.ts";
import type { Span } from "./history.ts";
import type { Place } from "./places.ts";
import { LOOK_BACK, SPAN_LIMIT } from "./range.ts";
import { tipOf } from "./refs.ts";
import { type Code, codeOf, joined, NOTHING, type Report, reading, settleStretch } from "./stretch.ts";

/** What `owp sync` settled, with the commit of the record that says so. */
interface SyncSettled extends SettleResult {
  commit: string | null;
}

/** Tips of default branches up to which this clone has settled, by the record and the ref. */
const SETTLED = "settled";

/**
 * Settles what came to the default branches since this clone last looked. Costs a few reads of files where nothing did.
 * notes: things worth saying, and why something was not settled, which is no reason for a sync to fail.
 */
export async function settleNew(
  hub: RecordHub,
  options: RunOptions,
): Promise<{ settled?: SyncSettled; notes: string[] }> {
  const { view, repository } = hub.parts;
  if (options.dry_run || !repository || view.snapshot.tip === null || !view.snapshot.rules.merge_closes)
    return { notes: [] };
  let all = await success(hub, "", NOTHING);
  const outcome = await reading(hub, "", async () => {
    const code = await codeOf(hub);
    if ("code" in code) return { ...code, op: "" };
    for (const place of code.places) {
      const next = await settlePlace(hub, code, place, options);
      if (!next.ok) return next;
      all = joined(all, next);
    }
    return all;
  });
  const failed = outcome.ok ? [] : [`merged work was not settled: ${outcome.message}`];
  const { commits: _commits, ...result } = all.result as Report;
  const isNews = result.merged.length + result.reopened.length + result.skipped.length > 0;
  return {
    ...(isNews && { settled: { ...result, commit: all.commit } }),
    notes: [...all.warnings, ...failed],
  };
}

/** One branch, from where this clone left off; the first time its newest commits. To read them twice does no harm. */
async function settlePlace(
  hub: RecordHub,
  code: Code,
  place: Place,
  options: RunOptions,
): Promise<Success | (Refusal & { op: string })> {
  const { desk, names, newOp } = hub.parts;
  const key = `${names.remote}/${names.branch} ${place.ref}`;
  const known = (await desk.recall<Record<string, Oid>>(SETTLED)) ?? {};
  const to = place.ref && (await tipOf(code.repository, place.ref));
  if (!to || to === known[key]) return success(hub, "", NOTHING);
  const from = known[key] === undefined ? undefined : await code.history.named(known[key]);
  const span: Span = from === undefined ? { to, limit: LOOK_BACK } : { from, to, limit: SPAN_LIMIT };
  const stretch = { places: [place], span, notes: [], tellsCut: false };
  const settled = await settleStretch(hub, code, stretch, newOp(), options);
  if (settled.ok) await desk.remember(SETTLED, { ...known, [key]: to });
  return settled;
}
