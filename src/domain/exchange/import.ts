/**
 * Takes tasks from another place into the record, in one change; coming again changes nothing (FEATURES A24–A29).
 * Work: linear in items and links. A task is found again by its source (system, external id), or by its own id.
 */
import type { Change, Ctx, Plan } from "../../core/operation.ts";
import { pathOf, shortId } from "../../core/paths.ts";
import type { Refusal } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { ImportInput } from "../../generated/types.ts";
import { verifyArea } from "../repos/areas.ts";
import { badField, oneLine } from "../tasks/fields.ts";
import { resolveRepo } from "../tasks/links.ts";
import { enlist } from "../workers/acting.ts";
import { type ChangedTask, followSource } from "./follow.ts";
import { goneThere, goneWarning } from "./import-gone.ts";
import { type Ready, readItems } from "./import-items.ts";
import { resolveLinks, verifyCircles } from "./import-links.ts";
import { matchItems } from "./import-match.ts";
import { makeTask, verifyTasks } from "./import-task.ts";

export interface Imported {
  created: number;
  /** Changed at the source and not here: title, description, priority and labels were taken over. */
  updated: number;
  /** Here already, as at the source, or ended here. */
  unchanged: number;
  /** Changed at the source and here too: left as they are here. */
  kept: number;
  /** Over at the source; --all takes them as open work. */
  skipped: number;
  /** The new tasks. */
  tasks: { id: string; short: string; title: string; external_id?: string }[];
  /** Those that were updated, and which of their fields. */
  changed: ChangedTask[];
  /** What came and was not taken, and why. */
  left: { key: string; title: string; why: string }[];
  /** Still open here, and not in what came, although all of it was to come: closed, moved or deleted at the source. */
  gone: { id: string; short: string; title: string }[];
  /** Nothing was new; nothing was published. */
  already?: true;
}

export function planImport(snapshot: Snapshot, input: ImportInput, ctx: Ctx): Plan<Imported> {
  const me = enlist(snapshot, ctx);
  if (!me.ok) return me;
  const system = oneLine(input.system, 64);
  if (system === undefined) return badField("system", input.system, "one line of 1 to 64 characters");
  const read = readItems(snapshot, input, ctx);
  if (!read.ok) return read;
  const wanted = read.items.filter((ready) => input.all === true || ready.item.status !== "ended");
  const match = matchItems(snapshot, system, read.items);
  const fresh = wanted.filter((ready) => !match.known.has(ready.item.key));
  const repo = fresh.some(({ fields }) => fields.repo === undefined)
    ? resolveRepo(snapshot, input.repo)
    : undefined;
  if (repo && !repo.ok) return repo;
  const areas = verifyAreas(snapshot, fresh, repo?.slug ?? "");
  if (!areas.ok) return areas;
  for (const { item } of fresh) match.ids.set(item.key, item.id ?? ctx.newId("t"));
  const links = resolveLinks(snapshot, system, fresh, read.items, match);
  const refusal = links.refusal ?? verifyCircles(fresh, links.byKey, match.ids);
  if (refusal) return refusal;
  const created = fresh.map((ready) =>
    makeTask(ready, {
      system,
      id: match.ids.get(ready.item.key) ?? "",
      repo: repo?.slug ?? "",
      links: links.byKey.get(ready.item.key),
      by: me.name,
      now: ctx.now,
    }),
  );
  const broken = verifyTasks(created, fresh);
  if (broken) return broken;
  const followed = followSource(snapshot, wanted, match, ctx);
  const gone = goneThere(snapshot, system, input.covers, match);
  const result: Imported = {
    created: created.length,
    ...followed.counts,
    skipped: read.items.length - wanted.length,
    tasks: created.map(({ id, title, source }) => ({
      ...{ id, short: shortId(id), title },
      ...(source?.external_id ? { external_id: source.external_id } : {}),
    })),
    changed: followed.changed,
    left: [...leftOut(read.items, input.all === true), ...followed.kept],
    gone,
  };
  const changed = [...created, ...followed.tasks];
  const warnings = [
    ...areas.warnings,
    ...links.warnings,
    ...endedThere(read.items, wanted, match.openKeys),
    ...goneWarning(system, gone),
  ];
  if (changed.length === 0) return { ok: true, changes: [], result: { ...result, already: true }, warnings };
  const changes = changed.map((task): Change => ({ path: pathOf("Task", task.id), value: task }));
  return {
    ok: true,
    changes: [...me.changes, ...changes],
    event: {
      type: "task.imported",
      subject: `import ${changed.length} ${changed.length === 1 ? "task" : "tasks"} from ${system}`,
      tasks: changed.map(({ id }) => ({ id })),
      actor: me.name,
    },
    result,
    warnings,
  };
}

const leftOut = (all: readonly Ready[], isAll: boolean): Imported["left"] =>
  all
    .filter(({ item }) => !isAll && item.status === "ended")
    .map(({ item }) => ({ key: item.key, title: item.title, why: "over at the source" }));

/** Each area that the new tasks name, against the list of its repo. */
function verifyAreas(
  snapshot: Snapshot,
  fresh: readonly Ready[],
  otherwise: string,
): { ok: true; warnings: string[] } | Refusal {
  const warnings = new Set<string>();
  for (const { fields, where } of fresh) {
    const verified = verifyArea(snapshot, fields.repo ?? otherwise, fields.area, where);
    if (!verified.ok) return verified;
    for (const warning of verified.warnings) warnings.add(warning);
  }
  return { ok: true, warnings: [...warnings] };
}

/** Work that is over at the source and was imported before, and is still open here: for people to settle. */
function endedThere(
  all: readonly Ready[],
  wanted: readonly Ready[],
  openKeys: ReadonlyMap<string, string>,
): string[] {
  if (all.length === wanted.length) return [];
  const open = all
    .filter(({ item }) => item.status === "ended" && openKeys.has(item.key))
    .map(({ item }) => openKeys.get(item.key) ?? "");
  if (open.length === 0) return [];
  const named = open.slice(0, 5).map(shortId).join(", ");
  return [
    `${open.length} ${open.length === 1 ? "task is" : "tasks are"} over at the source and still open here: ${named}${open.length > 5 ? ", …" : ""}.`,
  ];
}
