/** The remote through git: one fetch or one push a call, each in the clone's own store and with the user's way to the server. */
import { isOid } from "../objects.ts";
import type { Fault, FetchOutcome, GitObject, Oid, Push, PushOutcome, Remote, RemoteView } from "../ports.ts";
import { classify, faultOf } from "./errors.ts";
import { maintainStore } from "./maintain.ts";
import { commitsSince, fetchNearby, nearbyFolder, objectsOf } from "./nearby.ts";
import { type GitDone, runGit } from "./process.ts";
import { type Received, type RefUpdate, sendTo } from "./receive-pack.ts";
import {
  dropFetchRefs,
  type Fetched,
  isCloneId,
  keepFetchRefs,
  keepRecordRef,
  newFetchRefs,
  readFetchRefs,
  sweepFetchRefs,
} from "./refs.ts";
import { parsePushReport, type RefReport } from "./report.ts";
import { PushTrace } from "./sent.ts";
import type { ConfigEntry } from "./settings.ts";
import { type SignalsIn, signalPrefixes } from "./signal-refs.ts";
import type { GitStore } from "./store.ts";

export interface GitRemoteOptions {
  store: GitStore;
  /** As remoteUrl answers it. */
  target: { url: string; options: ConfigEntry[] };
  /** As readSettings answers them. */
  carried: readonly ConfigEntry[];
  /** The folder git runs in, from which relative paths in the user's config count. */
  cwd: string;
  branch?: string;
  /** Where the record's policy says that signals are; asked when it is needed, since the policy may come with a fetch. */
  signalsIn?: () => SignalsIn;
  /** When the caller wants its answer, ms since 1970; undefined: whenever it comes. */
  endsAt?: () => number | undefined;
}

interface CallOptions {
  timeoutMs?: number;
  abort?: AbortSignal;
}

const DEFAULT_BRANCH = "owp";
/** Options of a remote that only git push heeds: another program there, or another place, which may be none. */
const NOT_NEARBY = new Set(["receivepack", "pushurl"]);
/** A record of a million operations takes a minute to fetch for the first time. */
const FETCH_TIMEOUT_MS = 300_000;
const PUSH_TIMEOUT_MS = 120_000;
/** However little time its caller has, a server gets this long to answer. */
const LEAST_MS = 5000;
/** The remote's name within the store: it exists in the environment of one process. */
export const REMOTE = "owp-hub";

const FETCH = [
  ...["fetch", "--quiet", "--no-progress", "--no-write-fetch-head", "--no-auto-maintenance", "--no-tags"],
  ...["--no-prune", "--no-recurse-submodules", "--no-show-forced-updates", "--refmap="],
];
export const PUSH = [
  ...[
    "push",
    "--porcelain",
    "--no-progress",
    "--no-verify",
    "--no-follow-tags",
    "--no-signed",
    "--no-atomic",
  ],
  ...["--no-force-if-includes", "--recurse-submodules=no"],
];

export class GitRemote implements Remote {
  readonly #options: GitRemoteOptions;
  readonly #config: ConfigEntry[];
  /** The record's ref, in full. */
  readonly record: string;
  /** Prefixes of the signals' refs, without a slash at their end. */
  readonly signalPrefixes: ReturnType<typeof signalPrefixes>;
  /** The remote's folder, where it is on this disk. */
  readonly #near: string | undefined;
  #swept = false;

  constructor(options: GitRemoteOptions) {
    const { target, carried, branch = DEFAULT_BRANCH } = options;
    if (/[\r\n\0]/.test(target.url)) throw new Error("a URL with a line break");
    this.#options = options;
    this.#near = nearbyFolder(target.url);
    this.record = `refs/heads/${branch}`;
    this.signalPrefixes = signalPrefixes(branch);
    this.#config = [
      [`remote.${REMOTE}.url`, target.url],
      // The URL is final: a rule that maps it to itself is the longest match, so that none maps it further.
      [`url.${target.url}.insteadOf`, target.url],
      [`url.${target.url}.pushInsteadOf`, target.url],
      ...target.options.map(([key, value]): ConfigEntry => [`remote.${REMOTE}.${key}`, value]),
      ...carried,
    ];
  }

  /** The prefix of the place where the policy says that signals are. */
  get signals(): string {
    return this.signalPrefixes[this.#signalsIn()];
  }

  #signalsIn(): SignalsIn {
    return this.#options.signalsIn?.() ?? "refs";
  }

  /** The same remote with other options, for instance another store to work in. */
  with(options: Partial<GitRemoteOptions>): GitRemote {
    return new GitRemote({ ...this.#options, ...options });
  }

  async fetch(options: CallOptions = {}): Promise<FetchOutcome> {
    const { path } = this.#options.store;
    if (!this.#swept) sweepFetchRefs(path, Date.now());
    this.#swept = true;
    const near =
      this.#near !== undefined &&
      !options.abort?.aborted &&
      (await fetchNearby(this.#options.store, this.#near, this.record, this.signalPrefixes));
    if (near) {
      maintainStore(path);
      return { ok: true, view: this.#viewOf(near) };
    }
    const first = await this.#fetchInto(true, options);
    if (first.ok) return first;
    if (first.fault.text.includes(`couldn't find remote ref ${this.record}`))
      return this.#lookForRecord(first, options);
    // One ref of a signal that cannot be had must not keep the record from anyone.
    return first.fault.class === "other" ? this.#fetchInto(false, options) : first;
  }

  glance(since: Oid): GitObject[] | undefined {
    return this.#near === undefined ? undefined : commitsSince(this.#near, this.record, since);
  }

  async push(push: Push, options: CallOptions = {}): Promise<PushOutcome> {
    const updates = this.#updates(push);
    if (updates.length === 0) return settledWithoutPush(push);
    const { done, reports, sent } =
      (await this.#pushNearby(push, updates, options)) ?? (await this.#pushByGit(updates, options));
    const fate = (ref: string) =>
      reports.get(ref)?.fate ?? (sent && !refusedByHttp(done) ? "unknown" : "rejected");
    const outcome = settledWithoutPush(push);
    const signal = `${this.signals}/${push.signal?.clone}`;
    if (push.signal && outcome.signal === "none") outcome.signal = fate(signal);
    if (!push.record) {
      if (outcome.signal !== "accepted") outcome.fault = faultIn(done, reports.get(signal));
      return outcome;
    }
    outcome.record = fate(this.record);
    if (outcome.record === "accepted") keepRecordRef(this.#options.store.path, push.record.tip);
    else outcome.fault = await this.#pushFault(push.record.base, done, reports.get(this.record), options);
    return outcome;
  }

  async #pushNearby(push: Push, updates: RefUpdate[], options: CallOptions): Promise<Received | undefined> {
    const { store, cwd, target } = this.#options;
    if (this.#near === undefined || target.options.some(([key]) => NOT_NEARBY.has(key))) return undefined;
    const objects = await objectsOf(store, push);
    return (
      objects && sendTo(this.#near, updates, objects, { cwd, ...this.#bounds(PUSH_TIMEOUT_MS, options) })
    );
  }

  async #pushByGit(updates: readonly RefUpdate[], options: CallOptions): Promise<Received> {
    const trace = new PushTrace(this.#options.store.path);
    const leases = updates.map(({ ref, old }) => `--force-with-lease=${ref}:${old ?? ""}`);
    const refspecs = updates.map(({ ref, next }) => `${next ?? ""}:${ref}`);
    const args = [...PUSH, ...leases, REMOTE, ...refspecs];
    const done = await this.git(args, { timeoutMs: PUSH_TIMEOUT_MS, ...options }, trace.env);
    return { done, reports: parsePushReport(done.stdout), sent: trace.finish() && done.started };
  }

  #updates({ record, signal }: Push): RefUpdate[] {
    const updates: RefUpdate[] = [];
    if (record) updates.push({ ref: this.record, old: record.base, next: record.tip });
    if (signal && !isCloneId(signal.clone)) throw new Error(`not a clone's id: ${signal.clone}`);
    if (signal && (signal.old ?? signal.next) !== null)
      updates.push({ ref: `${this.signals}/${signal.clone}`, old: signal.old, next: signal.next });
    for (const oid of updates.flatMap(({ old, next }) => [old, next]))
      if (oid !== null && !isOid(oid)) throw new Error(`not an object name: ${oid}`);
    return updates;
  }

  async #fetchInto(withSignals: boolean, options: CallOptions): Promise<FetchOutcome> {
    const { path } = this.#options.store;
    const refs = newFetchRefs();
    const refspecs = [`+${this.record}:${refs}/record`];
    if (withSignals) {
      for (const [place, prefix] of Object.entries(this.signalPrefixes))
        refspecs.push(`+${prefix}/*:${refs}/${place}/*`);
    }
    const fetching = this.git([...FETCH, REMOTE, ...refspecs], { timeoutMs: FETCH_TIMEOUT_MS, ...options });
    this.#options.store.warm();
    const done = await fetching;
    const fetched = done.code === 0 && done.end === "exit" ? readFetchRefs(path, refs) : undefined;
    if (!fetched) {
      dropFetchRefs(path, refs);
      return { ok: false, fault: faultOf(done) };
    }
    keepRecordRef(path, fetched.record);
    keepFetchRefs(path, refs);
    maintainStore(path);
    return { ok: true, view: this.#viewOf(fetched) };
  }

  /** The signals are looked at when the hub's view stands where the record does, and so knows where the policy puts them. */
  #viewOf({ record, signals }: Fetched): RemoteView {
    const signalsIn = () => this.#signalsIn();
    return {
      record,
      get signals() {
        return signals[signalsIn()];
      },
    };
  }

  /** git says that the branch is missing; the list of the remote's refs proves it. */
  async #lookForRecord(first: FetchOutcome, options: CallOptions): Promise<FetchOutcome> {
    const listed = await this.git(["ls-remote", "--quiet", REMOTE, this.record], {
      timeoutMs: FETCH_TIMEOUT_MS,
      ...options,
    });
    if (listed.code !== 0) return { ok: false, fault: faultOf(listed) };
    const there = listed.stdout.split("\n").some((line) => line.endsWith(`\t${this.record}`));
    if (!there) return { ok: true, view: { record: null, signals: new Map() } };
    const again = await this.#fetchInto(true, options);
    return again.ok ? again : first;
  }

  async #pushFault(
    base: Oid | null,
    done: GitDone,
    report: RefReport | undefined,
    options: CallOptions,
  ): Promise<Fault> {
    const fault = faultIn(done, report);
    return base === null && fault.class === "conflict"
      ? ((await this.#branchInTheWay(options)) ?? fault)
      : fault;
  }

  /** Servers say of a branch `owp/x`, where `owp` cannot be made, what they say of a lost race. */
  async #branchInTheWay(options: CallOptions): Promise<Fault | undefined> {
    const names = this.record.split("/");
    const above = names.slice(3).map((_, index) => names.slice(0, index + 3).join("/"));
    const args = ["ls-remote", "--quiet", REMOTE, `${this.record}/*`, ...above];
    const listed = await this.git(args, { timeoutMs: FETCH_TIMEOUT_MS, ...options });
    const ref = listed.stdout
      .split("\n")
      .map((line) => line.slice(line.indexOf("\t") + 1))
      .find((name) => name.startsWith(`${this.record}/`) || above.includes(name));
    return ref === undefined ? undefined : classify(`'${ref}' exists; cannot create '${this.record}'`);
  }

  /** One git process in the store that knows the remote as REMOTE. */
  git(args: string[], options: CallOptions, env: NodeJS.ProcessEnv = {}): Promise<GitDone> {
    const { store, cwd } = this.#options;
    return runGit(["--git-dir", store.path, ...args], {
      ...{ cwd, config: this.#config, env },
      ...this.#bounds(Infinity, options),
    });
  }

  /** How long a process may take, by its own limit and its caller's time, and what may end it before. */
  #bounds(most: number, { timeoutMs = most, abort }: CallOptions): CallOptions {
    const end = this.#options.endsAt?.();
    const left = end === undefined ? Infinity : Math.max(LEAST_MS, end - Date.now());
    const bound = Math.min(timeoutMs, left);
    return { ...(Number.isFinite(bound) && { timeoutMs: bound }), ...(abort && { abort }) };
  }
}

/** Why a push of one ref failed: its own report first, then all that git said. */
function faultIn(done: GitDone, report: RefReport | undefined): Fault {
  const text = [report?.summary ?? "", faultOf(done).text].filter((line) => line !== "").join("\n");
  return classify(text, done.code);
}

/** What needs no push: parts that are absent, and the deletion of what never was. */
function settledWithoutPush({ signal }: Push): PushOutcome {
  return { record: "none", signal: signal && (signal.old ?? signal.next) === null ? "accepted" : "none" };
}

/** An answer of HTTP that the request is not taken; a lost one, and 5xx, may follow a request that was. */
function refusedByHttp(done: GitDone): boolean {
  return (
    done.end === "exit" &&
    /(?:HTTP|returned error:) (?:401|403|404|413)\b|Authentication failed for/.test(done.stderr)
  );
}
