/** Signatures of git, held to ssh-keygen and to git itself, in both directions. */
import { spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  canonicalKey,
  signerOf,
  splitSignature,
  verifySsh,
  withSignature,
} from "../../src/engine/ssh-signature.ts";
import { git, tempDir } from "../helpers/git.ts";
import { armoured, newKey, quickSigner, signWith, sshKeygen, wire } from "../helpers/ssh.ts";

const dir = tempDir("owp-ssh");
const TYPES: [type: string, bits?: string][] = [
  ["ed25519"],
  ["rsa", "2048"],
  ["ecdsa", "256"],
  ["ecdsa", "384"],
  ["ecdsa", "521"],
];
const PAYLOAD = Buffer.from("tree 1\nauthor ada\n\nhello ☃\n");

describe.each(TYPES)("a key of type %s %s", (type, bits) => {
  const key = newKey(dir, `${type}${bits ?? ""}`, type, bits);

  test("what ssh-keygen signs is its key's", () => {
    // The numbers of a signature have leading zeros now and then.
    for (let n = 0; n < 8; n++) {
      const payload = Buffer.concat([PAYLOAD, Buffer.from(`${n}`)]);
      expect(verifySsh(signWith(key, payload), payload)).toEqual({ key: key.line });
    }
  });

  test("nothing else is", () => {
    const signature = signWith(key, PAYLOAD);
    expect(verifySsh(signature, Buffer.from("another"))).toEqual({
      fault: "its signature does not fit what it signs",
    });
    expect(verifySsh(signWith(key, PAYLOAD, "file"), PAYLOAD)).toEqual({
      fault: "its signature is for file, not for git",
    });
    const bytes = Buffer.from(signature.split("\n").slice(1, -2).join(""), "base64");
    for (let at = 0; at < bytes.length; at += 7) {
      const bad = Buffer.from(bytes);
      bad[at] = (bad[at] as number) ^ 0x10;
      const lines = bad.toString("base64");
      const armoured = `-----BEGIN SSH SIGNATURE-----\n${lines}\n-----END SSH SIGNATURE-----\n`;
      const said = verifySsh(armoured, PAYLOAD);
      expect("key" in said && said.key === key.line).toBe(false);
    }
    for (const cut of [20, 100, signature.length - 40])
      expect(verifySsh(signature.slice(0, cut), PAYLOAD)).toHaveProperty("fault");
  });

  test("a commit that git signs, and one that git verifies", () => {
    const repo = join(tempDir(), "repo");
    git(dir, "init", "--quiet", repo);
    const config = ["-c", "gpg.format=ssh", "-c", `user.signingkey=${key.file}`];
    git(repo, ...config, "commit", "--quiet", "-S", "--allow-empty", "-m", "héllo\n\nOwp-Op: x");
    expect(signerOf(raw(repo, "HEAD"))).toEqual({ key: key.line });

    git(repo, "commit", "--quiet", "--allow-empty", "-m", "by hand");
    const plain = raw(repo, "HEAD");
    expect(signerOf(plain)).toBeUndefined();
    const signed = withSignature(plain, signWith(key, plain));
    expect(splitSignature(signed)?.payload.equals(plain)).toBe(true);
    const file = join(dir, "commit");
    writeFileSync(file, signed);
    const oid = git(repo, "hash-object", "-t", "commit", "-w", file);
    const allowed = join(dir, "allowed");
    writeFileSync(allowed, `ada ${key.line}\n`);
    const done = spawnSync("git", ["-c", `gpg.ssh.allowedSignersFile=${allowed}`, "verify-commit", oid], {
      cwd: repo,
      encoding: "utf8",
    });
    expect([done.status, done.stderr]).toEqual([0, expect.stringContaining("Good")]);
  });
});

test("the quick signer of other tests signs as ssh-keygen does", async () => {
  const { key, sign } = quickSigner();
  const [allowed, signature] = [join(dir, "quick-allowed"), join(dir, "quick.sig")];
  writeFileSync(allowed, `ada ${key}\n`);
  const said = await sign(PAYLOAD);
  if (typeof said !== "string") throw new Error(said.message);
  writeFileSync(signature, said);
  const args = ["-Y", "verify", "-f", allowed, "-I", "ada", "-n", "git", "-s", signature];
  expect(sshKeygen(args, PAYLOAD).status).toBe(0);
  expect(verifySsh(said, PAYLOAD)).toEqual({ key });
});

test("a key on a token: ssh-keygen agrees, whatever the token's flags say", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const x = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const type = "sk-ssh-ed25519@openssh.com";
  const blob = wire(type, x, "ssh:");
  const hash = (data: Uint8Array) => createHash("sha256").update(data).digest();
  const made = (flags: number) => {
    const message = Buffer.concat([
      Buffer.from("SSHSIG"),
      wire("git", "", "sha512", createHash("sha512").update(PAYLOAD).digest()),
    ]);
    const behind = Buffer.from([flags, 0, 0, 0, 7]);
    const raw = sign(null, Buffer.concat([hash(Buffer.from("ssh:")), behind, hash(message)]), privateKey);
    const signature = Buffer.concat([wire(type, raw), behind]);
    return armoured(blob, signature);
  };
  const line = `${type} ${blob.toString("base64")}`;
  const oracle = (armoured: string) => {
    const [allowed, signature] = [join(dir, "sk-allowed"), join(dir, "sk.sig")];
    writeFileSync(allowed, `ada ${line}\n`);
    writeFileSync(signature, armoured);
    return (
      sshKeygen(["-Y", "verify", "-f", allowed, "-I", "ada", "-n", "git", "-s", signature], PAYLOAD)
        .status === 0
    );
  };
  for (const flags of [0, 1, 5])
    expect([verifySsh(made(flags), PAYLOAD), oracle(made(flags))]).toEqual([{ key: line }, true]);
  expect(verifySsh(made(1), Buffer.from("another"))).toHaveProperty("fault");
});

describe("a line of a public key", () => {
  const key = newKey(dir, "line", "ed25519");
  test.each([
    ["with a comment", `${key.line} ada@box\n`, key.line],
    ["without", key.line, key.line],
    ["of another type than its bytes", key.line.replace("ssh-ed25519", "ssh-rsa"), undefined],
    ["cut off", key.line.slice(0, -8), undefined],
    ["a private key", readFileSync(key.file, "utf8"), undefined],
    ["nothing", "", undefined],
    ["a type that no one knows", "ssh-dss AAAAB3NzaC1kc3M=", undefined],
  ])("%s", (_name, line, is) => expect(canonicalKey(line)).toBe(is));
});

test("a signature of another kind, and two of them, count as none that fits", () => {
  const repo = join(tempDir(), "repo");
  git(dir, "init", "--quiet", repo);
  git(repo, "commit", "--quiet", "--allow-empty", "-m", "x");
  const plain = raw(repo, "HEAD");
  const pgp = withSignature(plain, "-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n");
  expect(signerOf(pgp)).toEqual({ fault: "its signature is not one of ssh" });
  const key = newKey(dir, "twice", "ed25519");
  const once = withSignature(plain, signWith(key, plain));
  expect(signerOf(withSignature(once, signWith(key, once)))).toHaveProperty("fault");
});

const raw = (repo: string, revision: string): Buffer =>
  spawnSync("git", ["cat-file", "commit", revision], { cwd: repo }).stdout;
