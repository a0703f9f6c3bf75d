/** `owp show`: one task with all that the record says of it. */
import { ms } from "../core/time.ts";
import type { LinkedTask, ShowResult } from "../domain/tasks/show.ts";
import type { Look, View } from "./look.ts";
import { indent, oneLine, paint, wrap } from "./paint.ts";
import { inkOf } from "./task-lines.ts";
import { relative } from "./words.ts";

export const show: View<ShowResult> = {
  render: (result, look) => {
    const { short, id, state, task } = result;
    const ink = inkOf(state);
    const word = state.replaceAll("_", " ");
    const head = `${paint(look, "cyan", short)} ${paint(look, "bold", oneLine(task.title))} (${ink ? paint(look, ink, word) : word})`;
    const parts = sectionsOf(result, look).filter(([, body]) => body !== "");
    const blocks = parts.map(([title, body]) =>
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
  next: ({ short, state }) =>
    state === "queued" || state === "retry" || state === "expired" ? [`owp claim ${short}`] : [],
};

function factsOf({ task }: ShowResult, now: number): string {
  const facts = [`repo ${task.repo}`, `priority ${task.priority}`, `estimate ${task.estimate}`];
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

function sectionsOf(result: ShowResult, look: Look): [string, string][] {
  const { task, dependencies, dependents } = result;
  const outcome = task.outcome;
  const artifacts = outcome?.artifacts ?? result.lease?.artifacts ?? [];
  return [
    ["lease", leaseText(result, look.now)],
    [
      "outcome",
      outcome
        ? [
            `${relative(outcome.at, look.now)}${outcome.worker ? ` by ${outcome.worker}` : ""}, epoch ${outcome.epoch}`,
            outcome.category,
            outcome.message,
          ]
            .filter(Boolean)
            .join("; ")
        : "",
    ],
    ["files of the area", (result.area_paths ?? []).join("\n")],
    ["waits for", links(dependencies)],
    ["wait for it", links(dependents)],
    ["description", task.description ?? ""],
    ["done when", (task.acceptance?.criteria ?? []).map((one) => `- ${one}`).join("\n")],
    ["tests", (task.acceptance?.tests_expected ?? []).map((one) => `- ${one}`).join("\n")],
    ["work", artifacts.map(({ type, uri }) => `${type} ${uri}`).join("\n")],
    [
      "notes",
      (task.notes ?? []).map(({ at, by, text }) => `${by}, ${relative(at, look.now)}: ${text}`).join("\n"),
    ],
  ];
}

function leaseText({ lease, lapse, max_attempts }: ShowResult, now: number): string {
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
    : lease.expires_at
      ? `, ends ${relative(lease.expires_at, now)}`
      : "";
  return `${lease.worker}, ${attempt}${since}${end}${said}`;
}

const links = (tasks: readonly LinkedTask[]): string =>
  tasks
    .map(({ short, title, state }) =>
      `${short} ${title ?? ""} (${state.replaceAll("_", " ")})`.replace(/ +/g, " "),
    )
    .join("\n");
