/**
 * Judges a drained queue by its commit log and files alone, and by what callers were told. It shares no code with owp:
 * files are parsed as plain YAML and held to the JSON Schemas.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { parse } from "yaml";
import { ROOT } from "./command.ts";
import type { Commit } from "./history.ts";

/** What a caller was told of one operation. */
export interface Told {
  agent: string;
  /** The command line, for a failure. */
  said: string;
  op: string | null;
  ok: boolean;
  code: string;
  commit?: string;
  already?: true;
  /** Of a claim: who holds what now. */
  worker?: string;
  tasks?: { id: string; epoch: number }[];
}

interface TaskFile {
  id: string;
  title: string;
  repo: string;
  status: string;
  estimate: number;
  area?: string;
  skills?: string[];
  relationships?: { blocked_by?: string[] };
  outcome?: { epoch: number; worker?: string | null };
}

interface LeaseFile {
  task: string;
  worker: string | null;
  epoch: number;
  phase: string;
  expires_at?: string | null;
  taken_from?: { worker: string; reason: string };
}

interface WorkerFile {
  name: string;
  skills: string[];
  capacity_points: number;
  max_concurrent_tasks: number;
}

export interface Verdict {
  /** Empty: all is well. */
  complaints: string[];
  /** Operations in the log that nobody was told of. */
  untold: string[];
  /** How often a task was claimed, in all. */
  claims: number;
  /** How many of those took over the lease of another. */
  takeovers: number;
  /** Completions by worker. */
  done: Map<string, number>;
}

const KINDS = { tasks: "task", leases: "lease", workers: "worker", repos: "repo" } as const;
type Folder = keyof typeof KINDS;
/** After these nobody knows; either is right. */
const OPEN_ANSWERS = new Set(["unknown_outcome", "canceled", "killed"]);
const COMPLAINTS_SHOWN = 12;

/** commits: the record from its first one, oldest first. told: every answer that the command gave. */
export function judge(commits: readonly Commit[], told: readonly Told[]): Verdict {
  const court = new Court();
  for (const commit of commits) court.follow(commit);
  court.close();
  const untold = court.compare(told);
  const { claims, takeovers, done } = court;
  const complaints = court.complaints.slice(0, COMPLAINTS_SHOWN);
  if (court.complaints.length > COMPLAINTS_SHOWN)
    complaints.push(`and ${court.complaints.length - COMPLAINTS_SHOWN} more`);
  return { complaints, untold, claims, takeovers, done };
}

class Court {
  readonly complaints: string[] = [];
  readonly done = new Map<string, number>();
  claims = 0;
  takeovers = 0;
  private readonly tasks = new Map<string, TaskFile>();
  private readonly leases = new Map<string, LeaseFile>();
  private readonly workers = new Map<string, WorkerFile>();
  private readonly repos = new Map<string, object>();
  private readonly log = new Map<string, Commit>();
  private readonly holders = new Map<string, string>();
  private readonly epochs = new Map<string, number>();
  private readonly completions = new Map<string, string[]>();
  /** Lines about each task, for complaints. */
  private readonly stories = new Map<string, string[]>();
  private last: Commit | undefined;

  private complain(what: string, task?: string): void {
    const story = task === undefined ? [] : (this.stories.get(task) ?? []);
    this.complaints.push([what, ...story.map((line) => `    ${line}`)].join("\n"));
  }

  follow(commit: Commit): void {
    const { oid, parents, op } = commit;
    const name = `${oid.slice(0, 10)} "${commit.subject}"`;
    if (parents.length !== (this.last ? 1 : 0) || (this.last && parents[0] !== this.last.oid)) {
      this.complain(`${name}: not one commit after the other (parents ${parents.join(" ") || "none"})`);
    }
    this.last = commit;
    if (op === undefined) this.complain(`${name}: no operation`);
    else if (this.log.has(op)) this.complain(`${name}: operation ${op} stands in the log twice`);
    else this.log.set(op, commit);
    const before = this.read(commit, name);
    for (const [id, lease] of before.leases) this.judgeLease(id, lease, commit, name);
    for (const [id, task] of before.tasks)
      this.judgeOutcome(id, task, before.leases.get(id) ?? this.leases.get(id), commit, name);
    this.judgeLimits(name);
  }

  /** Takes the files of a commit in; answers tasks and leases that it touched as they stood before. */
  private read(commit: Commit, name: string) {
    const leases = new Map<string, LeaseFile | undefined>();
    const tasks = new Map<string, TaskFile | undefined>();
    for (const [path, text] of commit.files) {
      const folder = path.split("/")[0] as Folder;
      const schema = path === "owp.yaml" ? "owp" : KINDS[folder];
      if (!schema) continue;
      const value = text === null ? undefined : this.parsed(path, text, schema, name);
      if (folder === "tasks" || folder === "leases") {
        const id = path.slice(path.lastIndexOf("/") + 1, -".yaml".length);
        const story = `${name} by ${commit.actor}: ${folder} ${text === null ? "gone" : brief(value)}`;
        this.stories.set(id, [...(this.stories.get(id) ?? []), story]);
        if (folder === "tasks") replace(this.tasks, tasks, id, value as TaskFile | undefined);
        else replace(this.leases, leases, id, value as LeaseFile | undefined);
      } else if (folder === "workers")
        set(this.workers, path.slice("workers/".length, -".yaml".length), value as WorkerFile);
      else set(this.repos, path, value as object);
    }
    return { leases, tasks };
  }

  private parsed(path: string, text: string, schema: string, name: string): unknown {
    try {
      const value: unknown = parse(text);
      const validate = validatorOf(schema);
      if (!validate(value))
        this.complain(`${name}: ${path} is no valid ${schema}: ${JSON.stringify(validate.errors?.[0])}`);
      return value;
    } catch (error) {
      this.complain(`${name}: ${path} cannot be read: ${(error as Error).message}`);
      return undefined;
    }
  }

  private judgeLease(id: string, before: LeaseFile | undefined, commit: Commit, name: string): void {
    const lease = this.leases.get(id);
    const top = this.epochs.get(id) ?? 0;
    if (!lease) return;
    if (lease.epoch < top)
      this.complain(`${name}: the epoch of ${id} fell from ${top} to ${lease.epoch}`, id);
    this.epochs.set(id, Math.max(top, lease.epoch));
    if (!lease.worker) return;
    const key = `${id} ${lease.epoch}`;
    const holder = this.holders.get(key);
    if (holder === lease.worker && before?.worker === holder) return;
    if (holder !== undefined)
      this.complain(
        `${name}: epoch ${lease.epoch} of ${id} was held by ${holder} and comes to ${lease.worker}`,
        id,
      );
    this.holders.set(key, lease.worker);
    this.judgeClaim(id, before, lease, commit, name);
  }

  private judgeClaim(
    id: string,
    before: LeaseFile | undefined,
    lease: LeaseFile,
    commit: Commit,
    name: string,
  ): void {
    const task = this.tasks.get(id);
    this.claims++;
    if (lease.taken_from) this.judgeTakeover(id, before, lease, commit, name);
    const event = lease.taken_from ? "task.taken_over" : "task.claimed";
    if (commit.event !== event || commit.actor !== lease.worker) {
      this.complain(`${name}: ${id} comes to ${lease.worker} by ${commit.event} of ${commit.actor}`, id);
    }
    if (task?.status !== "ready")
      this.complain(`${name}: ${id} is claimed while it is ${task?.status ?? "not there"}`, id);
    for (const other of task?.relationships?.blocked_by ?? []) {
      const status = this.tasks.get(other)?.status;
      if (status !== "done")
        this.complain(
          `${name}: ${id} starts while ${other}, which it waits for, is ${status ?? "not there"}`,
          id,
        );
    }
    const skills = this.workers.get(lease.worker ?? "")?.skills ?? [];
    const missing = (task?.skills ?? []).filter((skill) => !skills.includes(skill));
    if (missing.length > 0)
      this.complain(`${name}: ${id} needs ${missing.join(", ")}, which ${lease.worker} lacks`, id);
  }

  /** Only from a holder whose time was over. */
  private judgeTakeover(
    id: string,
    before: LeaseFile | undefined,
    lease: LeaseFile,
    commit: Commit,
    name: string,
  ): void {
    this.takeovers++;
    const over = Date.parse(before?.expires_at ?? "") <= commit.at;
    if (over && before?.worker === lease.taken_from?.worker) return;
    this.complain(
      `${name}: ${lease.worker} takes over from ${before?.worker}, whose lease ends ${before?.expires_at}`,
      id,
    );
  }

  private judgeOutcome(
    id: string,
    before: TaskFile | undefined,
    lease: LeaseFile | undefined,
    commit: Commit,
    name: string,
  ): void {
    const task = this.tasks.get(id);
    if (before && !task) this.complain(`${name}: the task ${id} is gone`, id);
    if (before?.outcome && JSON.stringify(before.outcome) !== JSON.stringify(task?.outcome)) {
      this.complain(`${name}: ${id} had ended, and ends once more`, id);
    }
    if (!task?.outcome || before?.outcome) return;
    const worker = task.outcome.worker ?? "no one";
    this.completions.set(id, [...(this.completions.get(id) ?? []), name]);
    this.done.set(worker, (this.done.get(worker) ?? 0) + 1);
    const holds = lease?.worker === worker && lease.epoch === task.outcome.epoch && commit.actor === worker;
    if (!holds) {
      const said = `outcome ${JSON.stringify(task.outcome)} by ${commit.actor}`;
      this.complain(
        `${name}: ${id} is ended by someone who does not hold it: ${said}, lease ${brief(lease)}`,
        id,
      );
    }
    if (this.leases.has(id)) this.complain(`${name}: ${id} has ended and still has a lease`, id);
  }

  /** What is in progress at this commit, against everyone's limits and against the areas. */
  private judgeLimits(name: string): void {
    const loads = new Map<string, { points: number; tasks: number }>();
    const areas = new Map<string, string>();
    for (const [id, { worker, phase }] of this.leases) {
      const task = this.tasks.get(id);
      if (!worker || phase !== "in_progress" || !task) continue;
      const load = loads.get(worker) ?? { points: 0, tasks: 0 };
      loads.set(worker, { points: load.points + task.estimate, tasks: load.tasks + 1 });
      if (!task.area) continue;
      const area = `${task.repo} ${task.area}`;
      const other = areas.get(area);
      if (other) this.complain(`${name}: ${id} and ${other} are in progress in one area, ${area}`, id);
      areas.set(area, id);
    }
    for (const [worker, { points, tasks }] of loads) {
      const limits = this.workers.get(worker);
      if (!limits) this.complain(`${name}: ${worker} holds a task and is no worker of the record`);
      else if (points > limits.capacity_points || tasks > limits.max_concurrent_tasks) {
        const allowed = `${limits.max_concurrent_tasks} with ${limits.capacity_points} points`;
        this.complain(
          `${name}: ${worker} has ${tasks} tasks with ${points} points in progress; ${allowed} are allowed`,
        );
      }
    }
  }

  /** The queue is drained: every task was completed, once, and nothing is held any more. */
  close(): void {
    for (const [id, task] of this.tasks) {
      const times = this.completions.get(id) ?? [];
      if (times.length === 1 && task.status === "done") continue;
      this.complain(`${id} "${task.title}" is ${task.status} after ${times.length} completions`, id);
    }
    for (const id of this.leases.keys()) this.complain(`${id} still has a lease`, id);
  }

  /** What was told against what is there. Answers the operations that nobody was told of. */
  compare(told: readonly Told[]): string[] {
    const known = new Set<string>();
    for (const one of told) {
      if (one.op === null || OPEN_ANSWERS.has(one.code)) continue;
      const commit = this.log.get(one.op);
      const who = `${one.agent} was told "${one.code}" for owp ${one.said} (${one.op})`;
      known.add(one.op);
      if (one.ok && one.commit && commit?.oid !== one.commit) {
        this.complain(`${who}, commit ${one.commit}; the log has ${commit?.oid ?? "nothing"}`);
      } else if (!(one.ok && one.commit) && commit) {
        this.complain(`${who}, and the log has it as ${commit.oid} "${commit.subject}"`);
      }
      for (const { id, epoch } of one.tasks ?? []) {
        const holder = this.holders.get(`${id} ${epoch}`);
        if (holder !== one.worker)
          this.complain(
            `${who}: ${one.worker} holds ${id} at epoch ${epoch}; on the record ${holder} does`,
            id,
          );
      }
    }
    return [...this.log.keys()].filter((op) => !known.has(op));
  }
}

function replace<T>(
  now: Map<string, T>,
  before: Map<string, T | undefined>,
  id: string,
  value: T | undefined,
): void {
  before.set(id, now.get(id));
  set(now, id, value);
}

function set<T>(map: Map<string, T>, key: string, value: T | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

/** The fields that a story is about. */
function brief(value: unknown): string {
  const { status, outcome, worker, epoch, phase, expires_at, taken_from } = (value ?? {}) as Record<
    string,
    unknown
  >;
  return JSON.stringify({ status, outcome, worker, epoch, phase, expires_at, taken_from });
}

let ajv: Ajv | undefined;

function validatorOf(schema: string): ValidateFunction {
  if (!ajv) {
    ajv = new Ajv({ strict: false });
    const folder = join(ROOT, "schemas");
    for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
      ajv.addSchema(JSON.parse(readFileSync(join(folder, file), "utf8")));
    }
  }
  return ajv.getSchema(`${schema}.json`) as ValidateFunction;
}
