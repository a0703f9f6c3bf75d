/** Lists who may do what with a repo, and changes it (FEATURES C65, C66). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { ObjectRepoCollaboratorsInput, Repo } from "../../generated/types.ts";
import { resolveRepo } from "../tasks/links.ts";
import { actingWorker, enlist } from "../workers/acting.ts";
import { mayOwn, ROLES, type Role, roleOf } from "./roles.ts";

export interface Collaborators {
  slug: string;
  visibility?: Repo["visibility"];
  /** By name. */
  collaborators: { worker: string; role: Role }[];
  /** One's own role; a maintainer counts as an owner. null: none. */
  mine: Role | null;
  /** Whose role this call changed. */
  changed?: string[];
  /** All was so before; nothing was published. */
  already?: true;
}

export function planCollaborators(
  snapshot: Snapshot,
  input: ObjectRepoCollaboratorsInput,
  ctx: Ctx,
): Plan<Collaborators> {
  const found = resolveRepo(snapshot, input.slug);
  if (!found.ok) return found;
  const { slug } = found;
  const repo = snapshot.repos.get(slug) as Repo;
  const mine = roleOf(repo, actingWorker(snapshot, ctx).worker) ?? null;
  const isQuestion = !input.add?.length && !input.remove?.length;
  if (isQuestion) return { ok: true, changes: [], result: shown(repo, mine) };
  const next = withRoles(snapshot, repo, input);
  if (!next.ok) return next;
  if (next.changed.length === 0)
    return { ok: true, changes: [], result: { ...shown(repo, mine), changed: [], already: true } };
  const me = enlist(snapshot, ctx);
  if (!me.ok) return me;
  if (!mayOwn(repo, me.worker))
    return refuse(
      "not_allowed",
      `Only an owner of repo ${slug} or a maintainer gives and takes its roles; you (${me.name}) have ${mine ? `the role ${mine}` : "none"}. Nothing was changed.`,
      { hint: `owp object repo collaborators ${slug}`, data: { repo: slug, worker: me.name, role: mine } },
    );
  const { collaborators: _before, ...rest } = repo;
  const value: Repo = {
    ...rest,
    ...(Object.keys(next.roles).length > 0 && { collaborators: next.roles }),
    updated_at: iso(ctx.now),
  };
  return {
    ok: true,
    changes: [...me.changes, { path: pathOf("Repo", slug), value }],
    event: {
      type: "repo.collaborators",
      subject: `set roles of repo ${slug}: ${next.changed.join(", ")}`,
      actor: me.name,
    },
    result: { ...shown(value, mine), changed: next.changed },
  };
}

interface Roles {
  ok: true;
  roles: Record<string, Role>;
  changed: string[];
}

function withRoles(
  snapshot: Snapshot,
  { slug, collaborators = {} }: Repo,
  { add = [], remove = [] }: ObjectRepoCollaboratorsInput,
): Roles | Refusal {
  const roles = new Map<string, Role>(Object.entries(collaborators));
  const given = new Set<string>();
  for (const text of add) {
    const at = text.lastIndexOf("=");
    const [name, role] = [text.slice(0, at).trim(), text.slice(at + 1)];
    const said = ROLES.find((one) => one === role);
    if (at < 1 || !said)
      return refuse(
        "invalid_input",
        `"${text}" is no role: it must be name=owner, name=write or name=read. Nothing was changed.`,
        { data: { field: "add", value: text } },
      );
    if (!snapshot.workers.has(name))
      return refuse("worker_unknown", `There is no worker ${name}. Nothing was changed.`, {
        data: { worker: name },
      });
    given.add(name);
    roles.set(name, said);
  }
  for (const name of remove) {
    if (given.has(name))
      return refuse("invalid_input", `${name} is both added and removed. Nothing was changed.`, {
        data: { field: "remove", value: name },
      });
    if (!roles.delete(name))
      return refuse("worker_unknown", `${name} has no role in repo ${slug}. Nothing was changed.`, {
        hint: `owp object repo collaborators ${slug}`,
        data: { worker: name, repo: slug },
      });
  }
  const names = new Set([...roles.keys(), ...Object.keys(collaborators)]);
  const changed = [...names].filter((name) => roles.get(name) !== collaborators[name]).sort();
  const sorted = [...roles].sort(([a], [b]) => (a < b ? -1 : 1));
  return { ok: true, roles: Object.fromEntries(sorted), changed };
}

const shown = ({ slug, visibility, collaborators = {} }: Repo, mine: Role | null): Collaborators => ({
  slug,
  ...(visibility && { visibility }),
  collaborators: Object.entries(collaborators)
    .map(([worker, role]) => ({ worker, role }))
    .sort((a, b) => (a.worker < b.worker ? -1 : 1)),
  mine,
});
