/** `owp claim`: all that is needed to start; in compact form under 250 tokens a claim. */
import type { ClaimResult } from "../domain/tasks/claim.ts";
import type { ClaimedTask } from "../domain/tasks/claimed.ts";
import type { Look, View } from "./look.ts";
import { indent, oneLine, paint, wrap } from "./paint.ts";
import { named, onward } from "./task-lines.ts";
import { cutTokens, tokens } from "./tokens.ts";
import { asSaid, relative } from "./words.ts";

/** Tokens of the compact form; what stderr says besides needs some of the 250. */
const COMPACT_LIMIT = 210;
/** A task among several is shown shorter, and never shorter than this. */
const SHARE_MIN = 60;
const TITLE_LIMIT = 45;
const FACTS_LIMIT = 50;
const PART_LIMIT = 70;
/** A part that must be cut to fewer is left out. */
const PART_MIN = 10;
const NEXT_SHOWN = 3;

export const claim: View<ClaimResult> = {
  render: ({ worker, registered, tasks }, look) => {
    const news = registered ? `you are ${paint(look, "cyan", worker)}, registered with this claim\n` : "";
    // The commands that follow say --as and the like as well.
    const said = Math.min(tasks.length, NEXT_SHOWN) * tokens(asSaid("", look.said));
    const share = Math.floor((COMPACT_LIMIT - tokens(news) - said) / Math.max(1, tasks.length));
    const alone = tasks.length === 1;
    const shown = tasks.map((task) =>
      look.compact ? compact(task, look, Math.max(SHARE_MIN, share), alone) : full(task, look),
    );
    return news + shown.join("\n\n");
  },
  next: ({ tasks }) => tasks.slice(0, NEXT_SHOWN).map(onward),
  quiet: ({ tasks }) => tasks.map(({ short }) => short).join("\n"),
};

const verb = (task: ClaimedTask) => (task.already_held ? "yours already:" : "claimed");

/** `repo web, priority 80, estimate 2, area auth, skills rust`. */
function factsOf(task: ClaimedTask): string {
  const facts = [`repo ${task.repo}`, `priority ${task.priority}`, `estimate ${task.estimate}`];
  if (task.tier > 0) facts.push(`tier ${task.tier}`);
  if (task.area) facts.push(`area ${task.area}`);
  if (task.skills.length > 0) facts.push(`skills ${task.skills.join(" ")}`);
  return facts.join(", ");
}

/** Of the facts, what counts now that the task is claimed. */
function placeOf({ repo, area, estimate }: ClaimedTask): string {
  return `repo ${repo}${area ? `, area ${area}` : ""}, estimate ${estimate}`;
}

function leaseOf(task: ClaimedTask, now: number): string {
  const end = task.expires_at ? `lease ends ${relative(task.expires_at, now)}` : "lease does not run out";
  return `epoch ${task.epoch}, attempt ${task.attempt} of ${task.max_attempts}, ${end}`;
}

/** What may be worth reading, the most important first: a label, and a text or a list. */
function partsOf(task: ClaimedTask, look: Look): [label: string, text: string | string[]][] {
  const {
    short,
    run,
    area_paths,
    taken_from,
    left_message,
    left_by_failure,
    acceptance,
    description,
    depends_on,
    artifacts,
    notes,
  } = task;
  const from =
    taken_from &&
    `from ${taken_from.worker} (epoch ${taken_from.epoch}): ${taken_from.evidence ?? taken_from.reason}`;
  const parts: [string, string | string[] | undefined][] = [
    ["taken over", from],
    ["briefing", run && `${asSaid(`owp show ${short} --brief`, look.said)} (run ${run.slice(-4)} is open)`],
    ["files of the area", area_paths?.join(" ")],
    [left_by_failure ? "the last attempt failed" : "left behind", left_message],
    ["done when", acceptance?.criteria],
    ["description", description],
    ["work so far", artifacts?.map(({ type, uri }) => `${type} ${uri}`)],
    ["notes", notes?.map(({ by, text }) => `${by}: ${text}`)],
    ["builds on", depends_on?.map(delivery)],
  ];
  return parts.filter((part): part is [string, string | string[]] => Boolean(part[1]?.length));
}

/** `branch task/k3f9-fix-the-login; Owp-Task: t_…`. */
const branchLine = ({ branch, trailer }: ClaimedTask): string =>
  [`branch ${branch}`, trailer].filter(Boolean).join("; ");

/** `m2x7 Keep sessions: in redis, see docs/sessions.md (commit 4f2a91c)`. */
function delivery({ short, title, message, artifacts = [] }: Delivery): string {
  const proof = artifacts.map(({ type, uri }) => `${type} ${uri}`).join(", ");
  return `${short} ${title ?? ""}${message ? `: ${message}` : ""}${proof ? ` (${proof})` : ""}`.trim();
}

type Delivery = NonNullable<ClaimedTask["depends_on"]>[number];

/** alone: there is room for the branch's name too. */
function compact(task: ClaimedTask, look: Look, limit: number, alone: boolean): string {
  const title = cutTokens(oneLine(task.title), Math.min(TITLE_LIMIT, Math.floor(limit / 3)));
  const facts = `${leaseOf(task, look.now)}; ${placeOf(task)}`;
  const lines = [
    `${verb(task)} ${task.short} ${title}`,
    cutTokens(facts, Math.min(FACTS_LIMIT, Math.floor(limit / 2))),
    ...(alone ? [branchLine(task)] : []),
  ];
  const more = `more: ${asSaid(`owp show ${task.short} --brief`, look.said)}`;
  let room = limit - tokens(lines.join("\n")) - tokens(`\n${more}`);
  let isCut = title !== oneLine(task.title);
  for (const [label, text] of partsOf(task, look)) {
    const line = `${label}: ${oneLine(typeof text === "string" ? text : text.join("; "))}`;
    const shown = cutTokens(line, Math.min(PART_LIMIT, room));
    isCut ||= shown !== line;
    // A few words of a text say less than its room is worth.
    if (shown !== line && room < tokens(label) + PART_MIN) continue;
    lines.push(shown);
    room -= tokens(`${shown}\n`);
  }
  return [...lines, ...(isCut ? [more] : [])].join("\n");
}

function full(task: ClaimedTask, look: Look): string {
  const lines = [
    `${paint(look, "green", verb(task))} ${named(task, look)}`,
    paint(look, "dim", factsOf(task)),
    paint(look, "dim", leaseOf(task, look.now)),
    paint(look, "dim", branchLine(task)),
  ];
  for (const [label, text] of partsOf(task, look)) {
    const body = typeof text === "string" ? text : text.map((one) => `- ${one}`).join("\n");
    lines.push(`${paint(look, "bold", label)}\n${indent(wrap(body, look.width - 2), 2)}`);
  }
  return lines.join("\n");
}
