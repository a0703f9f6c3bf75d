/** The record with which a simulation starts: a policy, a repo, workers and some tasks, in one commit. */
import { stringify } from "yaml";
import type { MemoryHub } from "../../src/engine/memory/remote.ts";
import { blobOf, encodeCommit, objectOf } from "../../src/engine/objects.ts";
import type { Oid } from "../../src/engine/ports.ts";
import { editTree } from "../../src/engine/tree.ts";
import type { Random } from "./random.ts";
import type { Scenario } from "./scenario.ts";

/** ms since 1970 at which every simulation starts. */
export const START_MS = Date.UTC(2026, 5, 1, 8);
export const REPO = "app";
/** A maintainer who holds nothing but for a moment, and drains the queue in the end. */
export const MAINTAINERS = ["boss", "chief"] as const;
export const WORKERS = ["ada", "bob", "cyd", "boss"] as const;

const BEGAN = "2026-06-01T08:00:00Z";

const WORKER_FILES: Record<string, object> = {
  ada: { skills: ["rust", "sql"], capacity_points: 5, max_concurrent_tasks: 3, trust_tier: "trusted" },
  bob: { skills: [], capacity_points: 3, max_concurrent_tasks: 1, trust_tier: "basic" },
  boss: { skills: ["rust", "sql"], capacity_points: 100, max_concurrent_tasks: 20, trust_tier: "maintainer" },
  chief: {
    skills: ["rust", "sql"],
    capacity_points: 100,
    max_concurrent_tasks: 20,
    trust_tier: "maintainer",
  },
};

/** Puts the first commit on the hub and answers the ids of its tasks. */
export async function begin(
  hub: MemoryHub,
  { policy, tasks }: Scenario,
  random: Random,
): Promise<{ tip: Oid; tasks: string[] }> {
  const ids = tasks.map((_, i) => `t_${random.ulid(START_MS - 60_000 * (tasks.length - i))}`);
  const files: Record<string, object> = {
    "owp.yaml": {
      kind: "Policy",
      protocol: "1.0",
      leases: {
        agent: policy.lease,
        human: policy.lease,
        heartbeat_timeout: policy.heartbeat_timeout,
        max_skew: policy.max_skew,
      },
      attempts: { max: policy.max_attempts, backoff: policy.backoff },
      runs: policy.runs,
      worker_defaults: {
        capacity_points: policy.capacity_points,
        max_concurrent_tasks: policy.max_concurrent_tasks,
      },
    },
    [`repos/${REPO}.yaml`]: {
      kind: "Repo",
      id: `r_${random.ulid(START_MS)}`,
      slug: REPO,
      name: REPO,
      policy: { max_open_prs: policy.max_open_prs },
      created_at: BEGAN,
    },
  };
  for (const [name, more] of Object.entries(WORKER_FILES)) {
    const base = {
      kind: "Worker",
      id: `w_${random.ulid(START_MS)}`,
      name,
      actor_kind: "agent",
      status: "active",
      created_at: BEGAN,
    };
    files[`workers/${name}.yaml`] = { ...base, ...more };
  }
  for (const [i, plan] of tasks.entries()) {
    const id = ids[i] as string;
    files[`tasks/${id.at(-2)}/${id.at(-1)}/${id}.yaml`] = {
      kind: "Task",
      id,
      title: `Task ${i}`,
      repo: REPO,
      status: plan.planned ? "planned" : "ready",
      priority: plan.priority,
      estimate: plan.estimate,
      tier: plan.tier,
      ...(plan.area && { area: plan.area }),
      ...(plan.skills.length > 0 && { skills: plan.skills }),
      ...(plan.after.length > 0 && {
        relationships: { blocked_by: plan.after.map((earlier) => ids[earlier]) },
      }),
      created_at: BEGAN,
      created_by: "boss",
    };
  }
  const blobs = Object.entries(files).map(([path, value]) => ({ path, blob: blobOf(stringify(value)) }));
  const edited = await editTree(
    hub.store,
    null,
    blobs.map(({ path, blob }) => ({ path, oid: blob.oid })),
  );
  const who = { name: "boss", email: "boss@example.org", at_ms: START_MS };
  const commit = objectOf(
    "commit",
    encodeCommit({ tree: edited.tree, parents: [], author: who, committer: who, message: "Begin\n" }),
  );
  await hub.store.write([...blobs.map(({ blob }) => blob), ...edited.objects, commit]);
  hub.record = commit.oid;
  return { tip: commit.oid, tasks: ids };
}
