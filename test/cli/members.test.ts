/** A worker and a member are one noun; codes and keys on the command line. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { run, type World } from "./support.ts";

const owp = (argv: string[], world: World = {}) => run(argv, { commands, ...world });
const verbs = (noun: string): string[] =>
  commands
    .filter(({ name }) => name.startsWith(`${noun} `))
    .map(({ name }) => name.slice(noun.length + 1))
    .sort();

const dir = mkdtempSync(join(tmpdir(), "owp-member-cli-"));
execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "ada", "-f", join(dir, "key")]);
const line = readFileSync(join(dir, "key.pub"), "utf8");
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("owp member and owp worker are one noun", () => {
  test("with the same verbs, the old ones and the new", () => {
    expect(verbs("member")).toEqual(verbs("worker"));
    expect(verbs("member")).toEqual(expect.arrayContaining(["register", "list", "edit", "invite", "rotate"]));
  });

  test.each(["show", "list", "pause", "retire"])("owp member %s runs the one operation", async (verb) => {
    const [one, other] = [await owp(["member", verb]), await owp(["worker", verb])];
    expect(one.seen.map(({ name }) => name)).toEqual([`worker ${verb}`]);
    expect(one.seen.map(({ input }) => input)).toEqual(other.seen.map(({ input }) => input));
  });

  test("the other way too, and --json says which command ran", async () => {
    const ran = await owp(["worker", "revoke", "k3f9", "--json"], {
      answer: () => ({ result: { id: "iv_1", status: "revoked" } }),
    });
    expect(ran.seen[0]).toMatchObject({ name: "member revoke", input: { id: "k3f9" } });
    expect(JSON.parse(ran.out)).toMatchObject({ command: "member revoke" });
  });

  test("help speaks as it was asked", async () => {
    const { out } = await owp(["member", "register", "--help"]);
    expect(out).toContain("Usage  owp member register [name]");
    expect(out).toContain("--invite <invite>");
    expect((await owp(["help", "member"])).out).toContain("owp member pause [name]");
    expect((await owp(["help", "worker"])).out).toContain("owp worker invite");
  });

  test("the list of commands has each once", async () => {
    const { out } = await owp(["--help"]);
    expect(out).toMatch(/^ {2}member +invite, invites, revoke, rotate$/m);
    expect(out).toMatch(/^ {2}worker +(?!.*invite)/m);
  });

  test("did-you-mean knows both", async () => {
    expect((await owp(["member", "regster"])).err).toContain("owp member register");
    expect((await owp(["worker", "invits"])).err).toContain("owp worker invites");
    expect((await owp(["membr", "list"])).err).toContain("owp member");
  });

  test("completion knows both", async () => {
    const words = async (...typed: string[]) => (await owp(["__complete", "--", ...typed])).out;
    expect(await words("member", "re")).toMatch(/register[\s\S]*revoke|revoke[\s\S]*register/);
    expect(await words("worker", "inv")).toContain("invites");
  });
});

describe("--ssh-key", () => {
  const given = async (...argv: string[]) => {
    const ran = await owp(argv, { answer: () => ({ result: { name: "ada", former: 0 } }) });
    return (ran.seen[0]?.input as { ssh_key?: string } | undefined)?.ssh_key ?? ran.err;
  };

  test.each([
    ["the line itself", line.trim()],
    ["the path of its file", join(dir, "key.pub")],
  ])("takes %s", async (_name, typed) => {
    for (const argv of [
      ["member", "rotate"],
      ["member", "register"],
    ])
      expect((await given(...argv, "--ssh-key", typed)).trim()).toBe(line.trim());
  });

  test("names a file that is not there", async () => {
    const ran = await owp(["member", "rotate", "--ssh-key", "nowhere.pub"]);
    expect([ran.code, ran.seen]).toEqual([2, []]);
    expect(ran.err).toContain("nowhere.pub cannot be read: it is not there");
  });

  test("is asked for by rotate", async () => {
    expect(await owp(["member", "rotate"])).toMatchObject({ code: 2, seen: [] });
  });
});

test("C07 a hash is nothing that people type", async () => {
  for (const argv of [
    ["member", "invite", "--code-hash", "x"],
    ["member", "register", "--invite-hash", "x"],
  ])
    expect(await owp(argv)).toMatchObject({ code: 2, seen: [] });
});
