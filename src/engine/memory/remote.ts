/** A remote in memory: one hub, and a remote for each clone of it. A push is a compare-and-swap, as on a server. */
import { decodeCommit, decodeTree, EMPTY_TREE, SUBMODULE } from "../objects.ts";
import type { FetchOutcome, GitObject, Oid, Push, PushOutcome, Remote } from "../ports.ts";
import { MissingObject } from "../tree-cache.ts";
import { MemoryStore } from "./store.ts";

/** What stands on the server: its objects and the refs that owp uses. */
export class MemoryHub {
  readonly store = new MemoryStore();
  record: Oid | null = null;
  readonly signals = new Map<string, Oid>();
}

export class MemoryRemote implements Remote {
  constructor(
    readonly hub: MemoryHub,
    readonly store: MemoryStore,
  ) {}

  async fetch(): Promise<FetchOutcome> {
    const { record } = this.hub;
    const signals = new Map(this.hub.signals);
    for (const oid of [...(record === null ? [] : [record]), ...signals.values()]) {
      copyReachable(this.hub.store, this.store, oid);
    }
    return { ok: true, view: { record, signals } };
  }

  glance(since: Oid): GitObject[] | undefined {
    const commits: GitObject[] = [];
    for (let oid = this.hub.record; oid !== since; ) {
      const commit = oid === null ? undefined : this.hub.store.peek(oid);
      if (!commit) return undefined;
      commits.push(commit);
      oid = decodeCommit(commit.data).parents[0] ?? null;
    }
    return commits;
  }

  async push(push: Push): Promise<PushOutcome> {
    const outcome: PushOutcome = { record: "none", signal: "none" };
    if (push.record) {
      const { base, tip } = push.record;
      const accepted = this.hub.record === tip || this.hub.record === base;
      outcome.record = accepted ? "accepted" : "rejected";
      if (!accepted) outcome.fault = { class: "conflict", text: "[rejected] (stale info)" };
      if (accepted) copyReachable(this.store, this.hub.store, tip);
      if (accepted) this.hub.record = tip;
    }
    if (push.signal) {
      const { clone, old, next } = push.signal;
      const now = this.hub.signals.get(clone) ?? null;
      outcome.signal = now === old || (now === next && next !== null) ? "accepted" : "rejected";
      if (outcome.signal === "accepted" && next === null) this.hub.signals.delete(clone);
      else if (outcome.signal === "accepted" && next !== null) {
        copyReachable(this.store, this.hub.store, next);
        this.hub.signals.set(clone, next);
      }
    }
    return outcome;
  }
}

/** Copies what the target lacks. What it has, it has with all that is reachable from it. */
function copyReachable(from: MemoryStore, to: MemoryStore, root: Oid): void {
  const copied = new Map<Oid, GitObject>();
  const stack = [root];
  for (let oid = stack.pop(); oid !== undefined; oid = stack.pop()) {
    if (copied.has(oid) || to.peek(oid) || oid === EMPTY_TREE) continue;
    const object = from.peek(oid);
    if (!object) throw new MissingObject(oid);
    copied.set(oid, object);
    if (object.type === "commit") {
      const commit = decodeCommit(object.data);
      stack.push(commit.tree, ...commit.parents);
    } else if (object.type === "tree") {
      for (const entry of decodeTree(object.data)) if (entry.mode !== SUBMODULE) stack.push(entry.oid);
    }
  }
  for (const object of copied.values()) to.put(object);
}
