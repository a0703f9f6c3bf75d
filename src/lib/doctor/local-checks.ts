/** What lies in this clone's folder: what waits, what was left, and whether the index says what the record says. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { findLitter } from "../../engine/desk-litter.ts";
import { FileIndex } from "../../engine/index-files.ts";
import { MemoryIndex, MemoryShelf } from "../../engine/memory/index.ts";
import type { Oid } from "../../engine/ports.ts";
import { type IndexStore, RecordView } from "../../engine/record.ts";
import { indexName } from "../open.ts";
import { keptRecords, ownFolder, recordsFolder } from "../record-folder.ts";
import { type CheckRow, count, fine, type Patient, row } from "./check.ts";

/** With more open tasks the index is only compared when it is to be mended: reading them all takes long. */
const COMPARE_LIMIT = 20_000;

export const LOCAL_CHECKS: readonly CheckRow[] = [
  row("waiting", ["hub"], async ({ hub, options }) => {
    const { desk } = hub.parts;
    const queued = (await desk.offlineTickets()).length;
    const undecided = (await desk.pendings()).length;
    if (queued === 0 && undecided === 0) return fine("nothing waits");
    const what = [
      queued > 0 && `${count(queued, "operation")} queued offline`,
      undecided > 0 && `${count(undecided, "push", "pushes")} whose outcome is not known`,
    ];
    const found = {
      state: "warning" as const,
      message: `There wait ${what.filter(Boolean).join(" and ")}.`,
      hint: "owp sync",
    };
    // What was queued offline is sent when its author says so.
    if (!options.fix || options.offline || queued > 0) return found;
    const outcome = await hub.run("sync", {});
    if (!outcome.ok || (await desk.pendings()).length > 0)
      return { ...found, message: `${found.message} ${outcome.ok ? "" : outcome.message}`.trim() };
    const { notices } = outcome.result as { notices: string[] };
    return {
      ...fine("nothing waits"),
      fixed: `found out what became of ${count(undecided, "push", "pushes")}${notices.length > 0 ? `: ${notices.join("; ")}` : ""}`,
    };
  }),
  row("left behind", ["repository"], async ({ repository, target, branch, folder, options }) => {
    const keep = [recordsFolder(repository.commonDir)];
    if (target && folder && branch) keep.push(join(folder, "index", indexName(target.url, branch)));
    const folders = [
      ownFolder(repository.commonDir),
      ...keptRecords(repository.commonDir).map((one) => one.folder),
    ];
    const litter = [...new Set(folders)].flatMap((one) => findLitter(one, keep));
    if (litter.length === 0) return fine("nothing");
    const kinds = new Map<string, number>();
    for (const { what } of litter) kinds.set(what, (kinds.get(what) ?? 0) + 1);
    const what = [...kinds].map(([kind, number]) => `${kind} (${number})`).join(", ");
    if (!options.fix)
      return {
        state: "warning",
        message: `Commands that ended early left ${what}. It does no harm.`,
        hint: "owp doctor --fix",
      };
    for (const { path } of litter) rmSync(path, { recursive: true, force: true });
    return { ...fine("nothing"), fixed: `removed ${what}` };
  }),
  row(
    "index",
    ["folder", "target", "branch", "record", "hub"],
    async ({ folder: own, target, branch, hub, options }) => {
      const folder = join(own, "index", indexName(target.url, branch));
      const tip = hub.parts.view.snapshot.tip as Oid;
      const open = [...hub.parts.view.snapshot.open()].length;
      if (open > COMPARE_LIMIT && !options.fix)
        return fine(`not compared with the record's ${open} open tasks; --fix makes it anew`);
      const made = await viewOf(hub.parts.store, new MemoryIndex(new MemoryShelf()), tip);
      const wrong = await differs(viewOf(hub.parts.store, new FileIndex(folder), tip), made);
      if (wrong === undefined) return fine(`says what the record says (${count(open, "open task")})`);
      if (!options.fix)
        return {
          state: "failed",
          message: `The index of this clone ${wrong}. Answers may be wrong until it is made anew.`,
          hint: "owp doctor --fix",
        };
      rmSync(folder, { recursive: true, force: true });
      const fresh = await viewOf(hub.parts.store, new FileIndex(folder), tip);
      await fresh.persist();
      return {
        ...fine(`says what the record says (${count(open, "open task")})`),
        fixed: `made the index anew: it ${wrong}`,
      };
    },
  ),
];

async function viewOf(
  store: Required<Patient>["hub"]["parts"]["store"],
  indexes: IndexStore,
  tip: Oid,
): Promise<RecordView> {
  const view = new RecordView({ store, indexes, elapsed: () => performance.now() });
  await view.open();
  await view.advance(tip, true);
  return view;
}

/** What is wrong with the kept index, beside one that was made from nothing; undefined: nothing. */
async function differs(kept: Promise<RecordView>, made: RecordView): Promise<string | undefined> {
  try {
    const [a, b] = [await dump(await kept), await dump(made)];
    const part = (Object.keys(b) as (keyof typeof b)[]).find((key) => a[key] !== b[key]);
    return part && `differs from the record in its ${part}`;
  } catch (error) {
    return `cannot be read (${(error as Error).message})`;
  }
}

/** All that an index says, in an order that does not depend on how it came about. */
async function dump(view: RecordView): Promise<Record<string, string>> {
  const { snapshot } = view;
  const closed = await view.loading(() => [...snapshot.closed()]);
  const sorted = (rows: Iterable<{ id: string }>) =>
    inOrder([...rows].sort((a, b) => (a.id < b.id ? -1 : 1)));
  const entries = (map: ReadonlyMap<string, unknown>) =>
    inOrder([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    policy: inOrder(snapshot.policy),
    workers: entries(snapshot.workers),
    repos: entries(snapshot.repos),
    "broken files": entries(snapshot.problems),
    "open tasks": sorted(snapshot.open()),
    "ended tasks": sorted(closed),
  };
}

/** JSON with every object's keys sorted. */
function inOrder(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
