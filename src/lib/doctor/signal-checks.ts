/** Heartbeats: whether the remote takes them where the policy puts them, and whether another clone sends them as this one. */
import { iso } from "../../core/time.ts";
import { faultRefusal } from "../../engine/git/errors.ts";
import { listRefs, moveRefs } from "../../engine/git/probe.ts";
import type { Fault, Oid } from "../../engine/ports.ts";
import { heartbeatCommit } from "../../engine/signals.ts";
import { renewCloneId } from "../clone-id.ts";
import { type CheckRow, type Finding, fine, type Patient, row } from "./check.ts";

/** Between two looks at this clone's signal: another process of this clone may be writing it. */
const AGAIN_MS = 500;

type Heard = Patient & Required<Pick<Patient, "remote" | "fetched" | "hub">>;

export const SIGNAL_CHECKS: readonly CheckRow[] = [
  row("signals", ["remote", "fetched", "hub"], async (patient) => {
    const { remote, fetched, hub } = patient;
    if (fetched.signals.has(hub.parts.clone)) return fine("the remote takes heartbeats");
    const tried = await trySignal(patient, remote.signals);
    if (tried.refused) return elsewhere(patient, tried.refused);
    if (!tried.stays) return fine("the remote takes heartbeats");
    return {
      state: "warning",
      message:
        "The remote takes heartbeats but does not let refs be deleted: those of clones that are gone stay.",
      hint: `allow deletion below ${remote.signals}`,
    };
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
async function trySignal({ hub, remote }: Heard, prefix: string): Promise<{ refused?: Fault; stays?: true }> {
  const { clone, desk, store } = hub.parts;
  const ref = `${prefix}/${clone}`;
  const isOwn = prefix === remote.signals;
  const { commit, objects } = await heartbeatCommit(
    { kind: "Heartbeat", clone, at: iso(Date.now()), workers: [] },
    Date.now(),
  );
  await store.write(objects);
  const sent = await moveRefs(remote, [{ ref, old: null, next: commit }]);
  if (sent.fault) return { refused: sent.fault };
  if (isOwn) await desk.remember("signal", commit);
  const taken = await moveRefs(remote, [{ ref, old: commit, next: null }]);
  if (taken.fault) return { stays: true };
  if (isOwn) await desk.remember("signal", null);
  return {};
}

/** The remote takes no such refs. Does it take branches? A repository without any is not asked: the first one stays for good. */
async function elsewhere(patient: Heard, fault: Fault): Promise<Finding> {
  const { remote, fetched, hub } = patient;
  const { names } = hub.parts;
  const { message } = faultRefusal(fault, { ...names, doing: "publish" });
  const refused: Finding = {
    state: "warning",
    message: `The remote does not take refs under ${remote.signals}, so heartbeats cannot be sent; leases still end by their time. ${message}`,
    hint: "let those who take part create, change and delete refs there",
  };
  const { refs, branches } = remote.signalPrefixes;
  if (remote.signals !== refs || fault.class === "auth") return refused;
  if (fetched.record === null) return { ...refused, hint: "owp init --signals branches" };
  if ((await trySignal(patient, branches)).refused) return refused;
  return {
    ...refused,
    hint: `it takes branches: write signals: branches into owp.yaml on ${names.branch}, and heartbeats go to branches below ${branches.slice("refs/heads/".length)}/`,
  };
}
