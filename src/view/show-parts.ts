/** The parts of `owp show`, each a title and a text; an empty text is left out. */
import { ms, spell } from "../core/time.ts";
import type { Attempt } from "../domain/tasks/attempts.ts";
import type { Delivery } from "../domain/tasks/brief.ts";
import type { LinkedTask, ShowResult } from "../domain/tasks/show.ts";
import type { ArtifactNote } from "../generated/types.ts";
import type { Look } from "./look.ts";
import { oneLine, paint } from "./paint.ts";
import { stateWord } from "./task-lines.ts";
import { asSaid, relative } from "./words.ts";

export type Part = (result: ShowResult, look: Look) => [title: string, text: string];

const bullets = (list: readonly string[] | null | undefined): string =>
  (list ?? []).map((one) => `- ${one}`).join("\n");

const proof = (artifacts: readonly ArtifactNote[] = [], between = "\n"): string =>
  artifacts.map(({ type, uri }) => `${type} ${uri}`).join(between);

export const lease: Part = (result, { now }) => ["lease", leaseText(result, now)];

export const outcome: Part = ({ task: { outcome } }, { now }) => {
  if (!outcome) return ["outcome", ""];
  const who = outcome.worker ? ` by ${outcome.worker}` : "";
  const facts = [`${relative(outcome.at, now)}${who}, epoch ${outcome.epoch}`];
  return ["outcome", [...facts, outcome.category, outcome.message].filter(Boolean).join("; ")];
};

export const areaFiles: Part = ({ area_paths }) => ["files of the area", (area_paths ?? []).join("\n")];

export const waitsFor: Part = ({ dependencies }) => ["waits for", dependencies.map(linked).join("\n")];

export const waitForIt: Part = ({ dependents }) => ["wait for it", dependents.map(linked).join("\n")];

export const description: Part = ({ task }) => ["description", task.description ?? ""];

export const criteria: Part = ({ task }) => ["done when", bullets(task.acceptance?.criteria)];

export const tests: Part = ({ task }) => ["tests", bullets(task.acceptance?.tests_expected)];

export const work: Part = ({ task, lease }) => [
  "work",
  proof(task.outcome?.artifacts ?? lease?.artifacts ?? []),
];

export const branch: Part = ({ branch, trailer }) => ["branch", [branch, trailer].filter(Boolean).join("\n")];

export const notes: Part = ({ task }, { now }) => [
  "notes",
  (task.notes ?? []).map(({ at, by, text }) => `${by}, ${relative(at, now)}: ${text}`).join("\n"),
];

// --- of a brief alone ----------------------------------------------------------------------------------------

export const delivered: Part = ({ dependencies }) => [
  dependencies.every(({ state }) => state === "done") ? "builds on" : "waits for",
  dependencies.map(delivery).join("\n"),
];

export const triedBefore: Part = ({ short, brief }, look) => {
  const { attempts = [], more_attempts } = brief ?? {};
  const rest = more_attempts ? [`others: ${asSaid(`owp log --task ${short}`, look.said)}`] : [];
  return ["tried before", [...attempts.map((one) => attempt(one, look.now)), ...rest].join("\n")];
};

/** What the chain tells is not named again. */
export const refs: Part = ({
  task: { doctrine_refs = [], constraints = [], context_packets = [] },
  brief,
}) => [
  "see also",
  (brief?.chain ? [] : [...doctrine_refs, ...constraints, ...context_packets])
    .map(({ kind, id }) => `${kind} ${id}`)
    .join("\n"),
];

export const finish: Part = ({ brief, state }, look) => {
  const lines = (brief?.finish ?? []).map(
    ([command, when]) => `${paint(look, "cyan", asSaid(command, look.said))}: ${when}`,
  );
  const isWorking = brief?.yours && (state === "in_progress" || state === "expired");
  const warning = "exit status 6 from any of these: the lease is lost, stop working on it";
  return [isWorking ? "finish" : "next", [...lines, ...(isWorking ? [warning] : [])].join("\n")];
};

export const cutShort: Part = ({ short, brief }, { said }) => {
  const cut = brief?.cut ?? [];
  return [
    "cut short",
    cut.length > 0 ? `${cut.join(", ")}; all of it: ${asSaid(`owp show ${short}`, said)}` : "",
  ];
};

// --- lines ---------------------------------------------------------------------------------------------------

function leaseText({ lease, lapse, max_attempts, brief }: ShowResult, now: number): string {
  if (!lease) return "";
  const attempt = `epoch ${lease.epoch}, attempt ${lease.attempt} of ${max_attempts}`;
  const said = lease.message ? `: ${lease.message}` : "";
  if (!lease.worker) {
    const wait = ms(lease.not_before) > now ? `, claimable ${relative(lease.not_before, now)}` : "";
    return `no holder, ${attempt}${wait}${said}`;
  }
  const since = lease.claimed_at ? `, since ${relative(lease.claimed_at, now)}` : "";
  const end = lapse
    ? `, its time is over: ${lapse.evidence}`
    : lease.phase !== "blocked" && lease.phase !== "pr_opened" && lease.expires_at
      ? `, ends ${relative(lease.expires_at, now)}`
      : "";
  const whose = brief?.yours ? `yours (${lease.worker})` : lease.worker;
  return `${whose}, ${attempt}${since}${end}${said}`;
}

const linked = ({ short, title, state }: LinkedTask): string =>
  `${short} ${title ?? ""} (${stateWord(state)})`.replace(/ +/g, " ");

/** `m2x7 Keep sessions (done by ada): in redis, see docs/sessions.md [commit 4f2a91c]`. */
function delivery(one: Delivery): string {
  const { worker, message, artifacts = [] } = one;
  const line = linked(one);
  const who = worker ? line.replace(/\)$/, ` by ${worker})`) : line;
  const work = artifacts.length > 0 ? ` [${proof(artifacts, ", ")}]` : "";
  return `${who}${message ? `: ${oneLine(message)}` : ""}${work}`;
}

const ENDED: Record<string, string> = {
  expired: "its lease ran out",
  silent: "its heartbeat fell silent",
  forced: "a maintainer took it",
  handoff: "handed over",
  edited: "ended by an edit",
};

/** `epoch 1, codex@box/api: failed 2h ago, after 25m: the build breaks on arm64`. */
function attempt({ epoch, worker, claimed_at, ended_at, ended = "", message }: Attempt, now: number): string {
  const length = ms(ended_at) - ms(claimed_at);
  const after = length >= 0 ? `, after ${spell(length)}` : "";
  const why = message ? `: ${oneLine(message)}` : "";
  return `epoch ${epoch}, ${worker}: ${ENDED[ended] ?? ended} ${relative(ended_at, now)}${after}${why}`;
}
