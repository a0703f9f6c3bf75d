/** `owp status`: what I hold, who holds what, how the queue stands, how old the view is. */
import { spell } from "../core/time.ts";
import type { StatusResult } from "../domain/tasks/status.ts";
import type { Look, View } from "./look.ts";
import { indent, paint } from "./paint.ts";
import { inkOf, onward, renderHeld } from "./task-lines.ts";
import { count } from "./words.ts";

const MAX_OTHERS = 20;
/** Columns by which tables stand in. */
const INDENT = 2;

export const status: View<StatusResult> = {
  render: (result, look) => {
    const { worker, mine, others, expired, problems } = result;
    const news = worker.registered ? "" : " (not registered yet: a first claim does it)";
    const shown = others.slice(0, MAX_OTHERS);
    const rest = others.length - shown.length;
    const inner = { ...look, width: look.width - INDENT };
    return [
      `you are ${paint(look, "cyan", worker.name)}${news}`,
      mine.length > 0 ? section("you hold", renderHeld(mine, inner, false), look) : "you hold nothing",
      shown.length > 0 ? section("others hold", renderHeld(shown, inner, true), look) : "",
      rest > 0 ? `and ${rest} more (owp list --status running)` : "",
      expired.length > 0
        ? section(
            "may be taken over",
            expired.map((row) => `${row.short} from ${row.worker}: ${row.evidence ?? row.reason}`).join("\n"),
            look,
          )
        : "",
      queueLine(result, look),
      jobsLine(result),
      ...result.repositories
        .filter(({ throttled }) => throttled)
        .map(
          (repo) =>
            `${repo.repo}: ${repo.current_open_prs} of ${repo.max_open_prs} pull requests open, no new claims`,
        ),
      problems > 0
        ? paint(look, "red", `${count(problems, "file")} of the record cannot be read (owp validate)`)
        : "",
      look.view ? paint(look, "dim", `as the record stood ${ago(look.view.age_ms)}`) : "",
    ]
      .filter((part) => part !== "")
      .join("\n");
  },
  next: ({ mine, tasks }) => {
    const first = mine.find(({ state }) => state === "in_progress") ?? mine[0];
    if (first) return [onward(first)];
    return tasks.queued || tasks.retry ? ["owp claim"] : [];
  },
};

const section = (title: string, body: string, look: Look) =>
  `${paint(look, "bold", title)}\n${indent(body, look.compact ? 1 : INDENT)}`;

const ago = (age: number) => (age < 1000 ? "now" : `${spell(age)} ago`);

function queueLine({ tasks, workers, workers_online }: StatusResult, look: Look): string {
  const counts = Object.entries(tasks).map(([state, number]) => {
    const ink = inkOf(state);
    const text = `${number} ${state.replaceAll("_", " ")}`;
    return ink ? paint(look, ink, text) : text;
  });
  const queue = counts.length > 0 ? counts.join(", ") : "no open tasks";
  return `queue: ${queue}; ${workers_online} of ${count(workers.length, "worker")} online`;
}

function jobsLine({ jobs = {} }: StatusResult): string {
  const counts = Object.entries(jobs).map(([status, number]) => `${number} ${status.replaceAll("_", " ")}`);
  return counts.length > 0 ? `jobs: ${counts.join(", ")} (owp job list)` : "";
}
