/** `owp claim`: all that is needed to start; in compact form under 250 tokens a claim. */
import type { ClaimResult } from "../domain/tasks/claim.ts";
import type { ClaimedTask } from "../domain/tasks/claimed.ts";
import type { Look, View } from "./look.ts";
import { cut, indent, oneLine, paint, wrap } from "./paint.ts";
import { named } from "./task-lines.ts";
import { relative } from "./words.ts";

/** Characters; four are about one token, and stderr needs some for what comes next. */
const COMPACT_LIMIT = 900;
/** A task among several is shown shorter. */
const COMPACT_SHARE_MIN = 250;
const PART_LIMIT = 300;
const FACTS_LIMIT = 220;
const TITLE_LIMIT = 160;

export const claim: View<ClaimResult> = {
  render: ({ tasks }, look) => {
    const share = Math.max(COMPACT_SHARE_MIN, Math.floor(COMPACT_LIMIT / Math.max(1, tasks.length)));
    return tasks.map((task) => (look.compact ? compact(task, look, share) : full(task, look))).join("\n\n");
  },
  next: ({ tasks }) => tasks.slice(0, 3).map(({ short }) => `owp done ${short}`),
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

function leaseOf(task: ClaimedTask, now: number): string {
  const end = task.expires_at ? `lease ends ${relative(task.expires_at, now)}` : "lease does not run out";
  return `epoch ${task.epoch}, attempt ${task.attempt} of ${task.max_attempts}, ${end}`;
}

/** What may be worth reading, the most important first: a label and a text. */
function partsOf(task: ClaimedTask): [string, string][] {
  const { area_paths, taken_from, left_message, acceptance, description, depends_on, artifacts, notes } =
    task;
  const parts: [string, string][] = [];
  if (taken_from)
    parts.push([
      "taken over",
      `from ${taken_from.worker} (epoch ${taken_from.epoch}): ${taken_from.evidence ?? taken_from.reason}`,
    ]);
  if (area_paths) parts.push(["files of the area", area_paths.join(" ")]);
  if (left_message) parts.push(["left behind", left_message]);
  if (acceptance?.criteria?.length)
    parts.push(["done when", acceptance.criteria.map((one) => `- ${one}`).join("\n")]);
  if (description) parts.push(["description", description]);
  if (artifacts?.length)
    parts.push(["work so far", artifacts.map(({ type, uri }) => `${type} ${uri}`).join("\n")]);
  if (notes?.length) parts.push(["notes", notes.map(({ by, text }) => `${by}: ${text}`).join("\n")]);
  if (depends_on?.length)
    parts.push([
      "builds on",
      depends_on.map(({ short, title }) => `${short} ${title ?? ""}`.trim()).join("\n"),
    ]);
  return parts;
}

function compact(task: ClaimedTask, look: Look, limit: number): string {
  const title = cut(oneLine(task.title), TITLE_LIMIT);
  const lines = [
    `${verb(task)} ${task.short} ${title}`,
    cut(`${leaseOf(task, look.now)}; ${factsOf(task)}`, FACTS_LIMIT),
  ];
  let room = limit - lines.join("\n").length - 60;
  let isCut = title !== oneLine(task.title);
  for (const [label, text] of partsOf(task)) {
    const line = `${label}: ${oneLine(text)}`;
    const shown = cut(line, Math.min(PART_LIMIT, room));
    isCut ||= shown !== line;
    if (room < label.length + 20) continue;
    lines.push(shown);
    room -= shown.length + 1;
  }
  return [...lines, ...(isCut ? [`more: owp show ${task.short}`] : [])].join("\n");
}

function full(task: ClaimedTask, look: Look): string {
  const lines = [
    `${paint(look, "green", verb(task))} ${named(task, look)}`,
    paint(look, "dim", factsOf(task)),
    paint(look, "dim", leaseOf(task, look.now)),
  ];
  for (const [label, text] of partsOf(task)) {
    lines.push(`${paint(look, "bold", label)}\n${indent(wrap(text, look.width - 2), 2)}`);
  }
  return lines.join("\n");
}
