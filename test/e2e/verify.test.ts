/** A server's hook proves what is pushed: forged histories are refused with the reason on the pusher's terminal, honest ones pass. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { decode, encode } from "../../src/core/codec.ts";
import { pathOf, voteId } from "../../src/core/paths.ts";
import { hasBits, seedOf } from "../../src/core/pow.ts";
import { iso } from "../../src/core/time.ts";
import { commitMessage } from "../../src/engine/ledger-entry.ts";
import type { Lease, Policy, Proposal, Task, Vote } from "../../src/generated/types.ts";
import { newUlid } from "../../src/lib/new-id.ts";
import { did, owp, startOwp } from "../helpers/command.ts";
import { bareHub, cloneOf, git, tempDir } from "../helpers/git.ts";
import { owpOnPath } from "../helpers/on-path.ts";
import { type Key, newKey } from "../helpers/ssh.ts";

const PATH = owpOnPath();

/** A repository with the hook, from the first commit of its record on. */
async function guarded(): Promise<{ hub: string; clone: string }> {
  const hub = bareHub();
  await did(hub, ["setup", "hook"]);
  const clone = cloneOf(hub);
  await did(clone, ["init", "--as", "root"], { env: { PATH } });
  return { hub, clone };
}

/** owp in a clone, through the hook. */
const as =
  (clone: string, worker: string, env: NodeJS.ProcessEnv = {}) =>
  async (...args: string[]) =>
    (await did(clone, [...args, "--as", worker], { env: { PATH, ...env } })).result;

interface Forgery {
  /** Files by path: another value, a text, or null: it goes. */
  files: Record<string, object | string | null>;
  /** Trailers of an operation; left out: a commit by hand. */
  says?: { event: string; actor: string; op?: string; tasks?: { id: string; epoch?: number }[] };
  signedBy?: Key;
}

/** Commits on the tip in a checkout, as someone with an editor would, and pushes it. */
function pushForged(hub: string, { files, says, signedBy }: Forgery) {
  const dir = join(tempDir(), "record");
  git(hub, "clone", "--quiet", "--branch", "owp", hub, dir);
  for (const [path, value] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    if (value === null) rmSync(join(dir, path));
    else writeFileSync(join(dir, path), typeof value === "string" ? value : encode(path, value));
  }
  git(dir, "add", "--all");
  const message = says
    ? commitMessage(
        { type: says.event, subject: `${says.actor} forges`, actor: says.actor, tasks: says.tasks ?? [] },
        says.op ?? newUlid(),
        "c10ne001",
      )
    : "by hand\n";
  const config = signedBy ? ["-c", "gpg.format=ssh", "-c", `user.signingkey=${signedBy.file}`] : [];
  git(dir, ...config, "commit", "--quiet", "--no-verify", ...(signedBy ? ["-S"] : []), "--message", message);
  const commit = git(dir, "rev-parse", "HEAD");
  const done = spawnSync("git", ["push", "origin", "HEAD:owp"], {
    cwd: dir,
    encoding: "utf8",
    env: { ...process.env, PATH },
  });
  return { status: done.status, said: done.stdout + done.stderr, commit };
}

/** A file of the record at its tip. */
function valueAt<T>(hub: string, path: string): T {
  const decoded = decode(path, Buffer.from(`${git(hub, "show", `owp:${path}`)}\n`));
  if (!decoded.ok) throw new Error(decoded.problem.message);
  return decoded.doc.value as T;
}

/** Refused, on the pusher's terminal, for this rule alone, with the commit; and the record stands where it stood. */
function expectRefused(hub: string, forgery: Forgery, rule: string, path?: string): void {
  const tip = git(hub, "rev-parse", "owp");
  const { status, said, commit } = pushForged(hub, forgery);
  const lines = said
    .split("\n")
    .filter((line) => line.includes(`(commit ${commit.slice(0, 10)})`) && !line.includes(" warning: "));
  expect([status, lines.map((line) => /^remote: \S+ (\w+) /.exec(line)?.[1]), said]).toEqual([
    1,
    [rule],
    expect.stringContaining("pre-receive hook declined"),
  ]);
  if (path !== undefined) expect(lines[0]).toContain(`remote: ${path}:`);
  expect(git(hub, "rev-parse", "owp")).toBe(tip);
}

describe("work", () => {
  let hub: string;
  let clone: string;
  let id: string;
  beforeAll(async () => {
    ({ hub, clone } = await guarded());
    ({ id } = await as(clone, "root")("add", "first"));
    await as(clone, "ada")("claim", id);
  });

  test("a forged claim: the lease moves to another name under the same epoch", () => {
    const path = pathOf("Lease", id);
    const lease = valueAt<Lease>(hub, path);
    const files = { [path]: { ...lease, worker: "mallory" } };
    expectRefused(hub, { files }, "holder_same_epoch", path);
  });

  test("a forged claim: with the trailers of a claim by another", () => {
    const path = pathOf("Lease", id);
    const { epoch, ...lease } = valueAt<Lease>(hub, path);
    const taken_from = { worker: "ada", epoch, reason: "expired" as const };
    const files = { [path]: { ...lease, epoch: epoch + 1, worker: "mallory", taken_from } };
    const says = { event: "task.taken_over", actor: "mallory", tasks: [{ id, epoch: epoch + 1 }] };
    expectRefused(hub, { files, says }, "takeover_early", path);
  });

  test("a stale-epoch completion: the late holder finishes what was requeued and taken by another", async () => {
    await as(clone, "root")("requeue", id);
    await as(clone, "bob")("claim", id);
    const [task, lease] = [valueAt<Task>(hub, pathOf("Task", id)), valueAt<Lease>(hub, pathOf("Lease", id))];
    expect(lease.epoch).toBeGreaterThan(1);
    const outcome = { epoch: 1, attempt: 1, worker: "ada", at: "2026-01-02T11:00:00Z" };
    const says = { event: "task.done", actor: "ada", tasks: [{ id, epoch: 1 }] };
    const files = {
      [pathOf("Lease", id)]: null,
      [pathOf("Task", id)]: { ...task, status: "done", outcome },
    };
    const { status, said } = pushForged(hub, { files, says });
    expect(status).toBe(1);
    expect(said).toMatch(/^remote: tasks\/\S+ epoch_decreased /m);
  });

  test("an edited packet", async () => {
    const packet = await as(clone, "root")(
      "object",
      "new",
      "context-packet",
      "--issue",
      id,
      "--summary",
      "what is needed",
    );
    const path = pathOf("ContextPacket", packet.id);
    const value = valueAt<object>(hub, path);
    expectRefused(
      hub,
      { files: { [path]: { ...value, summary: "something else" } } },
      "immutable_object",
      path,
    );
  });

  test("honest work passes", async () => {
    await as(clone, "bob")("done", id, "--commit", "0123456");
    expect(git(hub, "log", "-1", "--format=%s", "owp")).toContain("done");
  });
});

describe("decisions", () => {
  let hub: string;
  let clone: string;
  let id: string;
  const path = (worker: string) => pathOf("Vote", voteId(id, worker));
  const vote = (worker: string, value: 1 | -1): Vote => ({
    ...{ kind: "Vote", proposal: id, worker, value },
    at: iso(Date.now()),
  });

  beforeAll(async () => {
    ({ hub, clone } = await guarded());
    for (const name of ["bea", "cal"]) await as(clone, name)("worker", "register");
    ({ id } = await as(clone, "root")("proposal", "new", "--title", "Add a cache", "--repo", "hub"));
    await as(clone, "root")("proposal", "open", id);
    await as(clone, "bea")("vote", id, "up");
  });

  test("a vote in another's name", () => {
    const says = { event: "vote.cast", actor: "bea" };
    expectRefused(hub, { files: { [path("cal")]: vote("cal", -1) }, says }, "not_own", path("cal"));
  });

  test("a rewritten vote, by another and by hand", () => {
    const files = { [path("bea")]: vote("bea", -1) };
    expectRefused(hub, { files, says: { event: "vote.cast", actor: "cal" } }, "not_own", path("bea"));
    expectRefused(hub, { files }, "by_hand", path("bea"));
  });

  test("an acceptance that no votes carry", () => {
    const proposal = valueAt<Proposal>(hub, pathOf("Proposal", id));
    const files = {
      [pathOf("Proposal", id)]: {
        ...proposal,
        status: "accepted",
        decided_at: iso(Date.now()),
        decision: DECISION,
      },
    };
    const says = { event: "proposal.accepted", actor: "root" };
    expectRefused(hub, { files, says }, "verdict_forged", pathOf("Proposal", id));
  });

  test("a reused stamp, where the policy asks for work", () => {
    const policy = valueAt<Policy>(hub, "owp.yaml");
    const governance = { ...policy.governance, pow: { required: true, difficulty: 8 } };
    expect(pushForged(hub, { files: { "owp.yaml": { ...policy, governance } } }).status).toBe(0);
    const base = git(hub, "rev-parse", "owp");
    const op = newUlid();
    const says = { event: "vote.cast", actor: "cal", op };
    const stamped = (value: 1 | -1) => ({ [path("cal")]: withStamp(vote("cal", value), base, op) });
    expectRefused(hub, { files: { [path("cal")]: vote("cal", 1) }, says }, "stamp_wrong", path("cal"));
    expect(pushForged(hub, { files: stamped(1), says })).toMatchObject({ status: 0 });
    expectRefused(hub, { files: stamped(-1), says }, "stamp_reused", path("cal"));
  });
});

const DECISION = { upvotes: 4, downvotes: 0, posterior: "31/32", threshold: 0.95 };

/** A vote with work of eight bits. */
function withStamp(content: Vote, commit: string, op: string): Vote {
  const bound = { actor: content.worker, action: "vote.cast", target: content.proposal, content } as const;
  const seed = seedOf(bound, commit, op);
  let nonce = 0;
  while (!hasBits(seed, String(nonce), 8)) nonce++;
  return {
    ...content,
    pow: { algorithm: "hashcash-sha256", difficulty: 8, commit, op, nonce: String(nonce) },
  };
}

describe("signatures", () => {
  const keys = tempDir("owp-keys");
  const [root, ada, bob] = ["root", "ada", "bob"].map((name) => newKey(keys, name)) as [Key, Key, Key];
  const sign = (key: Key) => ({ OWP_SIGNING_KEY: key.file });
  let hub: string;
  let clone: string;

  beforeAll(async () => {
    ({ hub, clone } = await guarded());
    await as(clone, "ada")("worker", "register");
    const withKey = ([name, key]: [string, Key]) => {
      const path = pathOf("Worker", name);
      return [path, { ...valueAt<object>(hub, path), ssh_key: key.line }] as const;
    };
    const known: [string, Key][] = [
      ["root", root],
      ["ada", ada],
    ];
    expect(pushForged(hub, { files: Object.fromEntries(known.map(withKey)) }).status).toBe(0);
    const policy = valueAt<Policy>(hub, "owp.yaml");
    const governance = { ...policy.governance, signatures: { required: true } };
    expect(pushForged(hub, { files: { "owp.yaml": { ...policy, governance } } }).status).toBe(0);
  });

  test("an unsigned commit, and one that another signed, are refused", () => {
    const policy = valueAt<Policy>(hub, "owp.yaml");
    const files = { "owp.yaml": { ...policy, max_estimate: 7 } };
    expectRefused(hub, { files }, "unsigned");
    expectRefused(hub, { files, signedBy: bob }, "signer_other");
    const says = { event: "worker.edited", actor: "root" };
    const worker = valueAt<object>(hub, pathOf("Worker", "root"));
    const edited = { [pathOf("Worker", "root")]: { ...worker, display: "Root" } };
    expectRefused(hub, { files: edited, says, signedBy: ada }, "signer_other");
    expect(pushForged(hub, { files, signedBy: root }).status).toBe(0);
  });

  test("owp signs, and git verifies", async () => {
    await as(clone, "ada", sign(ada))("add", "one");
    const allowed = join(keys, "allowed");
    writeFileSync(allowed, `ada@example.org ${ada.line}\n`);
    const args = ["-c", `gpg.ssh.allowedSignersFile=${allowed}`, "verify-commit", "owp"];
    const done = spawnSync("git", args, { cwd: hub, encoding: "utf8" });
    expect([done.status, done.stderr]).toEqual([0, expect.stringContaining("Good")]);
  });

  test("without a key owp says so before anything is pushed", async () => {
    const { answer } = await owp(clone, ["add", "two", "--as", "ada", "--json"], { env: { PATH } });
    expect(answer).toMatchObject({
      code: "not_signed",
      error: { hint: expect.stringContaining("owp.signingkey") },
    });
  });

  test("several processes of one clone, each with its own key, at the same time", async () => {
    const runs = Array.from({ length: 6 }, (_, n) => {
      const [name, key] = n % 2 ? (["root", root] as const) : (["ada", ada] as const);
      const args = ["add", `task ${n}`, "--as", name, "--json"];
      return startOwp(clone, args, { env: { PATH, ...sign(key) } }).ended;
    });
    for (const { status, stderr } of await Promise.all(runs)) expect([status, stderr]).toEqual([0, ""]);
    expect(
      (await did(clone, ["validate", "--range", `${git(hub, "rev-parse", "owp~6")}..`])).result.errors,
    ).toBe(0);
  });
});

describe("what was verified is remembered", () => {
  test("a second check looks at what is new alone, and without the memory the answer is the same", async () => {
    const clone = cloneOf(bareHub());
    await did(clone, ["init", "--as", "root"]);
    for (const title of ["one", "two"]) await did(clone, ["add", title, "--as", "root"]);
    const place = join(clone, ".git/owp/verified");
    const tip = (await did(clone, ["status"])).view?.tip ?? "";
    const check = async () => (await did(clone, ["validate", "--range", `..${tip}`])).result;
    const cold = await check();
    const [file = ""] = readdirSync(place);
    const kept = readFileSync(join(place, file));
    expect(kept.length).toBe((cold.commits + 1) * 20);
    expect(await check()).toEqual(cold);
    writeFileSync(join(place, file), kept.subarray(0, 47));
    expect(await check()).toEqual(cold);
    rmSync(place, { recursive: true });
    expect(await check()).toEqual(cold);
    expect(readdirSync(place)).toEqual([file]);
  });
});
