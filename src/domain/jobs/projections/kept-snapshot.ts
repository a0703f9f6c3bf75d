/** A consumer's own copy of the snapshot, read back (FEATURES D88, D97), and what has become of what it shows. */
import { type Refusal, refuse } from "../../../core/refusal.ts";
import type { ConsumerSnapshot } from "./openclaw.ts";

/** What of a copy is needed: version 1 in its smallest form has this, and fields that are not known pass. */
interface Kept {
  snapshot_id: string;
  resources: Record<Shelf, { resource_id: string; status: string; last_event_id?: string }[]>;
}

const SHELVES = ["runs", "jobs", "wiki"] as const;
type Shelf = (typeof SHELVES)[number];

export interface Comparison {
  kept_id: string;
  latest_id: string;
  /** Nothing that the copy shows has changed, and nothing has come. */
  current: boolean;
  /** Resources that are new or read otherwise now, by their ids. */
  changed: Record<Shelf, string[]>;
}

const SAFE_ID = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;

/** Reads a copy from its JSON text. */
export function readKeptSnapshot(text: string): { ok: true; kept: Kept } | Refusal {
  let value: Record<string, unknown>;
  try {
    value = Object(JSON.parse(text));
  } catch {
    return wrong("it is no JSON", "snapshot");
  }
  const { schema_version, snapshot_id, resources } = value;
  if (schema_version !== 1)
    return wrong(
      `its schema_version is ${JSON.stringify(schema_version)}, and only 1 can be read`,
      "schema_version",
    );
  if (typeof snapshot_id !== "string" || !SAFE_ID.test(snapshot_id))
    return wrong("its snapshot_id must be letters, digits, -, _ and single dots", "snapshot_id");
  for (const shelf of SHELVES) {
    const list = (resources as Record<string, unknown> | undefined)?.[shelf];
    if (!Array.isArray(list) || !list.every(isResource))
      return wrong(`its resources.${shelf} must be a list of resources with resource_id and status`, shelf);
  }
  return { ok: true, kept: { snapshot_id, resources: resources as Kept["resources"] } };
}

export function compareSnapshots({ snapshot_id, resources }: Kept, latest: ConsumerSnapshot): Comparison {
  const changed = Object.fromEntries(
    SHELVES.map((shelf) => {
      const before = new Map(resources[shelf].map((one) => [one.resource_id, fingerprint(one)]));
      const moved = latest.resources[shelf].filter((one) => before.get(one.resource_id) !== fingerprint(one));
      return [shelf, moved.map(({ resource_id }) => resource_id)];
    }),
  ) as Comparison["changed"];
  const isCurrent = SHELVES.every((shelf) => changed[shelf].length === 0);
  return { kept_id: snapshot_id, latest_id: latest.snapshot_id, current: isCurrent, changed };
}

/** A lease may run out with no event: the status counts beside the event. */
const fingerprint = ({ status, last_event_id = "" }: { status: string; last_event_id?: string }): string =>
  `${status} ${last_event_id}`;

const isResource = (value: unknown): boolean => {
  const { resource_id, status } = Object(value) as Record<string, unknown>;
  return typeof resource_id === "string" && typeof status === "string";
};

const wrong = (why: string, field: string): Refusal =>
  refuse("invalid_input", `The snapshot cannot be read: ${why}.`, {
    hint: "owp job snapshot prints a new one",
    data: { field },
  });
