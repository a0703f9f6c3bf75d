/** What a job's worker brings along: `name=address`, as it is given and as it is kept. */
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Lease } from "../../generated/types.ts";
import { artifactsOf } from "./job.ts";
import type { Job } from "./types.ts";

const NAMES_LIMIT = 200;
const NAME_CHARS_LIMIT = 100;

export interface Brought {
  ok: true;
  /** What this call brings; left out where that is nothing. */
  added?: Record<string, string>;
  /** All that the job has then. */
  all: Record<string, string>;
}

/** A name that is there gets the new address. */
export function readArtifacts(
  job: Job,
  lease: Lease | undefined,
  given: readonly string[] | undefined,
): Brought | Refusal {
  const known = artifactsOf(job, lease);
  if (!given?.length) return { ok: true, all: known };
  const added = Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf("=");
      return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
    }),
  );
  const all = { ...known, ...added };
  const bad = Object.keys(added).find((name) => name === "" || name.length > NAME_CHARS_LIMIT);
  const wrong =
    bad !== undefined
      ? `an artifact's name has 1 to ${NAME_CHARS_LIMIT} characters`
      : Object.keys(all).length > NAMES_LIMIT
        ? `a job has at most ${NAMES_LIMIT} artifacts`
        : undefined;
  if (wrong === undefined) return { ok: true, added, all };
  return refuse("invalid_input", `artifacts: ${wrong}. Nothing was changed.`, {
    data: { field: "artifacts" },
  });
}
