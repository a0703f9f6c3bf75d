/** What an agent meets in a fresh clone, off a terminal: prime, claim, block, resume, done; the brief of a task; PRIME.md. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { did, type Ended, owp } from "../helpers/command.ts";
import { bareHub, cloneOf, git, tempDir } from "../helpers/git.ts";

const AGENT = { env: { CLAUDECODE: "1" } };

const said = ({ stdout, stderr }: Ended): string => stdout + stderr;

/** Changes files of the record with plain git, as a person would. */
function edit(hub: string, files: Record<string, string | Uint8Array>): string {
  const dir = join(tempDir(), "record");
  git("/", "clone", "--quiet", "--branch", "owp", hub, dir);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  }
  git(dir, "add", "--all");
  git(dir, "commit", "--quiet", "-m", "Say it in our words");
  git(dir, "push", "--quiet", "origin", "HEAD:owp");
  return dir;
}

test("prime, claim, block, resume, done: each answer leads to the next", async () => {
  const hub = bareHub();
  const lead = cloneOf(hub);
  await did(lead, ["init", "--as", "lead"]);
  const first = await did(lead, [
    "add",
    "Fix the login",
    "-p",
    "90",
    "-d",
    "It fails.",
    "--accept",
    "a test",
    "--as",
    "lead",
  ]);
  await did(lead, ["add", "Ship it", "--blocked-by", first.result.id, "--as", "lead"]);
  const short = first.result.id.slice(-4) as string;

  const agent = cloneOf(hub);
  const run = (...args: string[]) => owp(agent, args, AGENT);
  const prime = await run("prime");
  expect(prime.stdout).toMatch(
    /you are claude@[^/]+\/clone\. Claim a task[\s\S]*You hold nothing\.\nReady for you:\n- \w{4} Fix the login/,
  );
  expect(prime.stderr).toBe("  next: owp claim\n");
  const claim = await run("claim");
  expect(claim.stdout).toMatch(
    new RegExp(
      `^you are claude@[^/]+/clone, registered with this claim\nclaimed ${short} Fix the login\nepoch 1, attempt 1 of 5, lease ends in 3h 59m|4h`,
    ),
  );
  expect(claim.stdout).toContain("done when: a test\ndescription: It fails.\n");
  expect(claim.stderr).toBe(`  next: owp done ${short} -m "<what was done>"\n`);
  expect(said(await run("prime"))).toMatch(
    /You hold:\n- \w{4} Fix the login \(in progress, lease ends in [\s\S]*next: owp show \w{4} --brief/,
  );
  const block = await run("block", "-m", "needs the password");
  expect(said(block)).toContain("is blocked; it stays yours and frees your capacity");
  expect(block.stderr).toBe(`  next: owp claim\n  next: owp resume ${short}\n`);
  const nothing = await run("claim");
  expect([nothing.status, nothing.stderr]).toEqual([3, expect.stringContaining("next: owp ready --explain")]);
  expect(said(await run("status"))).toContain(`next: owp resume ${short}`);
  expect(said(await run("resume"))).toContain(`goes on; the lease ends in `);
  const done = await run("done", "-m", "cookies are kept", "--commit", "4f2a91c");
  expect(done.stdout).toMatch(/is done \(epoch 1\)\n {2}now free: (\w{4} Ship it)\n {2}next for you: \1\n$/);
  expect(done.stderr).toBe("  next: owp claim\n");
  const next = await run("claim");
  expect(next.stdout).toMatch(
    /claimed \w{4} Ship it\n.*\nbranch .*\nbuilds on: \w{4} Fix the login: cookies are kept \(commit 4f2a91c\)\n/,
  );
  const last = await run("done");
  expect(last.stdout).toContain("nothing more is ready for you");
  expect(said(await run("claim"))).toContain(
    "owp: Nothing to claim: no task is open.\n  next: owp list --all\n",
  );
});

test("show --brief tells who tried before and why it came to nothing, from the commits", async () => {
  const hub = bareHub();
  const clone = cloneOf(hub);
  const as = (name: string, ...args: string[]) => did(clone, [...args, "--as", name]);
  await as("lead", "init");
  const { id } = (await as("lead", "add", "Fix the login", "-d", "word ".repeat(1000))).result;
  await as("ada", "claim");
  await as("ada", "fail", "-m", "the build breaks on arm64\n\nsee the log");
  await as("bob", "claim");
  await as("bob", "note", id, "arm64 needs a newer compiler");
  await as("bob", "release", "-m", "half done on branch login");
  await did(clone, ["claim", "--as", "cy", "--for", "1m"], { env: { OWP_NOW: "-2h" } });
  await as("ada", "claim");

  const text = (await owp(clone, ["show", id, "--brief", "--as", "ada"])).stdout;
  expect(text).toMatch(
    /tried before:\n epoch 1, ada: failed .*: the build breaks on arm64 see the log\n epoch 2, bob: released .*: half done on branch login\n epoch 3, cy: its lease ran out .*: expires_at .* passed/,
  );
  expect(text).toContain("lease: yours (ada), epoch 4, attempt 3 of 5");
  expect(text).toContain(
    `cut short: description (3000 of 5000 characters); all of it: owp show ${id.slice(-4)} --as ada\n`,
  );
  expect(text).toContain("bob, ");
  expect(text).toContain(`owp done ${id.slice(-4)} -m "<what was done>" --as ada: when all of it holds`);

  const { brief } = (await did(clone, ["show", id, "--brief"])).result;
  expect(brief).toMatchObject({
    yours: false,
    more_attempts: false,
    attempts: [
      { epoch: 1, attempt: 1, worker: "ada", ended: "failed" },
      { epoch: 2, worker: "bob", ended: "released", message: "half done on branch login" },
      { epoch: 3, worker: "cy", ended: "expired" },
    ],
  });
  expect((await did(clone, ["show", id, "--brief", "--offline"])).result.brief.attempts).toHaveLength(3);
  expect((await did(clone, ["show", id])).result).not.toHaveProperty("brief");
});

test("PRIME.md on the record replaces the text of prime; a broken one does not, and validate says where", async () => {
  const hub = bareHub();
  const clone = cloneOf(hub);
  await did(clone, ["init", "--as", "lead"]);
  await did(clone, ["add", "Fix the login", "--as", "lead"]);
  const template = await owp(clone, ["prime", "--template"]);
  expect(template.stdout).toMatch(/^<!-- Filled in: \{\{worker\}\} .* -->\n/);
  edit(hub, { "PRIME.md": `${template.stdout}Run npm test before owp done.\n` });
  const ours = await owp(clone, ["prime"], AGENT);
  expect(ours.stdout).toMatch(
    /^Work here is shared through owp[\s\S]*- \w{4} Fix the login[\s\S]*\nRun npm test before owp done\.\n$/,
  );
  expect(ours.stderr).toBe("  next: owp claim\n");
  expect((await owp(clone, ["prime", "--template"])).stdout).toMatch(
    /^Work here [\s\S]*\{\{held\}\}[\s\S]*npm test before owp done\.\n$/,
  );
  expect((await did(clone, ["validate"])).result).toMatchObject({ errors: 0, warnings: 0 });

  const checkout = edit(hub, { "PRIME.md": Buffer.from("# Rules\n{{hold}}\nbell \u0007\n") });
  const fallback = await owp(clone, ["prime"], AGENT);
  expect(fallback.status).toBe(0);
  expect(fallback.stdout).toMatch(/^Work here is shared through owp/);
  expect(fallback.stderr).toContain("owp: warning: PRIME.md:3: the control character U+0007 stands here");
  expect((await did(clone, ["claim"], AGENT)).result.tasks).toHaveLength(1);
  const range = `${git(hub, "rev-parse", "owp~2")}..${git(hub, "rev-parse", "owp~1")}`;
  for (const [dir, ...args] of [[clone], [checkout, "PRIME.md"], [clone, "--range", range]] as const) {
    const checked = await owp(dir, ["validate", ...args]);
    expect([checked.status, checked.stdout]).toEqual([9, expect.stringContaining("PRIME.md:3")]);
  }
  edit(hub, { "PRIME.md": "{{hold}}\n" });
  const odd = await owp(clone, ["prime"], AGENT);
  expect([odd.stdout, odd.stderr]).toEqual([
    "{{hold}}\n",
    expect.stringContaining("owp: warning: PRIME.md:1: {{hold}} is filled in by no one"),
  ]);
});
