/** `owp list` and `owp search`. */
import type { Listed } from "../domain/tasks/list.ts";
import type { Searched } from "../domain/tasks/search.ts";
import type { Look, View } from "./look.ts";
import { oneLine, paint } from "./paint.ts";
import { renderTasks } from "./task-lines.ts";
import { count } from "./words.ts";

export const list: View<Listed> = {
  render: ({ tasks, total, offset, counts }, look) => {
    if (total === 0) return "no tasks";
    const body = renderTasks(tasks, look);
    const last = offset + tasks.length;
    const states = Object.entries(counts).map(([status, number]) => `${number} ${status}`);
    const shown =
      tasks.length < total
        ? `${offset + 1}–${last} of ${total} (more with --offset ${last} or --limit)`
        : count(total, "task");
    return [body, paint(look, "dim", `${shown}: ${states.join(", ")}`)]
      .filter((part) => part !== "")
      .join("\n");
  },
};

export const search: View<Searched> = {
  render: ({ tasks, total }, look) => {
    if (total === 0) return "no task has these words";
    const rest = total - tasks.length;
    const more = rest > 0 ? [`and ${rest} more (--limit)`] : [];
    const snippets = tasks.flatMap((row) => (row.snippet ? [`${row.short}: ${oneLine(row.snippet)}`] : []));
    return [renderTasks(tasks, look), ...snippetLines(snippets, look), ...more].join("\n");
  },
};

const snippetLines = (lines: string[], look: Look) => lines.map((line) => paint(look, "dim", line));
