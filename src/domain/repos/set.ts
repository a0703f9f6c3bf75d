/** Adds a repo or changes one; its slug never changes (FEATURES A60, B22–B24). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { Repo, RepoSetInput } from "../../generated/types.ts";
import { badField, isSlug, oneLine, whole } from "../tasks/fields.ts";
import { enlist, isMaintainer } from "../workers/acting.ts";
import { publicUrl } from "./name.ts";
import { withAreas } from "./set-areas.ts";

export interface RepoWritten {
  slug: string;
  /** true: it was not there before. */
  created: boolean;
  /** The fields that changed; of a new repo those that were given. */
  changed: string[];
  /** It was so before; nothing was published. */
  already?: true;
}

interface FieldRow {
  /** What the value must be, after "it must be". */
  rule: string;
  read(value: unknown): unknown;
  /** The repo with the value; undefined: without it. */
  write(repo: Repo, value: never): Repo;
}

const VISIBILITIES = ["public", "private", "internal"];
const withPolicy = (repo: Repo, policy: NonNullable<Repo["policy"]>): Repo => ({
  ...repo,
  policy: { ...repo.policy, ...policy },
});

const FIELDS: Record<
  "name" | "max_open_prs" | "area_locks_enabled" | "areas_closed" | "default_branch" | "visibility" | "url",
  FieldRow
> = {
  name: {
    rule: "one line of 1 to 200 characters",
    read: (value) => oneLine(value, 200),
    write: (repo, name: string) => ({ ...repo, name }),
  },
  max_open_prs: {
    rule: "a whole number from 0 to 100",
    read: (value) => whole(value, 0, 100),
    write: (repo, max_open_prs?: number) => withPolicy(repo, { max_open_prs }),
  },
  area_locks_enabled: {
    rule: "yes or no",
    read: (value) => (value === "yes" || value === "no" ? value : undefined),
    write: (repo, word: string) =>
      withPolicy(repo, { area_locks_enabled: word === "no" ? false : undefined }),
  },
  areas_closed: {
    rule: "yes or no",
    read: (value) => (value === "yes" || value === "no" ? value : undefined),
    write: (repo, word: string) => withPolicy(repo, { areas_closed: word === "yes" ? true : undefined }),
  },
  default_branch: {
    rule: "one line of 1 to 200 characters",
    read: (value) => oneLine(value, 200),
    write: (repo, default_branch?: string) => ({ ...repo, default_branch }),
  },
  visibility: {
    rule: `one of ${VISIBILITIES.join(", ")}`,
    read: (value) => VISIBILITIES.find((one) => one === value),
    write: (repo, visibility?: Repo["visibility"]) => ({ ...repo, visibility }),
  },
  url: {
    rule: "an address that others can reach, such as https://example.org/app.git",
    read: (value) => (typeof value === "string" ? publicUrl(value) : undefined),
    write: (repo, url?: string) => ({
      ...repo,
      source: url === undefined ? undefined : { system: "git", url },
    }),
  },
};

type Name = keyof typeof FIELDS;
const NAMES = Object.keys(FIELDS) as Name[];

export function planRepoSet(snapshot: Snapshot, input: RepoSetInput, ctx: Ctx): Plan<RepoWritten> {
  const me = enlist(snapshot, ctx);
  if (!me.ok) return me;
  const { slug } = input;
  if (!isSlug(slug))
    return badField(
      "slug",
      slug,
      "1 to 100 lower-case letters, digits, dots and dashes, such as app or my-app",
    );
  const known = snapshot.repos.get(slug);
  const problem = known ? undefined : snapshot.problems.get(pathOf("Repo", slug));
  if (problem) {
    return refuse(
      "record_invalid",
      `${problem.path} cannot be read: ${problem.message}. Nothing was changed.`,
      {
        data: { path: problem.path, line: problem.line },
      },
    );
  }
  const before: Repo = known ?? {
    kind: "Repo",
    id: ctx.newId("r"),
    slug,
    name: slug,
    created_at: iso(ctx.now),
  };
  const written = write(before, input);
  if (!written.ok) return written;
  const { repo, changed } = written;
  if (known && changed.length === 0)
    return { ok: true, changes: [], result: { slug, created: false, changed, already: true } };
  if (known && !isMaintainer(me.worker)) {
    return refuse(
      "not_allowed",
      `Only a maintainer changes a repo; you are ${me.worker.trust_tier}. Nothing was changed.`,
      {
        data: { repo: slug, fields: changed },
      },
    );
  }
  return {
    ok: true,
    changes: [
      ...me.changes,
      { path: pathOf("Repo", slug), value: known ? { ...repo, updated_at: iso(ctx.now) } : repo },
    ],
    event: {
      type: "repo.set",
      subject: known ? `set repo ${slug}: ${changed.join(", ")}` : `add repo ${slug}`,
      actor: me.name,
    },
    result: { slug, created: !known, changed },
  };
}

function write(before: Repo, input: RepoSetInput): { ok: true; repo: Repo; changed: string[] } | Refusal {
  let repo = before;
  const changed: string[] = [];
  for (const name of NAMES) {
    const given = input[name];
    const isCleared = input.clear?.some((one) => one === name) === true;
    if (given === undefined && !isCleared) continue;
    if (given !== undefined && isCleared) {
      return refuse("invalid_input", `${name} is both given and cleared. Nothing was changed.`, {
        data: { field: name },
      });
    }
    const value = isCleared ? undefined : FIELDS[name].read(given);
    if (!isCleared && value === undefined) return badField(name, given, FIELDS[name].rule);
    const next = tidy(FIELDS[name].write(repo, value as never));
    if (JSON.stringify(next) !== JSON.stringify(repo)) changed.push(name);
    repo = next;
  }
  const areas = withAreas(repo, input);
  if (!areas.ok) return areas;
  const next = tidy(areas.repo);
  if (JSON.stringify(next) !== JSON.stringify(repo)) changed.push("areas");
  return { ok: true, repo: next, changed };
}

/** Without what is undefined or empty: absent is the default. */
function tidy(repo: Repo): Repo {
  const next: Repo = { ...repo, policy: dropped(repo.policy) };
  if (next.policy && Object.keys(next.policy).length === 0) next.policy = undefined;
  return dropped(next) as Repo;
}

const dropped = <T extends object>(value: T | undefined): T | undefined =>
  value && (Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T);
