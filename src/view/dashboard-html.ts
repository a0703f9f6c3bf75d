/** The dashboard as one HTML page: no script, no other file, light and dark. Every text of the record is escaped. */
import type { Dashboard } from "../domain/governance/dashboard.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (value: unknown): string =>
  String(value ?? "").replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? "");

const STYLE = `:root{color-scheme:light dark;--ink:#1c1e21;--paper:#fff;--line:#d5d8dc;--dim:#5b6168}
@media (prefers-color-scheme:dark){:root{--ink:#e6e8ea;--paper:#15171a;--line:#363a40;--dim:#a0a6ad}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:2rem auto;max-width:60rem;padding:0 1rem}
dl{display:flex;flex-wrap:wrap;gap:1rem 2.5rem}dt{color:var(--dim)}dd{margin:0;font-size:1.8rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
th{color:var(--dim);font-weight:normal}footer,.none{color:var(--dim)}`;

/** title and cells are texts, not HTML. */
function section<T>(
  title: string,
  heads: readonly string[],
  rows: readonly T[],
  cells: (row: T) => unknown[],
): string {
  const body = rows.map(
    (row) =>
      `<tr>${cells(row)
        .map((cell) => `<td>${escaped(cell)}</td>`)
        .join("")}</tr>`,
  );
  const head = heads.map((text) => `<th scope="col">${escaped(text)}</th>`).join("");
  const table = `<table><thead><tr>${head}</tr></thead><tbody>${body.join("\n")}</tbody></table>`;
  return `<section><h2>${escaped(title)}</h2>${rows.length === 0 ? '<p class="none">none</p>' : table}</section>`;
}

/** now: ms since 1970. */
export function dashboardPage(found: Dashboard, now: number): string {
  const proposals = (title: string, rows: Dashboard["top_proposals"]) =>
    section(title, ["Id", "Title", "Status", "Author", "Score", "Created"], rows, (row) => [
      ...[row.short, row.title, row.status, row.author, row.score, row.created_at],
    ]);
  const stats = Object.entries(found.stats).map(
    ([name, figure]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(figure)}</dd></div>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>owp dashboard</title>
<style>
${STYLE}
</style>
</head>
<body>
<h1>Dashboard</h1>
<dl>${stats.join("")}</dl>
${proposals("Top proposals", found.top_proposals)}
${proposals("Recent proposals", found.recent_proposals)}
${section("Top agents", ["Worker", "Proposals", "Votes", "Repos", "Total"], found.top_agents, (row) => [row.display ?? row.worker, row.proposals, row.votes, row.repos, row.total])}
${section("Top contributors", ["Worker", "Commits"], found.top_contributors, (row) => [row.display ?? row.worker, row.commits])}
<footer>Lists have at most ${escaped(found.limit)} rows. Made ${escaped(new Date(now).toISOString())}.</footer>
</body>
</html>
`;
}
