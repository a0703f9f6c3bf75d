/** The types of job: JobSpec's own, and those that a repository's owp.yaml names (FEATURES D21, D77). */
import type { Refusal } from "../../core/refusal.ts";
import type { Rules } from "../../core/snapshot.ts";
import type { Task } from "../../generated/types.ts";
import { badField } from "../tasks/fields.ts";

export type Job = NonNullable<Task["job"]>;
export type ProjectionName = Job["projection_targets"][number];

/** Every job is shown in these. */
const STATUS: readonly ProjectionName[] = ["daemon-status", "daemon-job-status"];

/** JobSpec's types, and the projections that show each besides. */
export const JOB_TYPES: Readonly<Record<string, readonly ProjectionName[]>> = {
  "rpi.run": ["rpi-registry", "openclaw-snapshot"],
  "rpi.phase": ["rpi-registry", "openclaw-snapshot"],
  "dream.run": ["dream-runs", "openclaw-snapshot"],
  "dream.stage": ["dream-runs", "openclaw-snapshot"],
  "wiki.build": ["wiki-jobs", "openclaw-snapshot"],
  "wiki.forge": ["wiki-jobs", "openclaw-snapshot"],
  "openclaw.snapshot": ["openclaw-snapshot"],
};

export const targetsOf = (type: string): ProjectionName[] => [
  ...(Object.hasOwn(JOB_TYPES, type) ? (JOB_TYPES[type] ?? []) : []),
  ...STATUS,
];

/** undefined: the record has this type of job. */
export function verifyType(type: string | undefined, { jobs }: Rules): Refusal | undefined {
  const known = [...Object.keys(JOB_TYPES), ...jobs.types];
  if (type === undefined || known.includes(type)) return undefined;
  return badField("type", type, `one of ${known.join(", ")} (jobs.types in owp.yaml adds more)`);
}
