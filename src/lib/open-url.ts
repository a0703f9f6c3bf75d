/** A hub by URL: a record read over HTTP, with no clone and no git. Every change is refused. */
import { basename } from "node:path";
import { ERRORS, type Refusal, refuse } from "../core/refusal.ts";
import { OPERATIONS } from "../domain/operations.ts";
import { faultRefusal } from "../engine/git/errors.ts";
import { locateRepository } from "../engine/git/locate.ts";
import { MemoryDesk, MemoryRoom } from "../engine/memory/desk.ts";
import { MemoryIndex, MemoryShelf } from "../engine/memory/index.ts";
import { realClock } from "../engine/real-clock.ts";
import { RecordView } from "../engine/record.ts";
import { WebError, type WebPlace } from "../engine/web/http.ts";
import { WebRecord } from "../engine/web/record.ts";
import { branchOf } from "./branch.ts";
import { callerOf, placeIn } from "./caller.ts";
import { newCloneId } from "./clone-id.ts";
import { loadWith, RecordHub } from "./hub.ts";
import { newUlid } from "./new-id.ts";
import type { OpenOptions, Outcome, RunOptions } from "./types.ts";

/** Services that only read. */
const READING = new Set([
  "log",
  "validate",
  "job events",
  "job ready",
  "job status",
  "job snapshot",
  "job rebuild",
]);

class UrlHub extends RecordHub {
  override async run(name: string, input: unknown, options: RunOptions = {}): Promise<Outcome> {
    const op = options.op ?? this.parts.newOp();
    const row = OPERATIONS.find((candidate) => candidate.name === name);
    const reads =
      READING.has(name) || row?.type === "query" || (row !== undefined && options.dry_run === true);
    if (!reads)
      return {
        ...refuse(
          "read_only",
          `owp ${name} changes the record, and a record read by URL is only read. Nothing was changed.`,
        ),
        op,
      };
    if (options.offline)
      return {
        ...refuse(
          "offline_needs_remote",
          "A record read by URL is always read from its server: nothing is kept here.",
        ),
        op,
      };
    const outcome = await super.run(name, input, { ...options, op }).catch((error: unknown): Outcome => {
      if (!(error instanceof WebError)) throw error;
      return { ...faultRefusal(error.fault, { ...this.parts.names, doing: "read" }), op };
    });
    // What the usual hint names, doctor and the last view, is only there in a clone.
    const general = !outcome.ok && outcome.hint === ERRORS.remote_unreachable.hint;
    return general ? { ...outcome, hint: "check the URL, or run it again in a moment" } : outcome;
  }
}

/** Opens the record at `options.hub`. Nothing is asked of the server yet. */
export async function openUrl(options: OpenOptions): Promise<RecordHub | Refusal> {
  const place = placeOf(options.hub ?? "", options.env?.OWP_HUB_TOKEN);
  if ("ok" in place) return place;
  const repository = locateRepository(options.dir);
  const here = repository ? placeIn(repository) : { worktree: basename(options.dir) || "hub" };
  const caller = callerOf(options, here);
  if (!caller.ok) return caller;
  const { ok: _ok, ...who } = caller;
  const named = branchOf(options);
  if (!named.ok) return named;
  const { ok: _named, branch, ...queue } = named;
  const progress: RecordHub["parts"]["progress"] = {};
  const report = (stage: string, done?: number, total?: number) =>
    progress.report?.({ stage, ...(done !== undefined && { done }), ...(total !== undefined && { total }) });
  const record = new WebRecord({ place, branch, progress: report });
  const clock = realClock();
  const clone = newCloneId();
  return new UrlHub({
    clone,
    store: record,
    remote: record,
    desk: new MemoryDesk(new MemoryRoom(), clone, () => true),
    view: new RecordView({
      store: record,
      indexes: new MemoryIndex(new MemoryShelf()),
      elapsed: clock.elapsed,
      progress: report,
    }),
    clock,
    random: Math.random,
    operations: loadWith(record, progress),
    point: () => undefined,
    names: { remote: place.url, branch },
    caller: { ...who, clone },
    place: { folder: here.worktree },
    clockShiftMs: options.now ? options.now() - Date.now() : 0,
    newOp: newUlid,
    dispose: () => undefined,
    queue,
    progress,
  });
}

/** The address without its credentials; they, or the token, become a header. A token with a colon is user and password. */
function placeOf(text: string, token: string | undefined): WebPlace | Refusal {
  const wrong = () =>
    refuse("usage", "--hub takes the http or https URL of a repository. Nothing was changed.", {
      hint: "owp --hub https://example.org/acme/web.git list",
    });
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return wrong();
  }
  if (!/^https?:$/.test(url.protocol)) return wrong();
  const own =
    url.username || url.password
      ? `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
      : undefined;
  const credential = own ?? (token && (token.includes(":") ? token : `owp:${token}`));
  const place: WebPlace = { url: `${url.origin}${url.pathname.replace(/\/+$/, "")}` };
  return credential
    ? { ...place, authorization: `Basic ${Buffer.from(credential).toString("base64")}` }
    : place;
}
