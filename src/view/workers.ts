/** `owp worker …`. */
import type { WorkerEdited } from "../domain/workers/edit.ts";
import type { WorkersListed } from "../domain/workers/list.ts";
import type { Registered } from "../domain/workers/register.ts";
import type { WorkerRow } from "../domain/workers/row.ts";
import type { Stood } from "../domain/workers/standing.ts";
import type { Look, View } from "./look.ts";
import { oneLine, paint } from "./paint.ts";
import { type Column, renderTable } from "./table.ts";
import { renderHeld } from "./task-lines.ts";
import { listing, relative } from "./words.ts";

const load = (row: WorkerRow) =>
  `${row.load.points}/${row.capacity_points} pts ${row.load.tasks}/${row.max_concurrent_tasks}`;

/** `working`, `online`, `2h ago`, `never`. */
function seen({ presence, status }: WorkerRow, now: number): string {
  if (status !== "active") return status;
  if (presence.online) return presence.status ?? "online";
  return relative(presence.last_seen, now) || "never seen";
}

const columns = (look: Look): Column<WorkerRow>[] => [
  { head: "worker", cell: (row) => `${row.name}${row.me ? " (you)" : ""}`, ink: () => "cyan" },
  { head: "kind", cell: (row) => row.actor_kind },
  { head: "seen", cell: (row) => seen(row, look.now), ink: (row) => (row.presence.online ? "green" : "dim") },
  { head: "load", cell: load },
  { head: "trust", cell: (row) => row.trust_tier },
  { head: "holds", cell: (row) => row.holds.map((task) => task.short).join(" ") },
  { head: "skills", cell: (row) => row.skills.join(" "), stretch: true },
];

export const workerList: View<WorkersListed> = {
  render: ({ workers }, look) => {
    if (workers.length === 0) return "no workers";
    return look.compact
      ? workers.map((row) => compact(row, look)).join("\n")
      : renderTable(workers, columns(look), look);
  },
};

function compact(row: WorkerRow, look: Look): string {
  const parts = [
    row.actor_kind,
    seen(row, look.now),
    load(row),
    row.trust_tier,
    row.holds.length > 0 && `holds ${row.holds.map((task) => task.short).join(",")}`,
    row.skills.length > 0 && `skills ${row.skills.join(",")}`,
  ];
  return `${row.name}${row.me ? " (you)" : ""}: ${parts.filter(Boolean).join(", ")}`;
}

export const workerShow: View<WorkerRow> = {
  render: (row, look) => {
    const facts: [string, string][] = [
      ["called", row.display ?? ""],
      ["kind", row.actor_kind],
      ["status", seen(row, look.now)],
      ["note", oneLine(row.presence.note ?? "")],
      ["trust", row.trust_tier],
      ["load", `${load(row)} tasks`],
      ["skills", row.skills.join(", ")],
      ["github", row.github_handle ?? ""],
      ["since", relative(row.created_at, look.now)],
      ["id", row.worker_id],
    ];
    const lines = facts
      .filter(([, value]) => value !== "")
      .map(([key, value]) => `  ${paint(look, "dim", `${key}:`)} ${value}`);
    const head = `${paint(look, "cyan", row.name)}${row.me ? " (you)" : ""}`;
    return [head, ...lines, ...(row.holds.length > 0 ? [renderHeld(row.holds, look, false)] : [])].join("\n");
  },
};

export const workerRegister: View<Registered & { token?: string }> = {
  render: ({ name, worker_id, trust_tier, already, token }, look) => {
    const head = `${paint(look, "cyan", name)} ${already ? "was registered before" : "is registered"}: ${worker_id}, ${trust_tier}`;
    return token ? `${head}\ntoken for the HTTP gateway, shown this once: ${token}` : head;
  },
  next: () => ["owp claim"],
  quiet: ({ worker_id }) => worker_id,
};

export const workerEdit: View<WorkerEdited> = {
  render: ({ name, changed }, look) => {
    const what =
      changed.length > 0
        ? `${listing(changed.map((field) => field.replaceAll("_", " ")))} changed`
        : "it was so before";
    return `${paint(look, "cyan", name)}: ${what}`;
  },
  quiet: () => "",
};

/** Pause, resume and retire. */
export const workerStood: View<Stood> = {
  render: ({ name, status, already }, look) =>
    `${paint(look, "cyan", name)}: ${status}${already ? " (it was so before)" : ""}`,
  quiet: () => "",
};
