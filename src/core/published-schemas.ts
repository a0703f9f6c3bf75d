/** The JSON Schemas of all that a record stores, each whole in itself: what editors, programs and `owp schema` are given. */
import { RECORD_FILES } from "../generated/record-files.ts";

export interface PublishedSchema {
  /** What it is called on the command line: task, run, context-packet. */
  kind: string;
  /** Where it lies in a record. */
  path: string;
  title: string;
  description: string;
}

type Json = Record<string, unknown>;

const FOLDER = ".owp/schemas/";
const SHARED = `${FOLDER}common.json`;
/** Other words for kinds: CWOM's, and the file's own. */
const ALIASES: Readonly<Record<string, string>> = { policy: "owp", issue: "task", doctrine: "doctrine-ref" };

export const publishedSchemas = (): PublishedSchema[] =>
  Object.keys(RECORD_FILES)
    .filter((path) => path.startsWith(FOLDER) && path !== SHARED)
    .map((path) => {
      const { title, description } = parsed(path);
      const kind = path.slice(path.lastIndexOf("/") + 1, -".json".length);
      return { kind, path, title: String(title), description: String(description) };
    })
    .sort((a, b) => (a.kind < b.kind ? -1 : 1));

/** By the kind's name, its title or another word for it, however it is spelled; undefined: there is none. */
export function findSchema(typed: string): PublishedSchema | undefined {
  const name = plain(typed);
  return publishedSchemas().find(({ kind, title }) =>
    [kind, title, ...Object.keys(ALIASES).filter((word) => ALIASES[word] === kind)].some(
      (one) => plain(one) === name,
    ),
  );
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z]/g, "");

/** With the shared definitions that it uses, so that a validator needs nothing else. */
export function wholeSchema({ path }: PublishedSchema): Json {
  const schema = parsed(path);
  const shared = parsed(SHARED).definitions as Record<string, Json>;
  const used = new Set<string>();
  const own = pointed(schema, used);
  const definitions: Record<string, unknown> = {};
  // A set that grows while it is gone through: definitions use each other.
  for (const name of used) definitions[name] = pointed(shared[name] as Json, used);
  if (used.size === 0) return own;
  const known = own.definitions as Json | undefined;
  return { ...own, definitions: { ...known, ...definitions } };
}

/** References to the shared file lead into the schema itself. */
function pointed(schema: Json, used: Set<string>): Json {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) => {
    const name =
      key === "$ref" && typeof value === "string" ? /#\/definitions\/(\w+)$/.exec(value)?.[1] : undefined;
    if (name === undefined) return value;
    used.add(name);
    return `#/definitions/${name}`;
  }) as Json;
}

const parsed = (path: string): Json => JSON.parse(RECORD_FILES[path] ?? "{}") as Json;
