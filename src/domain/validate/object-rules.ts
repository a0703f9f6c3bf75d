/** What must, and what should, hold inside one of CWOM's objects beyond its schema (CWOM 4.3–4.7). */
import { kindOfId, OBJECT_KINDS, type ObjectKind } from "../../core/paths.ts";
import { REF_FIELDS, refsIn } from "../../core/refs.ts";
import { ms } from "../../core/time.ts";
import type { ContextPacket, Run } from "../../generated/types.ts";
import { about, type FileRule } from "./file-rule.ts";
import type { Found } from "./rule.ts";

/** Seconds by which a duration may differ from its two ends, which files give in whole seconds. */
const DURATION_SLACK_S = 1;

export const OBJECT_RULES: readonly FileRule[] = [
  {
    code: "ref_kind",
    severity: "error",
    kinds: ["Task", ...OBJECT_KINDS],
    why: "Each field of references holds one kind of object (CWOM 4); an id of another kind leads to the wrong place (B07).",
    check: ({ kind, value }) =>
      kind in REF_FIELDS ? wrongKinds(kind as "Task" | ObjectKind, value as object) : [],
  },
  {
    code: "blob_source",
    severity: "warning",
    why: "A piece of data is either at an address or in the packet (CWOM 4.3): with both they can differ, with neither there is none (B40).",
    ...about("ContextPacket", blobSources),
  },
  {
    code: "failure_missing",
    severity: "error",
    why: "A run that failed says for what and why, so that the next attempt can do better (B62).",
    ...about("Run", ({ status, failure }) =>
      status === "failed" && !failure
        ? { keys: ["status"], message: "The status is failed, and there is no failure." }
        : undefined,
    ),
  },
  {
    code: "failure_unexpected",
    severity: "error",
    why: "Only a run that failed has a failure; with another status a reader cannot tell which of the two is true (B62).",
    ...about("Run", ({ status, failure }) =>
      failure && status !== "failed"
        ? { keys: ["failure"], message: `There is a failure, and the status is ${status}.` }
        : undefined,
    ),
  },
  {
    code: "run_times",
    severity: "error",
    why: "A run ends after it started, and takes as long as lies between (B63).",
    ...about("Run", runTimes),
  },
  {
    code: "run_no_packet",
    severity: "warning",
    why: "A run that has started names the briefing it started from (CWOM 4.6), or nobody can tell later what it knew (B59).",
    ...about("Run", (run) =>
      hasStarted(run) && !run.inputs?.context_packets?.length
        ? {
            keys: ["inputs", "context_packets"],
            message: "The run has started, and names no context packet.",
          }
        : undefined,
    ),
  },
  {
    code: "run_no_constraints",
    severity: "warning",
    why: "A run pins the limits that held at its start (CWOM 4.6), so that it can be judged by them (B60).",
    ...about("Run", (run) =>
      hasStarted(run) && !run.inputs?.constraint_snapshot
        ? {
            keys: ["inputs", "constraint_snapshot"],
            message: "The run has started, and pins no constraint snapshot.",
          }
        : undefined,
    ),
  },
  {
    code: "artifact_unreachable",
    severity: "warning",
    why: "An artifact can be fetched by its uri or recognised by its digest (CWOM 4.7); with neither it is only a title (B69).",
    ...about("Artifact", ({ uri, digest }) =>
      uri || digest ? undefined : { keys: ["title"], message: "The artifact has neither uri nor digest." },
    ),
  },
];

function* wrongKinds(kind: "Task" | ObjectKind, value: object): Iterable<Found> {
  for (const ref of refsIn(kind, value)) {
    const field = ref.keys.filter((key) => typeof key === "string").join(".");
    if (ref.kind !== ref.to) {
      const message = `${field} holds a reference to a ${ref.to}, and this one says ${ref.kind}.`;
      yield { keys: [...ref.keys, "kind"], message };
      continue;
    }
    const is = kindOfId(ref.id);
    const said = is === "Task" ? "Issue" : is;
    if (said === ref.to) continue;
    const what = said === undefined ? "is no id" : `is the id of a ${said}`;
    const message = `${field} holds a reference to a ${ref.to}, and ${JSON.stringify(ref.id)} ${what}.`;
    yield { keys: ref.keys, message };
  }
}

function* blobSources({ inputs }: ContextPacket): Iterable<Found> {
  for (const [index, { name, uri, inline }] of (inputs?.data_blobs ?? []).entries()) {
    const [has, holds] = [uri != null, inline != null];
    if (has !== holds) continue;
    yield {
      keys: ["inputs", "data_blobs", index],
      message: `The data ${JSON.stringify(name)} has ${has ? "both uri and inline" : "neither uri nor inline"}; it should have exactly one.`,
    };
  }
}

/** Work on it has begun. */
const hasStarted = ({ status, telemetry }: Run): boolean =>
  status === "running" || status === "blocked" || status === "done" || telemetry?.started_at != null;

function runTimes({ telemetry }: Run): Found | undefined {
  const { started_at, ended_at, duration_s } = telemetry ?? {};
  if (!started_at || !ended_at) return undefined;
  const length = (ms(ended_at) - ms(started_at)) / 1000;
  if (length < 0)
    return {
      keys: ["telemetry", "ended_at"],
      message: `ended_at is ${ended_at}, before started_at (${started_at}).`,
    };
  if (duration_s == null || Math.abs(duration_s - length) <= DURATION_SLACK_S) return undefined;
  return {
    keys: ["telemetry", "duration_s"],
    message: `duration_s is ${duration_s}, and from started_at to ended_at it is ${length}.`,
  };
}
