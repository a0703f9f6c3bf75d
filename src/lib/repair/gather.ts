/** Gathers what a repair knows: what validate finds at the tip, hand-made commits that set a task back, and the history of all files concerned. */
import { epochOf, type FileRead, parseFile, tasksIn } from "../../core/explains.ts";
import { type Kind, pathOf, placeOf } from "../../core/paths.ts";
import type { Rules } from "../../core/snapshot.ts";
import type { Changed } from "../../domain/repair/bench.ts";
import type { Evidence, FileEvidence, Good, Round, Version } from "../../domain/repair/evidence.ts";
import { targetOf } from "../../domain/repair/places.ts";
import { mendRounds } from "../../domain/repair/rounds.ts";
import { judgeFile } from "../../domain/validate/check-file.ts";
import type { Finding } from "../../domain/validate/rule.ts";
import { blobOf } from "../../engine/objects.ts";
import { PathHistory, type Version as Seen, type Step, stepsTo } from "../../engine/path-history.ts";
import type { GitObject, ObjectStore, Oid } from "../../engine/ports.ts";
import type { RecordView } from "../../engine/record.ts";
import { diffTrees, editTree, readPaths } from "../../engine/tree.ts";
import type { Lease } from "../../generated/types.ts";
import type { HubParts } from "../hub.ts";
import { checkTree, contentsOf } from "../validate/record.ts";

/** The last evidence of this process: a plan that is made again, or confirmed, is mostly made on the same tip. */
let last: { store: ObjectStore; tip: Oid; evidence: Evidence } | undefined;

/** Mends may bring to light what they hid; each round takes some of it away, and few do. */
const MOST_ROUNDS = 8;
/** For the rounds alone: the plan puts the name of whoever runs it. */
const MENDER = { name: "repair" };

export async function gatherEvidence(
  store: ObjectStore,
  view: RecordView,
  progress: HubParts["progress"] = {},
): Promise<Evidence> {
  const { tip, rules } = view.snapshot;
  if (tip === null) throw new Error("a record without a commit has no history");
  if (last?.store === store && last.tip === tip) return last.evidence;
  progress.report?.({ stage: "reading the history" });
  const steps = await stepsTo(store, tip);
  const back = await setBack(store, steps);
  const overlay = new Overlay(store);
  const rounds: Round[] = [];
  while (rounds.length < MOST_ROUNDS) {
    progress.report?.({ stage: "looking for damage" });
    rounds.push(await lookAt(overlay, steps, back, rules));
    const mended = await view.loading(() => mendRounds(rounds, view.snapshot, MENDER));
    if (mended.bench.changed().length === 0) break;
    steps.push(await overlay.mend(steps.at(-1) as Step, mended.bench.changed()));
  }
  const evidence = { rounds };
  last = { store, tip, evidence };
  return evidence;
}

async function lookAt(
  store: ObjectStore,
  steps: readonly Step[],
  back: ReadonlySet<string>,
  rules: Rules,
): Promise<Round> {
  const { tree, at_ms } = steps.at(-1) as Step;
  const { files, across } = await checkTree(store, tree, at_ms);
  const findings = [...files, ...across].filter(({ severity }) => severity === "error");
  const suspects = await suspectsOf(store, tree, findings);
  for (const task of back) suspects.add(task);
  return { findings, ...(await filesOf(store, steps, suspects, rules)) };
}

/** A store with the record as a repair would leave it on top; nothing of that is kept. */
class Overlay implements ObjectStore {
  private readonly objects = new Map<Oid, GitObject>();

  constructor(private readonly below: ObjectStore) {}

  async read(oids: readonly Oid[]): Promise<(GitObject | undefined)[]> {
    const known = oids.map((oid) => this.objects.get(oid));
    const rest = await this.below.read(oids.filter((_oid, at) => known[at] === undefined));
    return known.map((object) => object ?? rest.shift());
  }

  async write(objects: readonly GitObject[]): Promise<void> {
    for (const object of objects) this.objects.set(object.oid, object);
  }

  /** The step that a repair would be. */
  async mend(onto: Step, changed: readonly Changed[]): Promise<Step> {
    const blobs = changed.map(({ next }) => (next === undefined ? undefined : blobOf(next)));
    const edits = changed.map(({ path }, at) => ({ path, oid: blobs[at]?.oid ?? null }));
    const { tree, objects } = await editTree(this, onto.tree, edits);
    await this.write([...blobs.filter((blob) => blob !== undefined), ...objects]);
    return {
      ...onto,
      oid: tree,
      tree,
      parents: [onto.oid],
      order: onto.order + 1,
      subject: "repair",
      byHand: false,
    };
  }
}

/** Files and tasks to look at: paths, of which a needed one is restored where it is gone, and ids of tasks. */
class Suspects {
  readonly paths = new Set<string>();
  readonly needed = new Set<string>();

  /** A task comes with its lease, and a lease with its task: the epoch lives in both. */
  add(id: string): void {
    this.paths.add(pathOf("Task", id)).add(pathOf("Lease", id));
  }

  file(path: string): void {
    const place = placeOf(path);
    if (place?.kind === "Task" || place?.kind === "Lease") this.add(place.id);
    else this.paths.add(path);
  }

  need(kind: Kind, id: string): void {
    const path = pathOf(kind, id);
    if (placeOf(path) === undefined) return;
    this.file(path);
    this.needed.add(path);
  }
}

async function suspectsOf(store: ObjectStore, tree: Oid, findings: readonly Finding[]): Promise<Suspects> {
  const suspects = new Suspects();
  const paths = [...new Set(findings.map(({ path }) => path))];
  const read = await contentsAt(store, tree, paths);
  for (const { path, code, keys = [], members = [] } of findings) {
    suspects.file(path);
    const place = placeOf(path);
    if (place?.kind === "Lease") suspects.need("Task", place.id);
    for (const id of members) suspects.add(id);
    if (code === "policy_missing") suspects.needed.add(path);
    const bytes = read.get(path);
    const target = code === "misplaced" && bytes ? targetOf(path, bytes) : undefined;
    if (target) suspects.file(target);
    const kind = NAMED[code]?.(keys);
    const id = kind && bytes ? valueAt(parseFile(path, bytes).value, keys) : undefined;
    if (kind && typeof id === "string") suspects.need(kind, id);
  }
  return suspects;
}

/** What kind of object a finding's place in its file names. */
const NAMED: Record<string, (keys: readonly (string | number)[]) => Kind> = {
  reference: ([field]) => (field === "repo" ? "Repo" : "Task"),
  holder_unknown: () => "Worker",
  lease_stray: () => "Task",
};

const valueAt = (value: unknown, keys: readonly (string | number)[]): unknown =>
  keys.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined)?.[key], value);

async function contentsAt(
  store: ObjectStore,
  tree: Oid | null,
  paths: readonly string[],
): Promise<Map<string, Uint8Array>> {
  const oids = await readPaths(store, tree, paths);
  const files = paths.flatMap((path, at) => (oids[at] == null ? [] : [{ path, oid: oids[at] as Oid }]));
  const read = await contentsOf(store, files);
  return new Map(read.flatMap(([{ path }, bytes]) => (bytes ? [[path, bytes] as const] : [])));
}

/**
 * Tasks whose epoch a commit by hand turned back, lost with the lease, or gave to another holder. A merge is compared with
 * each of its sides.
 */
async function setBack(store: ObjectStore, steps: readonly Step[]): Promise<Set<string>> {
  const trees = new Map(steps.map(({ oid, tree }) => [oid, tree]));
  const found = new Set<string>();
  for (const { byHand, tree, parents } of steps) {
    for (const parent of byHand ? parents : []) {
      const before = trees.get(parent) ?? null;
      const changes = await diffTrees(store, before, tree, ["tasks", "leases"]);
      const ids = tasksIn(changes.filter((change) => change.before !== null).map(({ path }) => path));
      const paths = ids.flatMap((id) => [pathOf("Task", id), pathOf("Lease", id)]);
      const [old, fresh] = [await contentsAt(store, before, paths), await contentsAt(store, tree, paths)];
      for (const id of ids) if (isSetBack(standingIn(id, old), standingIn(id, fresh))) found.add(id);
    }
  }
  return found;
}

function standingIn(
  id: string,
  side: ReadonlyMap<string, Uint8Array>,
): { epoch: number; worker?: string | null } {
  const read = (path: string): FileRead => parseFile(path, side.get(path));
  const lease = read(pathOf("Lease", id)).value as Lease | undefined;
  return { epoch: epochOf(id, read).epoch, ...(lease && { worker: lease.worker }) };
}

function isSetBack(old: ReturnType<typeof standingIn>, fresh: ReturnType<typeof standingIn>): boolean {
  const isHandedOn = Boolean(fresh.worker) && fresh.worker !== old.worker;
  return fresh.epoch < old.epoch || (isHandedOn && fresh.epoch === old.epoch);
}

async function filesOf(
  store: ObjectStore,
  steps: readonly Step[],
  { paths, needed }: Suspects,
  rules: Rules,
): Promise<Pick<Round, "files" | "epochs">> {
  const files: Record<string, FileEvidence> = {};
  const epochs: Record<string, number> = {};
  if (paths.size === 0) return { files, epochs };
  const history = await PathHistory.read(store, steps, [...paths]);
  const versions = new Map([...paths].map((path) => [path, history.versions(path)]));
  const reader = new Reader(history, await blobsOf(store, [...versions.values()].flat()));
  const tip = (steps.at(-1) as Step).oid;
  for (const [path, seen] of versions) {
    const now = reader.text(history.at(tip, path));
    const good = history.lastGood(tip, path, (blob) => reader.isGood(path, blob, rules));
    files[path] = {
      ...(now === undefined ? {} : { now }),
      needed: needed.has(path),
      versions: seen.map((version) => reader.told(version)),
      good: good.map(({ step, blob }): Good => {
        // The commit at which it stood last names the one that made it so.
        const maker = seen.filter((one) => one.blob === blob && one.step.order <= step.order).at(-1);
        const { text = "", ...told } = reader.told(maker ?? { step, blob });
        return { ...told, text, epoch: reader.epochAt(step, path) };
      }),
    };
    const task = taskOf(path);
    if (task === undefined) continue;
    for (const { step } of seen) epochs[task] = Math.max(epochs[task] ?? 0, reader.epochAt(step, path));
  }
  return { files, epochs };
}

function taskOf(path: string): string | undefined {
  const place = placeOf(path);
  return place?.kind === "Task" || place?.kind === "Lease" ? place.id : undefined;
}

async function blobsOf(store: ObjectStore, versions: readonly Seen[]): Promise<Map<Oid, Uint8Array>> {
  const oids = [...new Set(versions.flatMap(({ blob }) => (blob === null ? [] : [blob])))];
  const read = await contentsOf(
    store,
    oids.map((oid) => ({ oid })),
  );
  return new Map(read.flatMap(([{ oid }, bytes]) => (bytes ? [[oid, bytes] as const] : [])));
}

/** Versions as texts and values; each file is parsed once. */
class Reader {
  private readonly parsed = new Map<string, FileRead>();

  constructor(
    private readonly history: PathHistory,
    private readonly blobs: ReadonlyMap<Oid, Uint8Array>,
  ) {}

  text(blob: Oid | null): string | undefined {
    const bytes = blob === null ? undefined : this.blobs.get(blob);
    return bytes && new TextDecoder().decode(bytes);
  }

  told({ step, blob }: Seen): Version {
    const { oid: commit, order, subject, at_ms, byHand } = step;
    const text = this.text(blob);
    return { commit, order, subject, at_ms, byHand, ...(text === undefined ? {} : { text }) };
  }

  /** It can be read; and where it is a lease, nothing is wrong with it by itself. */
  isGood(path: string, blob: Oid, rules: Rules): boolean {
    const bytes = this.blobs.get(blob);
    if (!bytes) return false;
    if (placeOf(path)?.kind !== "Lease") return this.read(path, blob).value !== undefined;
    return !judgeFile(path, bytes, rules).findings.some(({ severity }) => severity === "error");
  }

  /** The epoch of a path's task at a commit; 0 where the path is no task's. */
  epochAt({ oid }: Step, path: string): number {
    const task = taskOf(path);
    return task === undefined
      ? 0
      : epochOf(task, (file) => this.read(file, this.history.at(oid, file))).epoch;
  }

  private read(path: string, blob: Oid | null): FileRead {
    const key = `${blob} ${path}`;
    const known = this.parsed.get(key) ?? parseFile(path, blob === null ? undefined : this.blobs.get(blob));
    this.parsed.set(key, known);
    return known;
  }
}
