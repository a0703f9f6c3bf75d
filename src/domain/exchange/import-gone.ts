/** Tasks whose source came whole and did not have them any more. They are told, and stay: how they ended is for people to say. */
import { shortId } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { ImportInput } from "../../generated/types.ts";
import type { Imported } from "./import.ts";
import type { Match } from "./import-match.ts";

const NAMED_LIMIT = 5;

/** Nothing where the source was not read whole. Ended tasks need no telling. */
export function goneThere(
  snapshot: Snapshot,
  system: string,
  covers: ImportInput["covers"],
  match: Match,
): Imported["gone"] {
  if (!covers) return [];
  const begin = `${system} ${covers.prefix ?? ""}`;
  const wanted = (covers.labels ?? []).map((label) => label.toLowerCase());
  const came = new Set(match.known.values());
  const gone: Imported["gone"] = [];
  for (const { id, title, source, labels } of snapshot.open()) {
    if (!source?.startsWith(begin) || came.has(id)) continue;
    const has = new Set(labels.map((label) => label.toLowerCase()));
    if (wanted.every((label) => has.has(label))) gone.push({ id, short: shortId(id), title });
  }
  return gone;
}

export function goneWarning(system: string, gone: Imported["gone"]): string[] {
  if (gone.length === 0) return [];
  const named = gone.slice(0, NAMED_LIMIT).map(({ short }) => short);
  const more = gone.length > NAMED_LIMIT ? ", …" : "";
  const what = gone.length === 1 ? "1 task that came" : `${gone.length} tasks that came`;
  return [
    `${what} from ${system} before did not come this time (closed, moved or deleted there) and ${gone.length === 1 ? "is" : "are"} still open here: ${named.join(", ")}${more}.`,
  ];
}
