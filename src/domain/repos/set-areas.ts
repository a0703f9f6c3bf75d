/** The areas of a repo as `owp repo set` is told them: `name=glob`, `name=text`, and names that go. */
import { GLOB_RULE, isGlob } from "../../core/globs.ts";
import type { Refusal } from "../../core/refusal.ts";
import type { Repo, RepoSetInput } from "../../generated/types.ts";
import { badField, oneLine } from "../tasks/fields.ts";
import { type Area, areasOf } from "./areas.ts";

const AREAS_LIMIT = 100;
const PATHS_LIMIT = 20;
const NAME_RULE = "an area's name of 1 to 120 characters in one line, without =";
const DESCRIPTION_LIMIT = 500;

type Asked = Pick<RepoSetInput, "area" | "describe_area" | "remove_area">;

/** The repo with its areas changed. Named globs take the place of those that an area had. */
export function withAreas(repo: Repo, asked: Asked): { ok: true; repo: Repo } | Refusal {
  const areas = new Map<string, Area>(Object.entries(areasOf(repo)));
  const refusal = setPaths(areas, asked.area) ?? describe(areas, asked.describe_area) ?? remove(areas, asked);
  if (refusal) return refusal;
  const listed = areas.size > 0 ? Object.fromEntries(areas) : undefined;
  return { ok: true, repo: { ...repo, policy: { ...repo.policy, areas: listed } } };
}

function setPaths(areas: Map<string, Area>, given: readonly string[] = []): Refusal | undefined {
  const fresh = new Map<string, string[]>();
  for (const text of given) {
    const { name, rest: glob } = split(text);
    if (name === undefined) return badField("area", text, `${NAME_RULE}, then = and a glob of its files`);
    if (!isGlob(glob)) return badField("area", text, `name=glob, where the glob is ${GLOB_RULE}`);
    const paths = fresh.get(name) ?? [];
    if (!paths.includes(glob)) paths.push(glob);
    if (paths.length > PATHS_LIMIT)
      return badField("area", text, `one of at most ${PATHS_LIMIT} globs of an area`);
    fresh.set(name, paths);
  }
  for (const [name, paths] of fresh) areas.set(name, { ...areas.get(name), paths });
  return areas.size > AREAS_LIMIT
    ? badField("area", areas.size, `a list of at most ${AREAS_LIMIT} areas`)
    : undefined;
}

function describe(areas: Map<string, Area>, given: readonly string[] = []): Refusal | undefined {
  for (const text of given) {
    const { name, rest } = split(text);
    const area = name === undefined ? undefined : areas.get(name);
    const description = oneLine(rest, DESCRIPTION_LIMIT);
    if (name === undefined || !area || description === undefined)
      return badField("describe_area", text, `${names(areas)}, then = and a line of text`);
    areas.set(name, { ...area, description });
  }
  return undefined;
}

function remove(areas: Map<string, Area>, { area = [], remove_area = [] }: Asked): Refusal | undefined {
  const given = new Set(area.map((text) => split(text).name));
  for (const name of remove_area.map((text) => text.trim())) {
    if (given.has(name)) return badField("remove_area", name, "an area that is not given at the same time");
    if (!areas.delete(name)) return badField("remove_area", name, names(areas));
  }
  return undefined;
}

/** `auth=src/auth/**`; name undefined: it has none that could be one. */
function split(text: string): { name: string | undefined; rest: string } {
  const at = text.indexOf("=");
  return { name: at < 0 ? undefined : oneLine(text.slice(0, at), 120), rest: text.slice(at + 1).trim() };
}

const names = (areas: ReadonlyMap<string, Area>): string =>
  areas.size === 0
    ? "the name of an area, of which there is none yet"
    : `one of the areas ${[...areas.keys()].join(", ")}`;
