/** `owp add`, `owp edit` and `owp note`. */
import type { Added } from "../domain/tasks/add.ts";
import type { Edited } from "../domain/tasks/edit.ts";
import type { Noted } from "../domain/tasks/note.ts";
import type { View } from "./look.ts";
import { named } from "./task-lines.ts";
import { count, listing } from "./words.ts";

const shortOf = (id: string) => id.slice(-4);

export const add: View<Added> = {
  render: (task, look) => {
    const waits = task.blocked_by.length > 0 ? `; waits for ${listing(task.blocked_by.map(shortOf))}` : "";
    return `${named(task, look)}: ${task.status}, priority ${task.priority}, estimate ${task.estimate}${waits}`;
  },
  next: ({ short, status, blocked_by }) => {
    if (status === "planned") return [`owp edit ${short} --status ready`];
    return [blocked_by.length > 0 ? "owp ready" : `owp claim ${short}`];
  },
  quiet: ({ short }) => short,
};

export const edit: View<Edited> = {
  render: ({ id, title, changed }, look) => {
    const what =
      changed.length > 0
        ? `${listing(changed.map((field) => field.replaceAll("_", " ")))} changed`
        : "it was so before";
    return `${named({ short: shortOf(id), title }, look)}: ${what}`;
  },
  quiet: () => "",
};

export const note: View<Noted> = {
  render: ({ id, title, notes }, look) =>
    `${named({ short: shortOf(id), title }, look)}: noted (${count(notes, "note")} now)`,
  quiet: () => "",
};
