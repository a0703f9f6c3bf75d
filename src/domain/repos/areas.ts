/**
 * Areas of a repo: names for parts of its files, by globs. An area that the repo does not list is free text and locks
 * itself alone; listed areas whose globs have a path in common lock each other, nested ones too: who works in `web` may
 * touch `web/login`, whatever the task's own area is.
 */
import { covers, overlap, precision } from "../../core/globs.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Repo } from "../../generated/types.ts";

export type Areas = NonNullable<NonNullable<Repo["policy"]>["areas"]>;
export type Area = Areas[string];

const NONE: Areas = {};
const NAMED_LIMIT = 10;

export const areasOf = (repo: Repo | undefined): Areas => repo?.policy?.areas ?? NONE;

/** The globs of an area that its repo lists; undefined: it is free text. */
export const pathsOf = (snapshot: Snapshot, repo: string, area: string | undefined): string[] | undefined => {
  const areas = areasOf(snapshot.repos.get(repo));
  return area !== undefined && Object.hasOwn(areas, area) ? areas[area]?.paths : undefined;
};

/** The areas that cover a path, the one with the most precise glob first: it is the path's own. */
export function coveringAreas(areas: Areas, path: string): string[] {
  const found = Object.entries(areas).flatMap(([name, { paths }]) => {
    const [best] = paths
      .filter((glob) => covers(glob, path))
      .map(precision)
      .sort(byPrecision);
    return best ? [{ name, best }] : [];
  });
  return found
    .sort((a, b) => byPrecision(a.best, b.best) || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
}

type Precision = ReturnType<typeof precision>;
const byPrecision = (a: Precision, b: Precision) => b[0] - a[0] || b[1] - a[1];

/** Per record and area: a policy's value is the same object for as long as its file does not change. */
const known = new WeakMap<Areas, Map<string, readonly string[]>>();

/** The other areas that share a path with this one. Symmetric; none for an area that is not listed. */
export function overlapping(areas: Areas, name: string): readonly string[] {
  const area = Object.hasOwn(areas, name) ? areas[name] : undefined;
  if (!area) return [];
  const byName = known.get(areas) ?? new Map<string, readonly string[]>();
  known.set(areas, byName);
  let others = byName.get(name);
  if (!others) {
    others = Object.entries(areas)
      .filter(
        ([other, { paths }]) => other !== name && paths.some((a) => area.paths.some((b) => overlap(a, b))),
      )
      .map(([other]) => other);
    byName.set(name, others);
  }
  return others;
}

/** What an area of a task says to its repo: refused where the repo's list is closed, a warning where it has one. */
export function verifyArea(
  snapshot: Snapshot,
  slug: string,
  area: string | undefined,
  where?: string,
): { ok: true; warnings: string[] } | Refusal {
  const repo = snapshot.repos.get(slug);
  const areas = areasOf(repo);
  if (area === undefined || Object.hasOwn(areas, area)) return { ok: true, warnings: [] };
  const names = Object.keys(areas);
  if (repo?.policy?.areas_closed === true)
    return refuse(
      "invalid_input",
      `${where ? `${where}: ` : ""}${slug} has no area ${area}, and its list is closed: ${listed(names)}. Nothing was changed.`,
      { hint: `owp areas --repo ${slug}`, data: { field: "area", value: area, areas: names } },
    );
  if (names.length === 0) return { ok: true, warnings: [] };
  return {
    ok: true,
    warnings: [
      `${slug} lists no area ${area} (${listed(names)}): it locks itself alone, and no path belongs to it.`,
    ],
  };
}

/** The area that a path belongs to; undefined, with a warning, where none covers it. */
export function areaAt(
  snapshot: Snapshot,
  slug: string,
  path: string,
): { ok: true; area?: string; warnings: string[] } | Refusal {
  const repo = snapshot.repos.get(slug);
  const [area] = coveringAreas(areasOf(repo), path);
  if (area !== undefined) return { ok: true, area, warnings: [] };
  const says = `No area of ${slug} covers ${path}`;
  if (repo?.policy?.areas_closed === true)
    return refuse("invalid_input", `${says}, and its list of areas is closed. Nothing was changed.`, {
      hint: `owp areas --repo ${slug}`,
      data: { field: "path", value: path },
    });
  return { ok: true, warnings: [`${says}: the task has no area.`] };
}

const listed = (names: readonly string[]): string =>
  names.length === 0
    ? "it is empty"
    : `${names.slice(0, NAMED_LIMIT).join(", ")}${names.length > NAMED_LIMIT ? ", …" : ""}`;
