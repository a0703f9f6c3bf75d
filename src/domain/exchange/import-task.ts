/** A new task from an item. */
import { type Refusal, refuse } from "../../core/refusal.ts";
import { iso } from "../../core/time.ts";
import { schemaViolations, storageViolations } from "../../core/validate.ts";
import type { Task } from "../../generated/types.ts";
import { newTask } from "../tasks/add.ts";
import { isWorkerName } from "../tasks/fields.ts";
import { withDigest } from "./digest.ts";
import type { Ready } from "./import-items.ts";
import type { Links } from "./import-links.ts";

export interface Setting {
  system: string;
  id: string;
  /** The repo of items that name none. */
  repo: string;
  links?: Links;
  /** Who imports. */
  by: string;
  now: number;
}

export function makeTask({ item, fields }: Ready, setting: Setting): Task {
  const { id, links, by, now } = setting;
  const extra = (item.extra ?? {}) as Partial<Task>;
  const title = fields.title ?? item.title;
  const made = newTask(
    id,
    { ...fields, title, repo: fields.repo ?? setting.repo },
    { planned: item.status === "planned", ...links },
  );
  // made names what it writes, and extra what it says besides, empty fields too.
  const task: Task = { created_by: by, ...made, ...extra, created_at: extra.created_at ?? iso(now) };
  if (extra.relationships) task.relationships = { ...extra.relationships, ...made.relationships };
  if (item.notes)
    task.notes = item.notes.map((note) => ({
      at: note.at ?? iso(now),
      by: authorName(note.by) ?? by,
      text: note.text,
    }));
  // A task that comes from a record keeps what it says of its source; it is found again by its id.
  if (item.id !== undefined || item.external_id === undefined) return task;
  task.source = {
    system: setting.system,
    external_id: item.external_id,
    ...(item.url === undefined ? {} : { url: item.url }),
  };
  return withDigest(task);
}

/** What a task breaks of the schema, by the place of its item; fields of another record are carried along unread. */
export function verifyTasks(tasks: readonly Task[], items: readonly Ready[]): Refusal | undefined {
  for (const [index, task] of tasks.entries()) {
    const [first] = [...schemaViolations("Task", task), ...storageViolations(task)];
    if (!first) continue;
    const { item, where = "" } = items[index] ?? {};
    const line = item?.line === undefined ? {} : { line: item.line };
    return refuse("invalid_input", `${where}: ${first.message}. Nothing was imported.`, {
      hint: "mend the source and import it again",
      data: { field: first.at[0] ?? "", ...line },
    });
  }
  return undefined;
}

/** `Ada Lovelace` as `ada-lovelace`; undefined where no worker's name is left. */
function authorName(author: string | undefined): string | undefined {
  const plain = (author ?? "").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const name = plain
    .replace(/[^a-z0-9._@+-]+/g, "-")
    .replace(/^[^a-z0-9]+|-+$/g, "")
    .slice(0, 120);
  return isWorkerName(name) ? name : undefined;
}
