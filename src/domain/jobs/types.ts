/** The types of job: JobSpec's own, and those that a repository's owp.yaml names (FEATURES D21). */
import type { Refusal } from "../../core/refusal.ts";
import type { Rules } from "../../core/snapshot.ts";
import type { Task } from "../../generated/types.ts";
import { badField } from "../tasks/fields.ts";

export type Job = NonNullable<Task["job"]>;

export const JOB_TYPES: readonly string[] = [
  "rpi.run",
  "rpi.phase",
  "dream.run",
  "dream.stage",
  "wiki.build",
  "wiki.forge",
  "openclaw.snapshot",
];

/** undefined: the record has this type of job. */
export function verifyType(type: string | undefined, { jobs }: Rules): Refusal | undefined {
  const known = [...JOB_TYPES, ...jobs.types];
  if (type === undefined || known.includes(type)) return undefined;
  return badField("type", type, `one of ${known.join(", ")} (jobs.types in owp.yaml adds more)`);
}
