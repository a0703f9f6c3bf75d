/** The whole record in the form the rules across files read: a few short strings a task, fed one row at a time. */

import { type Link, linkedTaskRow, type ObjectRow, objectRow } from "../../core/object-rows.ts";
import { type Kind, type ObjectKind, placeOf } from "../../core/paths.ts";
import { sourceKey } from "../../core/rows.ts";
import { BARE_POLICY, rulesOf } from "../../core/rules.ts";
import type { LeaseView, Problem, Rules } from "../../core/snapshot.ts";
import type { JobKey, Policy, Repo, Task, Worker } from "../../generated/types.ts";

/** What the rules need of a task. An OpenTask or a ClosedTask is one; `taskFacts` keeps the relationships too. */
export interface TaskFacts {
  id: string;
  repo: string;
  status: Task["status"];
  estimate?: number;
  area?: string;
  parent?: string;
  blocked_by?: readonly string[];
  blocks?: readonly string[];
  duplicates?: readonly string[];
  assigned_to?: string;
  /** Where it leads besides other tasks. */
  refs?: readonly Link[];
  /** `system external_id` */
  source?: string;
  /** Of a job, with its idempotency key where its file has one. */
  job?: { id: string; key?: string };
  lease?: LeaseView;
  broken?: Problem;
}

/** What the rules across files read. */
export interface RecordView {
  tasks: ReadonlyMap<string, TaskFacts>;
  leases: ReadonlyMap<string, LeaseView>;
  workers: ReadonlyMap<string, Worker>;
  repos: ReadonlyMap<string, Repo>;
  /** Tasks by the ids of the idempotency keys that lead to them. */
  jobKeys: ReadonlyMap<string, string>;
  objects: ReadonlyMap<string, ObjectRow>;
  /** undefined: no repo has this id. unreadable: it may be that of a file that cannot be read. */
  repoById(id: string): Repo | "unreadable" | undefined;
  /** Ids of tasks that came more than once. */
  repeated: readonly string[];
  /** There is a file of this kind and id, readable or not. */
  exists(kind: Kind, id: string): boolean;
  /** ms since 1970: leases that have expired by then weigh nothing. */
  now: number;
  rules: Rules;
}

export const isEnded = ({ status }: TaskFacts): boolean =>
  status === "done" || status === "failed" || status === "canceled";

/** The facts of a task file, with the lists that the compact rows leave out. */
export function taskFacts(task: Task): TaskFacts {
  const { parent, blocked_by, blocks, duplicates } = task.relationships ?? {};
  return {
    id: task.id,
    repo: task.repo,
    status: task.status,
    estimate: task.estimate,
    area: task.area,
    parent: parent ?? undefined,
    blocked_by,
    blocks,
    duplicates,
    assigned_to: task.assigned_to,
    source: sourceKey(task.source),
    job: task.job && { id: task.job.job_id, key: task.job.idempotency_key },
    refs: linkedTaskRow(task)?.links.filter(([field]) => !field.startsWith("relationships.")),
  };
}

const LISTS = ["blocked_by", "blocks", "duplicates"] as const;
const WORDS = ["repo", "area", "parent", "assigned_to", "source"] as const;

/** Keeps what the rules read, in strings of their own: a slice of a file's text would keep the whole text alive. */
function lean(row: TaskFacts): TaskFacts {
  const facts: TaskFacts = { id: own(row.id), repo: "", status: row.status };
  if (row.estimate !== undefined) facts.estimate = row.estimate;
  for (const key of WORDS) {
    const word = row[key];
    if (word) facts[key] = own(word);
  }
  for (const key of LISTS) {
    const list = row[key];
    if (list?.length) facts[key] = list.map(own);
  }
  if (row.job) {
    const { id, key } = row.job;
    facts.job = { id: own(id), ...(key === undefined ? {} : { key: own(key) }) };
  }
  if (row.refs?.length) facts.refs = row.refs;
  if (row.broken) facts.broken = row.broken;
  return facts;
}

const SHORTEST_SLICE = 13;
const own = (text: string): string =>
  text.length < SHORTEST_SLICE ? text : JSON.parse(JSON.stringify(text));

/** Takes the record file by file, in any order and from any loop, and keeps only what the rules read. */
export class RecordCollector {
  private readonly tasks = new Map<string, TaskFacts>();
  private readonly leases = new Map<string, LeaseView>();
  private readonly workers = new Map<string, Worker>();
  private readonly repos = new Map<string, Repo>();
  private readonly jobKeys = new Map<string, string>();
  private readonly objects = new Map<string, ObjectRow>();
  private readonly repeated: string[] = [];
  private readonly unreadable = new Set<string>();
  private known: Policy | undefined;

  policy(policy: Policy): void {
    this.known = policy;
  }

  /** A row's lease counts as one given to `lease`. */
  task(row: TaskFacts): void {
    const facts = lean(row);
    if (this.tasks.has(facts.id)) this.repeated.push(facts.id);
    this.tasks.set(facts.id, facts);
    if (row.lease) this.lease(facts.id, row.lease);
  }

  lease(task: string, lease: LeaseView): void {
    this.leases.set(own(task), lease);
  }

  worker(worker: Worker): void {
    this.workers.set(worker.name, worker);
  }

  repo(repo: Repo): void {
    this.repos.set(repo.slug, repo);
  }

  jobKey({ id, task }: JobKey): void {
    this.jobKeys.set(own(id), own(task));
  }

  object(kind: ObjectKind, value: object): void {
    const row = objectRow(kind, value);
    this.objects.set(row.id, row);
  }

  /** A file that cannot be read: what refers to it is not dangling. */
  broken(path: string): void {
    const place = placeOf(path);
    if (place) this.unreadable.add(`${place.kind} ${place.id}`);
  }

  view(now: number): RecordView {
    const { tasks, leases, workers, repos, jobKeys, objects, repeated, unreadable, known } = this;
    const readable: Record<Kind, { has(id: string): boolean }> = {
      Task: tasks,
      Lease: leases,
      Worker: workers,
      Repo: repos,
      JobKey: jobKeys,
      Policy: { has: () => known !== undefined },
      ContextPacket: objects,
      ConstraintSnapshot: objects,
      DoctrineRef: objects,
      Run: objects,
      Artifact: objects,
    };
    const exists = (kind: Kind, id: string) => readable[kind].has(id) || unreadable.has(`${kind} ${id}`);
    const byId = new Map([...repos.values()].map((repo) => [repo.id, repo]));
    const anyUnreadable = [...unreadable].some((name) => name.startsWith("Repo "));
    const repoById = (id: string) => byId.get(id) ?? (anyUnreadable ? ("unreadable" as const) : undefined);
    return {
      tasks,
      leases,
      workers,
      repos,
      jobKeys,
      objects,
      repoById,
      repeated,
      exists,
      now,
      rules: rulesOf(known ?? BARE_POLICY),
    };
  }
}
