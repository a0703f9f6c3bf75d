/** The remote: reachable, and willing to take what owp writes there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inSandbox } from "../../core/sandbox.ts";
import { iso } from "../../core/time.ts";
import { faultRefusal } from "../../engine/git/errors.ts";
import { locateRepository, type Repository } from "../../engine/git/locate.ts";
import { listRefs, moveRefs } from "../../engine/git/probe.ts";
import { heartbeatCommit } from "../../engine/signals.ts";
import { type CheckRow, failing, fine, row } from "./check.ts";

/** A fetch with nothing new that takes longer makes every command slow. */
const SLOW_MS = 5000;

export const REMOTE_CHECKS: readonly CheckRow[] = [
  row("reachable", ["remote", "hub"], async (patient) => {
    if (patient.options.offline) return { state: "skipped", message: "not looked at: --offline" };
    await patient.remote.fetch(); // Brings what is new, which the time is not to count.
    const began = performance.now();
    const fetched = await patient.remote.fetch();
    const took = Math.round(performance.now() - began);
    if (!fetched.ok) {
      const refusal = faultRefusal(fetched.fault, { ...patient.hub.parts.names, doing: "read" });
      return failing(inSandbox(refusal, patient.place.env ?? {}));
    }
    patient.fetched = fetched.view;
    const message = `a fetch with nothing new takes ${took} ms`;
    return took > SLOW_MS
      ? { state: "warning", message, hint: "every command waits for one such fetch or more" }
      : fine(message);
  }),
  row("branch", ["remote", "fetched", "branch"], async ({ remote, fetched, branch, target }) => {
    const holder = checkoutOf(target?.url ?? "", branch);
    if (holder) {
      return {
        state: "failed",
        message: `The branch ${branch} is checked out at ${holder}, in the repository that holds the record. git does not move a checked-out branch, so no change can be published.`,
        hint: `git -C ${holder} switch <another branch>`,
      };
    }
    if (fetched.record !== null) return fine(branch);
    const listed = await listRefs(remote, [`${remote.record}/*`]);
    const [inTheWay] = listed.ok ? listed.refs.keys() : [];
    if (!inTheWay) return fine(`${branch} is free`);
    const name = inTheWay.slice("refs/heads/".length);
    return {
      state: "failed",
      message: `The branch ${name} on the remote makes ${branch} impossible: git cannot have both.`,
      hint: `rename ${name} on the remote, or choose another name for the record: owp init --branch <name>`,
    };
  }),
  row("push", ["remote", "fetched", "hub"], async ({ remote, fetched, hub }) => {
    const { record } = fetched;
    const made = await heartbeatCommit(
      { kind: "Heartbeat", clone: hub.parts.clone, at: iso(Date.now()), workers: [] },
      Date.now(),
    );
    if (record === null) await hub.parts.store.write(made.objects);
    const { fault } = await moveRefs(
      remote,
      [{ ref: remote.record, old: record, next: record ?? made.commit }],
      true,
    );
    if (fault?.class === "auth")
      return {
        ...failing(faultRefusal(fault, { ...hub.parts.names, doing: "publish" })),
        hint: "reading works all the same, and owp add, edit, note and import take --patch <file> for someone who may push",
      };
    if (fault) return failing(faultRefusal(fault, { ...hub.parts.names, doing: "publish" }));
    return fine(
      "allowed, as far as a trial can see: hooks and branch rules of the server show only when something is published",
    );
  }),
];

/** The folder of a checkout that has the branch checked out, where the remote is a repository on this machine. */
function checkoutOf(url: string, branch: string): string | undefined {
  const repository =
    url.startsWith("/") || url.startsWith("file://")
      ? locateRepository(url.replace(/^file:\/\//, ""))
      : undefined;
  if (!repository) return undefined;
  const head = `ref: refs/heads/${branch}`;
  if (!repository.bare && readText(join(repository.commonDir, "HEAD")).trim() === head)
    return mainFolder(repository);
  const worktrees = join(repository.commonDir, "worktrees");
  for (const name of existsSync(worktrees) ? readdirSync(worktrees) : []) {
    if (readText(join(worktrees, name, "HEAD")).trim() !== head) continue;
    return readText(join(worktrees, name, "gitdir"))
      .trim()
      .replace(/\/\.git$/, "");
  }
  return undefined;
}

function mainFolder({ commonDir }: Repository): string {
  return commonDir.replace(/\/\.git$/, "");
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
