/** The remote: reachable, and willing to take what owp writes there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { iso } from "../../core/time.ts";
import { faultRefusal } from "../../engine/git/errors.ts";
import { locateRepository, type Repository } from "../../engine/git/locate.ts";
import { listRefs, moveRefs } from "../../engine/git/probe.ts";
import type { Oid } from "../../engine/ports.ts";
import { heartbeatCommit } from "../../engine/signals.ts";
import { renewCloneId } from "../clone-id.ts";
import { type CheckRow, type Finding, failing, fine, type Patient, row } from "./check.ts";

/** A fetch with nothing new that takes longer makes every command slow. */
const SLOW_MS = 5000;
/** Between two looks at this clone's signal: another process of this clone may be writing it. */
const AGAIN_MS = 500;

export const REMOTE_CHECKS: readonly CheckRow[] = [
  row("reachable", ["remote", "hub"], async (patient) => {
    if (patient.options.offline) return { state: "skipped", message: "not looked at: --offline" };
    await patient.remote.fetch(); // Brings what is new, which the time is not to count.
    const began = performance.now();
    const fetched = await patient.remote.fetch();
    const took = Math.round(performance.now() - began);
    if (!fetched.ok)
      return failing(faultRefusal(fetched.fault, { ...patient.hub.parts.names, doing: "read" }));
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
    if (fault) return failing(faultRefusal(fault, { ...hub.parts.names, doing: "publish" }));
    return fine(
      "allowed, as far as a trial can see: hooks and branch rules of the server show only when something is published",
    );
  }),
  row("signals", ["remote", "fetched", "hub"], async (patient) => {
    const { clone } = patient.hub.parts;
    if (patient.fetched.signals.has(clone)) return fine("the remote takes heartbeats");
    return trySignal(patient, `${patient.remote.signals}/${clone}`);
  }),
  row("clone id", ["repository", "remote", "fetched", "hub"], async (patient) => {
    const { clone, desk } = patient.hub.parts;
    const foreign = async (there: Oid | undefined) =>
      there !== undefined && there !== (await desk.recall<Oid>("signal"));
    const ref = `${patient.remote.signals}/${clone}`;
    let copied = await foreign(patient.fetched.signals.get(clone));
    if (copied) {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      const listed = await listRefs(patient.remote, [ref]);
      copied = listed.ok && (await foreign(listed.refs.get(ref)));
    }
    if (!copied) return fine(clone);
    if (!patient.options.fix) {
      return {
        state: "failed",
        message: `Another clone sends heartbeats under this clone's id (${clone}): one was copied from the other, with its .git folder.`,
        hint: "owp doctor --fix in one of the two gives it an id of its own",
      };
    }
    const fresh = renewCloneId(patient.repository.commonDir);
    await desk.remember("signal", null);
    await desk.remember("beats", []);
    return {
      ...fine(fresh),
      fixed:
        "gave this clone an id of its own. Workers with a default name that were registered here stay with the other clone; here they get a name with the new id.",
    };
  }),
];

/** Sends this clone's signal and takes it back: nothing else shows what hooks and hidden refs do. */
async function trySignal(
  patient: Patient & Required<Pick<Patient, "remote" | "hub">>,
  ref: string,
): Promise<Finding> {
  const { clone, desk, store, names } = patient.hub.parts;
  const { commit, objects } = await heartbeatCommit(
    { kind: "Heartbeat", clone, at: iso(Date.now()), workers: [] },
    Date.now(),
  );
  await store.write(objects);
  const sent = await moveRefs(patient.remote, [{ ref, old: null, next: commit }]);
  if (sent.fault) {
    const { message } = faultRefusal(sent.fault, { ...names, doing: "publish" });
    return {
      state: "warning",
      message: `The remote does not take refs under ${patient.remote.signals}, so heartbeats cannot be sent; leases still end by their time. ${message}`,
      hint: "let those who take part create, change and delete refs there",
    };
  }
  await desk.remember("signal", commit);
  const taken = await moveRefs(patient.remote, [{ ref, old: commit, next: null }]);
  if (taken.fault)
    return {
      state: "warning",
      message: `The remote takes heartbeats but does not let refs be deleted: those of clones that are gone stay.`,
      hint: "allow deletion below refs/owp/signals",
    };
  await desk.remember("signal", null);
  return fine("the remote takes heartbeats");
}

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
