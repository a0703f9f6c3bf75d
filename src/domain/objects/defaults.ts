/** What a new object holds that nobody gave: the next version, the issue's repo, who runs it, when it was. */
import type { Ctx } from "../../core/operation.ts";
import type { ObjectKind } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso, ms } from "../../core/time.ts";
import type { Actor, Ref, Run, Worker } from "../../generated/types.ts";
import { repoOf } from "./chain.ts";
import { pointing } from "./pointing.ts";
import { hasEnded } from "./run-status.ts";
import { type Json, merged, readAt } from "./value.ts";

/** The Actor that a worker is (CWOM 2.4). */
export function actorOf(name: string, worker: Pick<Worker, "actor_kind" | "display">): Actor {
  const actor: Actor = { actor_kind: worker.actor_kind, actor_id: name };
  return worker.display ? { ...actor, display: worker.display } : actor;
}

/** Before references are resolved: what other defaults, or the checks, rest on. */
export const DEFAULTS: Readonly<Record<ObjectKind, (actor: Actor, ctx: Ctx) => Json>> = {
  ContextPacket: () => ({}),
  ConstraintSnapshot: (owner, ctx) => ({ captured_at: iso(ctx.now), owner, constraints: {} }),
  DoctrineRef: () => ({ version: "1", priority: "should" }),
  Run: (actor) => ({
    status: "planned",
    mode: actor.actor_kind,
    executor: { actor, runtime: "local" },
  }),
  Artifact: () => ({ verification: { status: "unverified" } }),
};

/** (suspends) What follows from the objects that it leads to. */
export function derived(snapshot: Snapshot, kind: ObjectKind, value: Json): Json {
  const issue = readAt(value, ["for_issue", "id"]) as string | undefined;
  if (kind === "ContextPacket" && issue !== undefined && value.version === undefined)
    return { ...value, version: nextVersion(snapshot, issue) };
  if (kind === "Run" && issue !== undefined && value.repo === undefined) {
    const repo = snapshot.repos.get(repoOf(snapshot, issue) ?? "");
    return repo ? { ...value, repo: { kind: "Repo", id: repo.id } satisfies Ref } : value;
  }
  if (kind === "Artifact" && value.for_issue === undefined) {
    const run = snapshot.object(String(readAt(value, ["produced_by", "id"]) ?? ""));
    const link = run?.links.find(([field]) => field === "for_issue");
    return link ? { ...value, for_issue: { kind: "Issue", id: link[1] } satisfies Ref } : value;
  }
  return value;
}

/** One more than the largest whole number among the versions of the issue's packets. */
function nextVersion(snapshot: Snapshot, issue: string): string {
  const versions = pointing(snapshot, issue, "ContextPacket", "for_issue").map(({ facts }) =>
    Number(facts.version),
  );
  return String(Math.max(0, ...versions.filter(Number.isSafeInteger)) + 1);
}

/** A run with the times that its status implies, where nobody gave them. */
export function timed(run: Run, before: Run | undefined, now: number): Run {
  const started = run.status === "running" && before?.status !== "running";
  const ended = before !== undefined && hasEnded(run.status) && !hasEnded(before.status);
  const telemetry: NonNullable<Run["telemetry"]> = { ...run.telemetry };
  if (started) telemetry.started_at ??= iso(now);
  if (ended) telemetry.ended_at ??= iso(now);
  const { started_at, ended_at } = telemetry;
  if (ended && started_at && ended_at) telemetry.duration_s ??= (ms(ended_at) - ms(started_at)) / 1000;
  return started || ended ? { ...run, telemetry } : run;
}

/** What is not taken over from the object that a new one is made from (--from). */
const ITS_OWN: Readonly<Record<ObjectKind, readonly string[]>> = {
  ContextPacket: ["version"],
  ConstraintSnapshot: ["captured_at"],
  DoctrineRef: ["version"],
  Run: ["status", "telemetry", "cost", "outputs", "failure"],
  Artifact: ["uri", "digest", "size_bytes", "preview", "verification"],
};

/** The next version of a numbered one; another version has to be given. */
const after = (version: unknown): Json =>
  typeof version === "string" && /^\d{1,9}$/.test(version) ? { version: String(Number(version) + 1) } : {};

export function basedOn(kind: ObjectKind, from: Json): Json {
  const skipped = new Set(["kind", "id", "created_at", "updated_at", ...ITS_OWN[kind]]);
  const kept = Object.fromEntries(Object.entries(from).filter(([name]) => !skipped.has(name)));
  return kind === "DoctrineRef" ? merged(kept, after(from.version)) : kept;
}
