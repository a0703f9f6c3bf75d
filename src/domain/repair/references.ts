/** What tasks point to: references that lead nowhere and circles. Only what closed or broke something is taken back. */
import { type Kind, pathOf, shortId } from "../../core/paths.ts";
import type { Task } from "../../generated/types.ts";
import { findCircles } from "../validate/circles.ts";
import type { Finding } from "../validate/rule.ts";
import { type Bench, valueIn } from "./bench.ts";
import type { Version } from "./evidence.ts";
import { spellCommit } from "./files.ts";

type Relationships = NonNullable<Task["relationships"]>;
const LISTS = ["blocked_by", "blocks", "duplicates"] as const;
type List = (typeof LISTS)[number];

const task = (bench: Bench, id: string): Task | undefined => bench.value<Task>(pathOf("Task", id));
const exists = (bench: Bench, kind: Kind, id: string): boolean => bench.text(pathOf(kind, id)) !== undefined;

export function takeBackReferences(bench: Bench): void {
  for (const finding of bench.findings(["reference", "self_reference"])) {
    const value = bench.value<Task>(finding.path);
    const [first, list] = finding.keys ?? [];
    if (value?.kind !== "Task") continue;
    if (first === "repo") takeBackRepo(bench, finding, value);
    else if (list === "parent") takeBackParent(bench, finding, value);
    else if (LISTS.includes(list as List)) takeBackLinks(bench, finding, value, list as List);
  }
}

/** The repo that the task had before, where that is there. */
function takeBackRepo(bench: Bench, finding: Finding, value: Task): void {
  const { path, code } = finding;
  if (exists(bench, "Repo", value.repo)) return;
  const before = [...(bench.file(path)?.versions ?? [])]
    .reverse()
    .map((version) => valueIn<Task>(path, version.text ?? "")?.repo)
    .find((repo) => repo !== undefined && exists(bench, "Repo", repo));
  if (before === undefined)
    bench.leave(finding, `owp repo set ${value.repo}, or owp edit ${shortId(value.id)} --repo <slug>`);
  else
    bench.edit(
      path,
      { ...value, repo: before },
      code,
      `back in the repo ${before}; there is no ${value.repo}`,
    );
}

function takeBackParent(bench: Bench, { path, code }: Finding, value: Task): void {
  const parent = value.relationships?.parent;
  if (!parent || (parent !== value.id && exists(bench, "Task", parent))) return;
  bench.edit(path, withLinks(value, { parent: undefined }), code, `no longer a part of ${parent}`);
}

/** All entries of the list that lead nowhere, or to the task itself: each finding of the list names one of them. */
function takeBackLinks(bench: Bench, { path, code }: Finding, value: Task, list: List): void {
  const before = value.relationships?.[list] ?? [];
  const kept = before.filter((id) => id !== value.id && exists(bench, "Task", id));
  const gone = before.filter((id) => !kept.includes(id));
  if (gone.length === 0) return;
  bench.edit(path, withLinks(value, { [list]: kept }), code, `${list} no longer names ${gone.join(", ")}`);
}

/** The task with other relationships; what is empty goes. */
function withLinks(value: Task, links: { [K in keyof Relationships]?: Relationships[K] | undefined }): Task {
  const relationships: Record<string, unknown> = { ...value.relationships, ...links };
  for (const [key, inner] of Object.entries(relationships))
    if (inner === undefined || (Array.isArray(inner) && inner.length === 0)) delete relationships[key];
  const { relationships: _before, ...rest } = value;
  return Object.keys(relationships).length === 0 ? rest : { ...rest, relationships };
}

/** From a task to one that it waits for, or is a part of. */
interface Edge {
  from: string;
  to: string;
}

/** How the two kinds of circle are read and opened. */
const CIRCLES: Record<
  string,
  {
    targets: (bench: Bench, id: string, members: readonly string[]) => string[];
    has: (value: Task | undefined, to: string) => boolean;
    without: (value: Task, to: string) => Task;
    did: (to: string) => string;
  }
> = {
  dependency_cycle: {
    targets: (bench, id, members) => [
      ...(task(bench, id)?.relationships?.blocked_by ?? []),
      ...members.filter((other) => blocks(task(bench, other), id)),
    ],
    has: (value, to) => value?.relationships?.blocked_by?.includes(to) === true,
    without: (value, to) =>
      withLinks(value, { blocked_by: value.relationships?.blocked_by?.filter((id) => id !== to) }),
    did: (to) => `no longer waits for ${to}`,
  },
  parent_cycle: {
    targets: (bench, id) => [task(bench, id)?.relationships?.parent ?? []].flat(),
    has: (value, to) => value?.relationships?.parent === to,
    without: (value) => withLinks(value, { parent: undefined }),
    did: (to) => `no longer a part of ${to}`,
  },
};

/** Opens each circle at the link that came last, one link at a time, until none is left. */
export function openCircles(bench: Bench): void {
  for (const { code, members = [] } of bench.findings(Object.keys(CIRCLES))) {
    const { targets } = CIRCLES[code] as (typeof CIRCLES)[string];
    const graph = { nodes: members, edges: (id: string) => targets(bench, id, members) };
    for (let circle = findCircles(graph)[0]; circle; circle = findCircles(graph)[0]) {
      const edges = circle.map(
        (from, at): Edge => ({ from, to: circle?.[(at + 1) % circle.length] ?? from }),
      );
      takeBackEdge(bench, code, newest(bench, code, edges));
    }
  }
}

interface Dated extends Edge {
  /** The version that brought it. */
  by: Version | undefined;
}

/** The link that was made last. What an operation made closed no circle when it was made, so one made by hand comes first. */
function newest(bench: Bench, code: string, edges: readonly Edge[]): Dated {
  const dated = edges.map((edge) => dateOf(bench, code, edge));
  return dated.reduce((one, other) => (isLater(other, one) ? other : one));
}

const isLater = ({ by: one }: Dated, { by: other }: Dated): boolean =>
  one?.byHand !== other?.byHand ? one?.byHand === true : (one?.order ?? 0) > (other?.order ?? 0);

/** Said by both tasks it is as old as the first to say it. */
function dateOf(bench: Bench, code: string, edge: Edge): Dated {
  const { has } = CIRCLES[code] as (typeof CIRCLES)[string];
  const said = [
    cameWith(bench, edge.from, (value) => has(value, edge.to)),
    cameWith(bench, edge.to, (value) => code === "dependency_cycle" && blocks(value, edge.from)),
  ];
  const [by] = said.filter((version) => version !== undefined).sort((a, b) => a.order - b.order);
  return { ...edge, by };
}

const blocks = (value: Task | undefined, id: string): boolean =>
  value?.relationships?.blocks?.includes(id) === true;

/** The version of a task that brought what it still says; undefined: it does not say it. */
function cameWith(bench: Bench, id: string, says: (value: Task | undefined) => boolean): Version | undefined {
  const path = pathOf("Task", id);
  if (!says(bench.value<Task>(path))) return undefined;
  const versions = bench.file(path)?.versions ?? [];
  const has = (version: Version | undefined) =>
    says(version?.text === undefined ? undefined : valueIn<Task>(path, version.text));
  return versions.findLast((version, at) => has(version) && !has(versions[at - 1]));
}

function takeBackEdge(bench: Bench, code: string, { from, to, by }: Dated): void {
  const { has, without, did } = CIRCLES[code] as (typeof CIRCLES)[string];
  const why = `, which closed a circle${by ? ` at ${spellCommit(by)}` : ""}`;
  const value = task(bench, from);
  if (value && has(value, to)) bench.edit(pathOf("Task", from), without(value, to), code, did(to) + why);
  const other = task(bench, to);
  if (code !== "dependency_cycle" || !other || !blocks(other, from)) return;
  const kept = withLinks(other, { blocks: other.relationships?.blocks?.filter((id) => id !== from) });
  bench.edit(pathOf("Task", to), kept, code, `no longer blocks ${from}${why}`);
}
