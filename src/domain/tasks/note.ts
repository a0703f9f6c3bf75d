/** A remark on a task: by anyone, at any time, also when it has ended (FEATURES E29). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { NoteInput, Task } from "../../generated/types.ts";
import { enlist } from "../workers/acting.ts";
import { readTask } from "./docs.ts";
import { badField, ENTRY_LIMIT, longText } from "./fields.ts";
import { called, findTask } from "./find.ts";
import { subjectOf } from "./settle.ts";

/** How many notes a task holds; the schema's limit. */
export const NOTE_LIMIT = 2000;

export interface Noted {
  id: string;
  title: string;
  /** How many notes the task has now. */
  notes: number;
}

export function planNote(snapshot: Snapshot, input: NoteInput, ctx: Ctx): Plan<Noted> {
  const me = enlist(snapshot, ctx);
  if (!me.ok) return me;
  const text = longText(input.text, ENTRY_LIMIT)?.trim();
  if (!text) return badField("text", input.text, "text of 1 to 4,000 characters");
  const found = findTask(snapshot, input.id);
  if (!found.ok) return found;
  const file = readTask(snapshot, found.id);
  if (!file.ok) return file;
  const notes = [...(file.task.notes ?? []), { at: iso(ctx.now), by: me.name, text }];
  if (notes.length > NOTE_LIMIT) {
    return refuse(
      "invalid_input",
      `${called(file.task)} has ${NOTE_LIMIT} notes, and takes no more. Nothing was changed.`,
      {
        data: { field: "notes" },
      },
    );
  }
  const task: Task = { ...file.task, notes, updated_at: iso(ctx.now) };
  return {
    ok: true,
    changes: [...me.changes, { path: file.path, value: task }],
    event: {
      type: "task.noted",
      subject: subjectOf("note", task),
      tasks: [{ id: found.id }],
      actor: me.name,
      message: text,
    },
    result: { id: found.id, title: task.title, notes: notes.length },
  };
}
