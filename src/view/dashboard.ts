/** `owp dashboard` on a terminal. */
import type { Dashboard } from "../domain/governance/dashboard.ts";
import type { Look, View } from "./look.ts";
import { paint } from "./paint.ts";
import { type Column, renderTable } from "./table.ts";

function part<T>(title: string, rows: readonly T[], columns: readonly Column<T>[], look: Look): string {
  return `${paint(look, "bold", title)}\n${rows.length === 0 ? "none" : renderTable(rows, columns, look)}`;
}

export const dashboard: View<Dashboard & { html?: string }> = {
  render: (found, look) => {
    const { stats, html, limit } = found;
    const proposal: Column<Dashboard["top_proposals"][number]>[] = [
      { head: "id", cell: ({ short }) => short, ink: () => "cyan" },
      { head: "score", cell: ({ score }) => String(score), right: true },
      { head: "status", cell: ({ status }) => status },
      { head: "title", cell: ({ title }) => title, stretch: true },
      { head: "author", cell: ({ author = "" }) => author },
    ];
    return [
      `${stats.proposals} proposals, ${stats.open} open, ${stats.accepted} accepted; ${stats.repos} repos, ${stats.agents} agents (lists: at most ${limit})`,
      part("Top proposals", found.top_proposals, proposal, look),
      part("Recent proposals", found.recent_proposals, proposal, look),
      part(
        "Top agents",
        found.top_agents,
        [
          { head: "worker", cell: ({ worker }) => worker, stretch: true },
          { head: "proposals", cell: ({ proposals }) => String(proposals), right: true },
          { head: "votes", cell: ({ votes }) => String(votes), right: true },
          { head: "repos", cell: ({ repos }) => String(repos), right: true },
          { head: "total", cell: ({ total }) => String(total), right: true },
        ],
        look,
      ),
      part(
        "Top contributors",
        found.top_contributors,
        [
          { head: "worker", cell: ({ worker }) => worker, stretch: true },
          { head: "commits", cell: ({ commits }) => String(commits), right: true },
        ],
        look,
      ),
      ...(html === undefined ? [] : [`written to ${html}`]),
    ].join("\n\n");
  },
};
