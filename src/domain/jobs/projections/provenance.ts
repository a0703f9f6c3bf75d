/** Where a resource comes from: the event, job and run behind it, and what it made (FEATURES D92). */

export interface Link {
  rel: "source-event" | "source-job" | "source-run" | "artifact";
  kind: "daemon-ledger-event" | "daemon-job" | "daemon-run" | "artifact";
  uri?: string;
  path?: string;
  job_id?: string;
  run_id?: string;
  event_id?: string;
  artifact?: string;
}

interface Source {
  job_id: string;
  run_id?: string;
  last_event_id: string;
  artifacts?: Record<string, string>;
}

/** Each link leads somewhere, so that an artifact without a place has none; by name and kind none is there twice. */
export function provenanceOf({ job_id, run_id, last_event_id, artifacts = {} }: Source): Link[] {
  const run = run_id === undefined ? {} : { run_id };
  const links: Link[] = [
    { rel: "source-event", kind: "daemon-ledger-event", event_id: last_event_id },
    { rel: "source-job", kind: "daemon-job", job_id },
  ];
  if (run_id !== undefined) links.push({ rel: "source-run", kind: "daemon-run", job_id, run_id });
  for (const [artifact, place] of Object.entries(artifacts)) {
    if (place.trim() === "") continue;
    const where = place.includes("://") ? { uri: place } : { path: place };
    links.push({ rel: "artifact", kind: "artifact", ...where, job_id, ...run, artifact });
  }
  return links;
}
