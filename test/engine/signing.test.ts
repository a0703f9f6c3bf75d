/** Which commits are signed, by which process and with which key; on the memory ports, and with ssh-keygen itself. */
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { decode, encode } from "../../src/core/codec.ts";
import { signingOf } from "../../src/engine/git/sign.ts";
import type { Signer, Signing } from "../../src/engine/ports.ts";
import { signerOf } from "../../src/engine/ssh-signature.ts";
import type { Policy } from "../../src/generated/types.ts";
import { tempDir } from "../helpers/git.ts";
import { MemoryRecord } from "../helpers/memory-record.ts";
import { newKey, quickSigner } from "../helpers/ssh.ts";

const signing = (signer: Signer, always = false): Signing => ({ always, signer: async () => signer });

/** The same policy, which asks for signatures. */
function requiring(text: string): string {
  const decoded = decode("owp.yaml", new TextEncoder().encode(text));
  if (!decoded.ok) throw new Error(decoded.problem.message);
  const policy = decoded.doc.value as Policy;
  return encode(
    "owp.yaml",
    { ...policy, governance: { ...policy.governance, signatures: { required: true } } },
    text,
  );
}

const noTouch: Signer["sign"] = async () => ({
  ok: false,
  code: "not_signed",
  message: "no touch",
  hint: "",
});

describe("a record whose policy asks for signatures", () => {
  const [root, ada, other] = [quickSigner(), quickSigner(), quickSigner()];
  let record: MemoryRecord;
  const signed = async () => {
    const [object] = await record.remote.store.read([record.tip]);
    return object && signerOf(object.data);
  };

  beforeEach(async () => {
    record = new MemoryRecord();
    await record.did("root", "init", { repo: "web" });
    for (const name of ["ada", "cyd"]) await record.did(name, "worker register", { name });
    const withKey =
      ({ key }: Signer) =>
      (text: string) =>
        `${text}ssh_key: ${key}\n`;
    await record.push({
      "workers/root.yaml": withKey(root),
      "workers/ada.yaml": withKey(ada),
      "owp.yaml": requiring,
    });
  });

  test("a commit is signed with its actor's key, and the history proves it", async () => {
    const from = record.tip;
    record.signing = (worker) => signing(worker === "ada" ? ada : root);
    await record.did("ada", "add", { title: "one" });
    expect(await signed()).toEqual({ key: ada.key });
    await record.did("root", "add", { title: "two" });
    expect(await signed()).toEqual({ key: root.key });
    expect(await record.errorsSince(from)).toEqual([]);
  });

  test.each([
    ["no key to sign with", "ada", (): Signing | undefined => undefined, "names no ssh key"],
    ["another key than the actor's", "ada", () => signing(other), "signs with another key"],
    ["an actor without a key", "cyd", () => signing(other), "has no key of cyd"],
    ["someone new without a key", "eve", () => signing(other), "has no key of eve"],
    ["a signer that fails", "ada", () => signing({ key: ada.key, sign: noTouch }), "no touch"],
  ])("%s: nothing is changed", async (_name, worker, how, says) => {
    const { tip } = record;
    record.signing = how;
    expect(await record.run(worker, "add", { title: "one" })).toMatchObject({
      ok: false,
      code: "not_signed",
      message: expect.stringContaining(says),
    });
    expect(record.tip).toBe(tip);
  });
});

test("where nobody asks, only who signs always does", async () => {
  const record = new MemoryRecord();
  await record.did("root", "init", { repo: "web" });
  const signer = quickSigner();
  const tipSigned = async () => {
    const [object] = await record.remote.store.read([record.tip]);
    return object && signerOf(object.data);
  };
  record.signing = () => signing(signer);
  await record.did("root", "add", { title: "one" });
  expect(await tipSigned()).toBeUndefined();
  record.signing = () => signing(signer, true);
  await record.did("root", "add", { title: "two" });
  expect(await tipSigned()).toEqual({ key: signer.key });
});

describe("the key that git's config names", () => {
  const dir = tempDir("owp-sign");
  const [one, two] = [newKey(dir, "one"), newKey(dir, "two", "ecdsa", "256")];
  const from = (entries: Record<string, string>, env = {}, cwd = dir) =>
    signingOf({ carried: [], entries: Object.entries(entries) }, env, cwd);
  const SSH = { "gpg.format": "ssh" };

  test.each([
    ["git's own", { ...SSH, "user.signingkey": one.file }, {}, one.line, false],
    [
      "git's own, and git signs every commit",
      { ...SSH, "user.signingkey": one.file, "commit.gpgsign": "true" },
      {},
      one.line,
      true,
    ],
    ["its public half", { ...SSH, "user.signingkey": `${one.file}.pub` }, {}, one.line, false],
    ["a path beside the repository", { ...SSH, "user.signingkey": "one" }, {}, one.line, false],
    [
      "owp's before git's",
      { ...SSH, "user.signingkey": one.file, "owp.signingkey": two.file },
      {},
      two.line,
      true,
    ],
    [
      "the environment's before both",
      { "owp.signingkey": one.file },
      { OWP_SIGNING_KEY: two.file },
      two.line,
      true,
    ],
  ])("%s", async (_name, entries, env, key, always) => {
    const found = from(entries, env);
    const signer = await found.signer();
    if ("code" in signer) throw new Error(signer.message);
    expect([signer.key, found.always]).toEqual([key, always]);
    const payload = Buffer.from("tree x\n\nhello\n");
    const signature = await signer.sign(payload);
    const { verifySsh } = await import("../../src/engine/ssh-signature.ts");
    expect(verifySsh(String(signature), payload)).toEqual({ key });
  });

  test.each([
    ["none", {}, "names no ssh key"],
    ["a key of gpg", { "user.signingkey": "0xDEADBEEF", "commit.gpgsign": "true" }, "names no ssh key"],
    ["a file that is not there", { "owp.signingkey": "/nowhere/id" }, "there is no file /nowhere/id"],
    ["a file that holds none", { "owp.signingkey": import.meta.filename }, "cannot read"],
    ["a literal that is none", { "owp.signingkey": "ssh-ed25519 AAAA" }, "holds no public ssh key"],
  ])("%s: a refusal", async (_name, entries, says) => {
    expect(await from(entries).signer()).toMatchObject({
      code: "not_signed",
      message: expect.stringContaining(says),
    });
  });

  test("a public key whose other half no agent has is not signed with", async () => {
    const signer = await from({ "owp.signingkey": `key::${one.line}` }).signer();
    if ("code" in signer) throw new Error(signer.message);
    expect(signer.key).toBe(one.line);
    expect(await signer.sign(Buffer.from("x"))).toMatchObject({ code: "not_signed" });
  });

  test("a program of the user's own", async () => {
    const signer = await from({
      "owp.signingkey": one.file,
      "gpg.ssh.program": join(dir, "no-such"),
    }).signer();
    if ("code" in signer) throw new Error(signer.message);
    expect(await signer.sign(Buffer.from("x"))).toMatchObject({
      message: expect.stringContaining("no-such"),
    });
  });
});
