/** A new issue: a task, from CWOM's form. What scheduling needs besides, owp edit sets. */
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf, shortId } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import { DEFAULT_ESTIMATE } from "../tasks/add.ts";
import { resolveRepo } from "../tasks/links.ts";
import { subjectOf } from "../tasks/settle.ts";
import type { Enlisted } from "../workers/acting.ts";
import { assemble, type Content } from "./assemble.ts";
import { taskFrom } from "./issue-form.ts";
import { mirrored, verifyIssueLinks } from "./issue-links.ts";
import { judge } from "./judge.ts";
import type { ObjectWritten } from "./new.ts";
import { resolveRefs } from "./refs.ts";

/** What an Issue is by default: planned, P2 (FEATURES B14, B27). */
const DEFAULTS = { status: "planned", priority: "P2" } as const;
const P2 = 50;

export function newIssue(snapshot: Snapshot, content: Content, ctx: Ctx, me: Enlisted): Plan<ObjectWritten> {
  const made = assemble("Issue", { ...DEFAULTS }, content);
  if (!made.ok) return made;
  const resolved = resolveRefs(snapshot, "Issue", made.value);
  if (!resolved.ok) return resolved;
  const repo = resolveRepo(snapshot, undefined);
  if (!repo.ok) return repo;
  const id = ctx.newId("t");
  const formed = taskFrom(snapshot, resolved.value, {
    ...{ kind: "Task", id, title: "", repo: repo.slug, status: "planned", priority: P2 },
    ...{ estimate: DEFAULT_ESTIMATE, created_at: iso(ctx.now), created_by: me.name },
  });
  if (!formed.ok) return formed;
  const judged = judge(snapshot, "Task", id, formed.task);
  if (!judged.ok) return judged;
  const refusal = verifyIssueLinks(snapshot, formed);
  if (refusal) return refusal;
  const others = mirrored(snapshot, formed, [], ctx);
  if (!others.ok) return others;
  return {
    ok: true,
    changes: [...me.changes, { path: pathOf("Task", id), value: formed.task }, ...others.changes],
    event: {
      type: "object.created",
      subject: subjectOf("add", formed.task),
      tasks: [id, ...others.ids].map((one) => ({ id: one })),
      actor: me.name,
    },
    result: { kind: "Issue", id, short: shortId(id), path: pathOf("Task", id) },
    warnings: judged.warnings,
  };
}
