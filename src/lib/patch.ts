/**
 * A change as a patch, for those who may not push: the operation is planned as ever on what the remote shows, and its
 * commit is written out for `git am` instead of being published. Applied, it is the same operation in the ledger.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placeOf } from "../core/paths.ts";
import { type Refusal, refuse } from "../core/refusal.ts";
import { OPERATIONS } from "../domain/operations.ts";
import { noRecord } from "../engine/answers.ts";
import { faultOf, faultRefusal } from "../engine/git/errors.ts";
import { runGit } from "../engine/git/process.ts";
import { GitStore } from "../engine/git/store.ts";
import { look } from "../engine/look.ts";
import { type Loadable, link, prepare } from "../engine/planning.ts";
import type { Oid } from "../engine/ports.ts";
import { loadOperation } from "./hub.ts";
import { type Service, success } from "./services.ts";

export interface Patched {
  /** The first line of the commit; null: the record says all of it already. */
  subject: string | null;
  /** The text of the patch. */
  patch: string;
  /** The commit that it was made on. */
  base: Oid | null;
  /** What the operation would answer. */
  would: unknown;
}

const FORMAT_TIMEOUT_MS = 60_000;
/** Nobody's settings but these decide what a patch looks like. */
const PLAIN = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };

/** input: {operation, input}. result: Patched. */
export const runPatch: Service = async (hub, input, op, options) => {
  const row = OPERATIONS.find(({ name, type }) => name === input.operation && type === "change");
  const { parts } = hub;
  const { store, view, names, clock } = parts;
  if (!row || !(store instanceof GitStore))
    return { ...refuse("usage", `owp ${input.operation} makes no patch here.`), op };
  const seen = options.offline ? undefined : await look(parts);
  const blind = seen && !seen.ok;
  if (blind && (!seen.fault || view.snapshot.tip === null)) return { ...seen.refusal, op };
  const state = view.snapshot;
  const bare = noRecord(state, names.branch);
  if (bare) return { ...bare, op };
  const ticket = hub.ticket(row.name, input.input, op, options);
  const now = clock.now() + parts.clockShiftMs;
  const operation = (await loadOperation(row.name)) as Loadable;
  const prepared = await prepare(view, state, ticket, operation, now, seen?.ok ? seen.pulses : []);
  if ("code" in prepared) return { ...prepared, op };
  const { result: would, warnings = [] } = prepared.planned;
  const said = [
    ...warnings,
    ...(blind ? [`${seen.refusal.message} The patch is made on this clone's last view.`] : []),
  ];
  const none: Patched = { subject: null, patch: "", base: state.tip, would };
  // Whoever applies it does not register its author with it: two patches of one author would get in each other's way.
  const files = prepared.files.filter(
    ({ path, before }) => before !== undefined || placeOf(path)?.kind !== "Worker",
  );
  if (files.length === 0) return success(hub, op, none, said);
  const made = await link(store, { commit: state.tip, tree: view.tree }, { ...prepared, files }, ticket, now);
  await store.write(made.objects);
  const patch = await formatted(store, made.commit, names);
  if (typeof patch !== "string") return { ...patch, op };
  const subject = prepared.planned.event?.subject ?? null;
  return success(hub, op, { ...none, subject, patch } satisfies Patched, said);
};

/** As `git format-patch` writes it, with the way to apply it where git reads nothing. */
async function formatted(
  store: GitStore,
  commit: Oid,
  names: { remote: string; branch: string },
): Promise<string | Refusal> {
  const folder = mkdtempSync(join(tmpdir(), "owp-patch-"));
  try {
    const file = join(folder, "patch");
    const args = [
      "format-patch",
      "-1",
      "--no-signature",
      "--full-index",
      "--no-renames",
      `--output=${file}`,
      commit,
    ];
    const done = await runGit(["--git-dir", store.path, ...args], {
      cwd: store.path,
      env: PLAIN,
      timeoutMs: FORMAT_TIMEOUT_MS,
    });
    if (done.code !== 0) return faultRefusal(faultOf(done), { ...names, doing: "read" });
    return readFileSync(file, "utf8").replace("\n---\n", `\n---\n${howTo(names.branch)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const howTo = (
  branch: string,
): string => `A change of the record on branch ${branch}. Whoever may push to it applies it with

  git fetch origin ${branch}
  git worktree add --detach ../record FETCH_HEAD
  git -C ../record am < this-file
  owp validate --range FETCH_HEAD..$(git -C ../record rev-parse HEAD)
  git -C ../record push origin HEAD:refs/heads/${branch}
  git worktree remove ../record
`;
