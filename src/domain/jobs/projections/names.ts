/** The projections of JobSpec (ProjectionName), and which of them a job shows in (FEATURES D76, D77, D79). */

export const PROJECTIONS = [
  "rpi-registry",
  "dream-runs",
  "wiki-jobs",
  "openclaw-snapshot",
  "daemon-status",
  "daemon-job-status",
] as const;
export type ProjectionName = (typeof PROJECTIONS)[number];

export const isProjection = (name: string): name is ProjectionName =>
  (PROJECTIONS as readonly string[]).includes(name);

/** The families of job types that have a projection of their own. */
export type Bucket = "rpi" | "dream" | "wiki";

const OWN: Record<Bucket, ProjectionName> = { rpi: "rpi-registry", dream: "dream-runs", wiki: "wiki-jobs" };
const CONSUMED = new Set(["rpi", "dream", "wiki", "openclaw"]);

const familyOf = (jobType: string | undefined): string => jobType?.split(".", 1)[0] ?? "";

/** undefined: a job of none of the three families, or of an unknown type. */
export function bucketOf(jobType: string | undefined): Bucket | undefined {
  const family = familyOf(jobType);
  return family in OWN ? (family as Bucket) : undefined;
}

/** Where a job of this type shows, in the order of the seed's list. */
export function targetsOf(jobType: string | undefined): ProjectionName[] {
  const bucket = bucketOf(jobType);
  const wanted = new Set<ProjectionName>(["daemon-status", "daemon-job-status"]);
  if (bucket) wanted.add(OWN[bucket]);
  if (CONSUMED.has(familyOf(jobType))) wanted.add("openclaw-snapshot");
  return PROJECTIONS.filter((name) => wanted.has(name));
}
