/** Changes of an issue in CWOM's form: its text, its references and how it stands to others; never who works on it (B32). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { shortId } from "../../core/paths.ts";
import { refuse } from "../../core/refusal.ts";
import { isEnded } from "../../core/rows.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import { readTask } from "../tasks/docs.ts";
import { subjectOf } from "../tasks/settle.ts";
import type { Enlisted } from "../workers/acting.ts";
import { assemble, type Content } from "./assemble.ts";
import { differing, type ObjectEdited } from "./edit.ts";
import { formOf, taskFrom } from "./issue-form.ts";
import { mirrored, verifyIssueLinks } from "./issue-links.ts";
import { judge } from "./judge.ts";
import { resolveRefs } from "./refs.ts";
import type { Json } from "./value.ts";

/** What still serves when a task has ended. */
const AFTER_END = new Set(["labels", "meta", "watchers", "runs"]);

export function editIssue(
  snapshot: Snapshot,
  id: string,
  content: Content,
  ctx: Ctx,
  me: Enlisted,
): Plan<ObjectEdited> {
  const file = readTask(snapshot, id);
  if (!file.ok) return file;
  const made = assemble("Issue", formOf(snapshot, file.task), content);
  if (!made.ok) return made;
  return writeIssue(snapshot, id, made.value, ctx, me);
}

/** (suspends) form: the whole Issue as it is to be; its references may still be parts of ids. */
export function writeIssue(
  snapshot: Snapshot,
  id: string,
  form: Json,
  ctx: Ctx,
  me: Enlisted,
  event = "object.edited",
): Plan<ObjectEdited> {
  const file = readTask(snapshot, id);
  if (!file.ok) return file;
  const before = file.task;
  const resolved = resolveRefs(snapshot, "Issue", form);
  if (!resolved.ok) return resolved;
  const formed = taskFrom(snapshot, resolved.value, before);
  if (!formed.ok) return formed;
  const { task } = formed;
  const others = mirrored(snapshot, formed, before.relationships?.blocks, ctx);
  if (!others.ok) return others;
  const own = differing(before as unknown as Json, task as unknown as Json);
  const changed = [...new Set([...own, ...(others.ids.length > 0 ? ["relationships"] : [])])];
  const result = { kind: "Issue" as const, id, short: shortId(id), changed };
  if (changed.length === 0) return { ok: true, changes: [], result: { ...result, already: true } };
  if (changed.includes("repo"))
    return refuse("invalid_input", "An issue's repo is changed by owp edit. Nothing was changed.", {
      hint: `owp edit ${shortId(id)} --repo <slug>`,
      data: { field: "repo" },
    });
  if (isEnded(before) && changed.some((name) => !AFTER_END.has(name)))
    return refuse(
      "task_ended",
      `${shortId(id)} has ended (${before.status}), so ${changed.join(", ")} stays. Nothing was changed.`,
      { data: { id, fields: changed } },
    );
  const judged = judge(snapshot, "Task", id, task, before);
  if (!judged.ok) return judged;
  const refusal = verifyIssueLinks(snapshot, formed);
  if (refusal) return refusal;
  return {
    ok: true,
    changes: [
      ...me.changes,
      ...(own.length > 0 ? [{ path: file.path, value: { ...task, updated_at: iso(ctx.now) } }] : []),
      ...others.changes,
    ],
    event: {
      type: event,
      subject: subjectOf("edit", { id, title: changed.join(", ") }),
      tasks: [id, ...others.ids].map((one) => ({ id: one })),
      actor: me.name,
    },
    result,
    warnings: judged.warnings,
  };
}
