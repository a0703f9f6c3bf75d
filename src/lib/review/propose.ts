/** Puts a change on a branch of its own for review instead of on the record. Planned once: whoever merges it decides on what there is then. */
import { ulidTime } from "../../core/ids.ts";
import type { OperationRow } from "../../core/operation.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import { asProposal } from "../../domain/review/proposal.ts";
import { noRecord } from "../../engine/answers.ts";
import { faultRefusal } from "../../engine/git/errors.ts";
import { listRefs, moveRefs } from "../../engine/git/probe.ts";
import { GitRemote, REMOTE } from "../../engine/git/remote.ts";
import { look } from "../../engine/look.ts";
import { formatMessage, parseTrailers } from "../../engine/objects.ts";
import type { Prepared } from "../../engine/planning.ts";
import type { Oid, Ticket } from "../../engine/ports.ts";
import { planning } from "../../engine/transact.ts";
import { readCommit } from "../../engine/walk.ts";
import { loadOperation, type RecordHub } from "../hub.ts";
import { success } from "../services.ts";
import type { Outcome, Review, RunOptions } from "../types.ts";
import { commandsFor, pageOf } from "./host.ts";

/** Beside the record's branch, never under it: git cannot have owp/x where there is a branch owp. */
const PREFIX = "owp-change-";
/** So much of an operation's id names its branch: 40 random bits. */
const NAMED_BY = 8;
const FETCH_TIMEOUT_MS = 60_000;
/** Not a trailer of an operation: merged in whatever way, the change is an edit in the ledger. */
const TRAILER = "Owp-Change";

/** Plans a row's operation on a fresh look and publishes it on a new branch. Nothing lands on the record. */
export async function propose(
  hub: RecordHub,
  row: OperationRow,
  input: unknown,
  op: string,
  options: RunOptions,
): Promise<Outcome> {
  const refused = (refusal: Refusal): Outcome => ({ ...refusal, op });
  const wrong = misuse(row, options);
  if (wrong) return refused(wrong);
  const { parts } = hub;
  const seen = await look(parts);
  if (!seen.ok) return refused(seen.refusal);
  const bare = noRecord(parts.view.snapshot, parts.names.branch);
  if (bare) return refused(bare);
  if (options.op !== undefined && (await parts.view.findOp(op, ulidTime(op)))) return refused(landed(op));
  const ticket = hub.ticket(row.name, input, op, options);
  const now = parts.clock.now() + parts.clockShiftMs;
  const prepared = await prepareProposal(hub, ticket, now, seen.pulses);
  if ("code" in prepared) return refused(prepared);
  const { result, warnings = [] } = prepared.planned;
  const answer = await success(hub, op, result, [...warnings]);
  if (options.dry_run) return { ...answer, changes: prepared.files };
  if (prepared.files.length === 0) return answer;
  const review = await publish(hub, prepared, ticket, now);
  if ("code" in review) return refused(review);
  const { again, program, ...shown } = review;
  if (again) answer.warnings.push("This change was on its branch already; nothing was done a second time.");
  if (options.review === "request") answer.warnings.push(...(await ask(hub, shown, program)));
  return { ...answer, review: shown };
}

function misuse(row: OperationRow, options: RunOptions): Refusal | undefined {
  if (!row.review)
    return refuse(
      "usage",
      `owp ${row.name} is no change that is put on a branch for review. Nothing was changed.`,
    );
  if (!options.offline) return undefined;
  return refuse(
    "offline_needs_remote",
    "A branch for review is made on the remote at once, and cannot wait in a queue. Nothing was changed.",
    {
      hint: `owp ${row.name} --offline queues the change for the record itself, or run it again when the remote is reachable`,
    },
  );
}

const landed = (op: string): Refusal =>
  refuse("already_exists", `The operation ${op} is on the record already. Nothing was changed.`, {
    hint: "owp log",
  });

async function prepareProposal(
  { parts }: RecordHub,
  ticket: Ticket,
  now: number,
  pulses: Parameters<typeof import("../../engine/planning.ts").prepare>[5],
): Promise<Prepared | Refusal> {
  const [{ prepare }, operation] = await Promise.all([planning(), loadOperation(ticket.name)]);
  if (!operation) throw new Error(`there is no operation ${ticket.name}`);
  const { plan } = operation;
  const proposal: typeof operation = {
    ...operation,
    plan: (snapshot, input, ctx) => asProposal(snapshot, plan(snapshot, input, ctx)),
  };
  return prepare(parts.view, parts.view.snapshot, ticket, proposal, now, pulses);
}

type Published = Review & { again: boolean; program?: [string, ...string[]] };

/** Writes the commit and makes the branch, which must not exist. */
async function publish(
  { parts }: RecordHub,
  prepared: Prepared,
  ticket: Ticket,
  now: number,
): Promise<Published | Refusal> {
  const { remote, store, view, names, place } = parts;
  if (!(remote instanceof GitRemote)) throw new Error("a change for review of a record that is no clone's");
  const base = view.snapshot.tip as Oid;
  const { event } = prepared.planned;
  const [subject, body] = [event?.subject ?? "", event?.message ?? ""];
  const message = formatMessage(subject, body, [[TRAILER, ticket.op]]);
  const { link } = await planning();
  const made = await link(store, { commit: base, tree: view.tree }, prepared, ticket, now, message);
  await store.write(made.objects);
  const branch = PREFIX + ticket.op.slice(-NAMED_BY);
  const stands = await makeBranch(parts, remote, { branch, commit: made.commit, op: ticket.op });
  if (typeof stands !== "string") return stands;
  const what = { into: names.branch, branch, title: subject, body: bodyOf(ticket, names.branch, body) };
  const page = place.url === undefined ? undefined : pageOf(place.url, what);
  return {
    ...{ branch, base, commit: stands },
    ...(page && { url: page.url, program: page.program }),
    commands: commandsFor(place.url === undefined ? null : names.remote, what, page),
    again: stands !== made.commit,
  };
}

const bodyOf = ({ name }: Ticket, branch: string, body: string): string =>
  [
    ...(body === "" ? [] : [body]),
    `A change of the queue on ${branch} (owp ${name} --pr). It may be merged in any way; claims that land meanwhile do no harm.`,
  ].join("\n\n");

/** The commit that the branch then stands at: this one, or an earlier one of the same operation. */
async function makeBranch(
  { store, names }: RecordHub["parts"],
  remote: GitRemote,
  { branch, commit, op }: { branch: string; commit: Oid; op: string },
): Promise<Oid | Refusal> {
  const ref = `refs/heads/${branch}`;
  const { fault } = await moveRefs(remote, [{ ref, old: null, next: commit }]);
  if (!fault) return commit;
  const refusal = faultRefusal(fault, { remote: names.remote, branch, doing: "publish" });
  // Whatever git said of the push: where the branch stands is the truth.
  const listed = await listRefs(remote, [ref]);
  if (!listed.ok) return fault.class === "transport" ? undecided(branch, op) : refusal;
  const there = listed.refs.get(ref);
  if (there === undefined || there === commit) return there ?? refusal;
  const quiet = ["--quiet", "--no-write-fetch-head", "--no-auto-maintenance", "--no-tags", "--refmap="];
  await remote.git(["fetch", ...quiet, REMOTE, ref], { timeoutMs: FETCH_TIMEOUT_MS });
  const [object] = await store.read([there]);
  const trailers = object?.type === "commit" ? parseTrailers((await readCommit(store, there)).message) : [];
  if (trailers.some(([key, value]) => key === TRAILER && value === op)) return there;
  return refuse(
    "already_exists",
    `There is a branch ${branch} on ${names.remote} already, and it is another change. Nothing was changed.`,
    { hint: "run it again: it takes another name", data: { branch, commit: there } },
  );
}

const undecided = (branch: string, op: string): Refusal =>
  refuse(
    "unknown_outcome",
    `The connection was lost while the branch ${branch} was being made, and the remote could not be asked since. The record was not changed.`,
    { hint: `run it again with --op-id ${op}: it finds the branch, or makes it`, data: { branch } },
  );

/** Opens the request; answers what there is to say where that failed. */
async function ask({ parts }: RecordHub, review: Review, program: Published["program"]): Promise<string[]> {
  if (!program)
    return [
      "The remote is on no host whose requests gh or glab opens; the branch is there for the host's own page.",
    ];
  const { openRequest } = await import("./request.ts");
  const opened = await openRequest(program, parts.repository?.toplevel ?? parts.folder ?? ".");
  if (!opened.ok) return [`The branch is there, but no request was opened: ${opened.why}.`];
  if (opened.url !== undefined) review.request = opened.url;
  review.commands = [];
  return [];
}
