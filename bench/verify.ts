/** How fast a long history is proved: each commit against the rules, with and without signatures, and once more with what is remembered. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { decode, encode } from "../src/core/codec.ts";
import { pathOf } from "../src/core/paths.ts";
import { writePack } from "../src/engine/git/pack.ts";
import { decodeTree, isTreeMode } from "../src/engine/objects.ts";
import type { GitObject, ObjectStore, Oid } from "../src/engine/ports.ts";
import { readCommit } from "../src/engine/walk.ts";
import type { Policy } from "../src/generated/types.ts";
import { MemoryRecord } from "../test/helpers/memory-record.ts";
import { quickSigner } from "../test/helpers/ssh.ts";
import type { Row, Section } from "./section.ts";
import { git, OWP, owp, succeed, tempDir } from "./stage.ts";

/** Fewer for a quick look. */
const COMMITS = Number(process.env.OWP_BENCH_COMMITS ?? 10_000);
const WORKERS = ["ada", "bob", "cyd", "dan"];
/** Each task is added, claimed and done. */
const STEPS = 3;

export async function verify(): Promise<Section> {
  const rows: Row[] = [];
  for (const isSigned of [false, true]) {
    const { hub, clone, commits } = await repository(isSigned);
    const tip = git(hub, "rev-parse", "owp");
    const timed = async (cwd: string) => {
      const { stdout, ms } = await succeed(
        process.execPath,
        [OWP, "validate", "--range", `..${tip}`, "--json"],
        { cwd },
      );
      const { commits: checked, errors } = JSON.parse(stdout).result;
      if (checked !== commits || errors !== 0) throw new Error(`${checked} commits and ${errors} errors`);
      return ms;
    };
    const what = isSigned ? "signed" : "not signed";
    const [server, cold, warm] = [await timed(hub), await timed(clone), await timed(clone)];
    rows.push(
      { what: `${what}: on the server, as its hook does`, value: commits / (server / 1000), unit: "per s" },
      { what: `${what}: in a clone, the first time`, value: commits / (cold / 1000), unit: "per s" },
      { what: `${what}: in a clone, remembered`, value: commits / (warm / 1000), unit: "per s" },
    );
  }
  return {
    name: `a history of ${COMMITS.toLocaleString("en")} commits, proved by owp validate --range`,
    rows,
  };
}

/** A bare repository with such a history, and a clone that has looked at it. */
async function repository(isSigned: boolean): Promise<{ hub: string; clone: string; commits: number }> {
  const record = await history(isSigned);
  const root = tempDir();
  const [hub, clone] = [join(root, "hub.git"), join(root, "clone")];
  mkdirSync(hub);
  git(hub, "init", "-q", "--bare", "--initial-branch=main");
  const { objects, commits } = await reachable(record.remote.store, record.tip);
  writePack(hub, objects);
  git(hub, "update-ref", "refs/heads/owp", record.tip);
  git(root, "clone", "-q", hub, clone);
  owp(clone, "status");
  return { hub, clone, commits };
}

async function history(isSigned: boolean): Promise<MemoryRecord> {
  const record = new MemoryRecord();
  await record.did("root", "init", { repo: "bench" });
  if (isSigned) {
    const signers = new Map(["root", ...WORKERS].map((name) => [name, quickSigner()]));
    record.signing = (name) => {
      const signer = signers.get(name);
      return signer && { always: true, signer: async () => signer };
    };
    for (const name of WORKERS) await record.did(name, "worker register", { name });
    const keys = [...signers].map(([name, { key }]) => [pathOf("Worker", name), withKey(key)] as const);
    await record.push(Object.fromEntries(keys));
    await record.push({ "owp.yaml": requiring });
  }
  for (let n = 0; n * STEPS < COMMITS; n++) {
    const worker = WORKERS[n % WORKERS.length] as string;
    const added = await record.did<{ id: string }>(worker, "add", { title: `Task ${n}` });
    await record.did(worker, "claim", { id: added.result.id });
    await record.did(worker, "done", { id: added.result.id, commit: "0123456" });
  }
  return record;
}

const withKey = (key: string) => (text: string) => `${text}ssh_key: ${key}\n`;

/** The policy, which asks for signatures from here on. */
function requiring(text: string): string {
  const decoded = decode("owp.yaml", new TextEncoder().encode(text));
  if (!decoded.ok) throw new Error(decoded.problem.message);
  const policy = decoded.doc.value as Policy;
  const governance = { ...policy.governance, signatures: { required: true } };
  return encode("owp.yaml", { ...policy, governance }, text);
}

/** All objects of a history, and how many commits are among them. */
async function reachable(store: ObjectStore, tip: Oid): Promise<{ objects: GitObject[]; commits: number }> {
  const objects = new Map<Oid, GitObject>();
  const take = async (oid: Oid): Promise<GitObject> => {
    const [object] = await store.read([oid]);
    if (!object) throw new Error(`${oid} is missing`);
    objects.set(oid, object);
    return object;
  };
  const tree = async (oid: Oid): Promise<void> => {
    if (objects.has(oid)) return;
    for (const entry of decodeTree((await take(oid)).data)) {
      if (isTreeMode(entry.mode)) await tree(entry.oid);
      else if (!objects.has(entry.oid)) await take(entry.oid);
    }
  };
  let commits = 0;
  for (let oid: Oid | undefined = tip; oid !== undefined; commits++) {
    await take(oid);
    const commit = await readCommit(store, oid);
    await tree(commit.tree);
    oid = commit.parents[0];
  }
  return { objects: [...objects.values()], commits };
}
