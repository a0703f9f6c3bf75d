/** `owp show`: one task with all that the record says of it, or on one page what whoever works on it must know. */
import { ms } from "../core/time.ts";
import type { ShowResult } from "../domain/tasks/show.ts";
import * as chain from "./brief-parts.ts";
import type { View } from "./look.ts";
import { indent, oneLine, paint, wrap } from "./paint.ts";
import * as parts from "./show-parts.ts";
import { inkOf, stateWord } from "./task-lines.ts";
import { relative } from "./words.ts";

const FULL: readonly parts.Part[] = [
  parts.lease,
  parts.outcome,
  parts.areaFiles,
  parts.waitsFor,
  parts.waitForIt,
  parts.description,
  parts.criteria,
  parts.tests,
  parts.work,
  parts.branch,
  parts.notes,
];

export const BRIEF: readonly parts.Part[] = [
  parts.lease,
  parts.outcome,
  parts.areaFiles,
  parts.description,
  parts.criteria,
  parts.tests,
  chain.packet,
  chain.instructions,
  chain.given,
  chain.assumptions,
  chain.questions,
  chain.limits,
  chain.doctrine,
  parts.delivered,
  chain.runs,
  parts.triedBefore,
  parts.work,
  parts.branch,
  parts.refs,
  parts.notes,
  parts.waitForIt,
  parts.finish,
  parts.cutShort,
];

export const show: View<ShowResult> = {
  render: (result, look) => {
    const { short, id, state, task } = result;
    const ink = inkOf(state);
    const word = stateWord(state);
    const head = `${paint(look, "cyan", short)} ${paint(look, "bold", oneLine(task.title))} (${ink ? paint(look, ink, word) : word})`;
    const shown = (result.brief ? BRIEF : FULL).map((part) => part(result, look));
    const blocks = shown
      .filter(([, body]) => body !== "")
      .map(([title, body]) =>
        look.compact
          ? `${title}:${body.includes("\n") ? `\n${indent(body, 1)}` : ` ${body}`}`
          : `${paint(look, "bold", title)}\n${indent(wrap(body, look.width - 2), 2)}`,
      );
    const cwom = result.cwom ? [JSON.stringify(result.cwom, null, look.compact ? 0 : 2)] : [];
    return [
      head,
      paint(look, "dim", factsOf(result, look.now)),
      paint(look, "dim", id),
      ...blocks,
      ...cwom,
    ].join("\n");
  },
  next: ({ short, state, task }) => {
    if (task.job) return [`owp job show ${task.job.job_id}`];
    return state === "queued" || state === "retry" || state === "expired" ? [`owp claim ${short}`] : [];
  },
};

export function factsOf({ task }: ShowResult, now: number): string {
  const facts = [`repo ${task.repo}`, `priority ${task.priority}`, `estimate ${task.estimate}`];
  if (task.job) facts.unshift(`job ${task.job.job_id} (owp job show)`);
  if (task.type) facts.unshift(task.type);
  if (task.tier) facts.push(`tier ${task.tier}`);
  if (task.area) facts.push(`area ${task.area}`);
  if (task.skills?.length) facts.push(`skills ${task.skills.join(" ")}`);
  if (task.labels?.length) facts.push(`labels ${task.labels.join(" ")}`);
  if (task.assigned_to) facts.push(`for ${task.assigned_to}`);
  if (ms(task.not_before) > now) facts.push(`not before ${relative(task.not_before, now)}`);
  const by = task.created_by ? ` by ${task.created_by}` : "";
  return `${facts.join(", ")}; made ${relative(task.created_at, now)}${by}`;
}
