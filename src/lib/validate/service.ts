/** `owp validate` on a hub: the whole record at its tip, or the commits of a range. */
import { type Refusal, refuse } from "../../core/refusal.ts";
import { OPERATIONS } from "../../domain/operations.ts";
import type { Finding } from "../../domain/validate/rule.ts";
import { noRecord } from "../../engine/answers.ts";
import { look } from "../../engine/look.ts";
import { MissingObject } from "../../engine/tree-cache.ts";
import type { RecordHub } from "../hub.ts";
import { type Service, success } from "../services.ts";
import type { RunOptions } from "../types.ts";
import { shown } from "./findings.ts";
import { checkRange } from "./range.ts";
import { checkTree, type Report } from "./record.ts";
import { type Asked, type Found, isShallow, locate, parseRange } from "./revisions.ts";

/** What a check found, and what is worth saying beside it. */
interface Checked {
  findings: readonly Finding[];
  warnings?: string[];
  commits?: number;
  /** The answer does not rest on this clone's view of the record, so its age says nothing. */
  apart?: true;
}

/** input.range: A..B, A.., ..B or one commit; left out: the record at its tip. result: {problems, commits?}. */
export const runValidate: Service = async (hub, input, op, options) => {
  const checked =
    typeof input.range === "string" ? await range(hub, input.range, options) : await record(hub, options);
  if ("code" in checked) return { ...checked, op };
  const { findings, warnings = [], commits } = checked;
  const result = { problems: shown(findings), ...(commits === undefined ? {} : { commits }) };
  const answer = await success(hub, op, result, warnings);
  return checked.apart ? { ...answer, view: { tip: null, age_ms: 0, stale: false } } : answer;
};

async function record(hub: RecordHub, options: RunOptions): Promise<Checked | Refusal> {
  const { parts } = hub;
  const seen = await lookOnce(hub, options);
  if ("code" in seen) return seen;
  const bare = noRecord(parts.view.snapshot, parts.names.branch);
  // A branch whose policy is lost may be a damaged record: the check says so, with what else it finds.
  if (bare && bare.code !== "not_a_record") return bare;
  const { tree } = parts.view;
  if (tree === null) return refuse("not_initialized", "There is no record yet.");
  // What the check keeps and what the index takes are not needed at once.
  await parts.view.persist().catch(() => undefined);
  parts.view.rest();
  const { files, across } = await checkTree(parts.store, tree, nowOf(hub), reporter(hub, "checking files"));
  return { findings: [...files, ...across], warnings: seen.warnings };
}

async function range(hub: RecordHub, text: string, options: RunOptions): Promise<Checked | Refusal> {
  const asked = parseRange(text);
  if ("code" in asked) return asked;
  // What is here already is not asked of the remote, which may be out of reach; the tip is.
  let found = asked.to === undefined ? undefined : await locate(hub.parts, asked);
  let warnings: string[] = [];
  const apart = found && { apart: true as const };
  if (!found) {
    const seen = await lookOnce(hub, options);
    if ("code" in seen && seen.code !== "not_initialized") warnings = [seen.message];
    else if (!("code" in seen)) warnings = seen.warnings;
    found = await locate(hub.parts, asked);
  }
  if (!found) return unknownRange(hub, asked, text, warnings);
  try {
    const context = { now: nowOf(hub), operations: OPERATIONS };
    const { findings, commits } = await checkRange(
      found.store,
      found,
      context,
      reporter(hub, "checking commits"),
    );
    return { findings, commits, warnings, ...apart };
  } catch (error) {
    if (!(error instanceof MissingObject)) throw error;
    return cutOff(hub, found, error);
  } finally {
    found.close();
  }
}

/** Fetches, unless offline; where that fails the last view is checked, with a warning that says so. */
async function lookOnce(
  { parts }: RecordHub,
  options: RunOptions,
): Promise<{ warnings: string[] } | Refusal> {
  const seen = options.offline ? undefined : await look(parts);
  if (!seen || seen.ok) return { warnings: [] };
  if (!seen.fault || parts.view.snapshot.tip === null) return seen.refusal;
  return { warnings: [`${seen.refusal.message} This answer is from this clone's last view.`] };
}

const nowOf = ({ parts }: RecordHub): number => parts.clock.now() + parts.clockShiftMs;

const reporter =
  ({ parts }: RecordHub, stage: string): Report =>
  (done, total) =>
    parts.progress.report?.({ stage, done, total });

const WHOLE = "git fetch --unshallow; in a workflow fetch-depth: 0";

function unknownRange(
  { parts }: RecordHub,
  asked: Asked,
  text: string,
  warnings: readonly string[],
): Refusal {
  const ends = [asked.from, asked.to].filter((end) => end !== undefined).join(" and ");
  const shallow = isShallow(parts);
  const where = shallow
    ? "this clone's history, which is cut off (shallow)"
    : "this repository or in the record";
  const why = warnings.length > 0 ? ` ${warnings.join(" ")}` : "";
  return refuse("usage", `git finds no commits for ${ends || text} in ${where}.${why}`, {
    hint: shallow ? WHOLE : "owp log --json names the commits of the record",
    data: { range: text },
  });
}

function cutOff({ parts }: RecordHub, found: Found, error: MissingObject): Refusal {
  return refuse("usage", `The history up to ${found.to.slice(0, 10)} is not whole here: ${error.message}.`, {
    hint: isShallow(parts) ? WHOLE : "owp doctor --fix",
    data: { missing: error.oid },
  });
}
