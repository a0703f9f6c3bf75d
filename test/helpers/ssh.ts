/** Keys and signatures, made by ssh-keygen itself, and a quick signer beside it. */
import { spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Signer } from "../../src/engine/ports.ts";

export interface Key {
  /** The private half; the public one has .pub behind it. */
  file: string;
  /** The public half: `type base64`. */
  line: string;
}

export function sshKeygen(args: readonly string[], input?: Uint8Array) {
  const done = spawnSync("ssh-keygen", args, { input, encoding: "utf8" });
  if (done.error) throw done.error;
  return done;
}

/** A key without a passphrase, in a folder, under a name. */
export function newKey(dir: string, name: string, type = "ed25519", bits?: string): Key {
  const file = join(dir, name);
  const size = bits === undefined ? [] : ["-b", bits];
  const done = sshKeygen(["-q", "-t", type, ...size, "-N", "", "-C", `${name} of a test`, "-f", file]);
  if (done.status !== 0) throw new Error(done.stderr);
  const line = readFileSync(`${file}.pub`, "utf8").split(" ", 2).join(" ");
  return { file, line };
}

/** The armoured signature over a payload. */
export function signWith({ file }: Key, payload: Uint8Array, namespace = "git"): string {
  const done = sshKeygen(["-Y", "sign", "-n", namespace, "-f", file], payload);
  if (done.status !== 0) throw new Error(done.stderr);
  return done.stdout;
}

/** A signer without a process, for many commits; ssh-signature.test.ts holds it to ssh-keygen. */
export function quickSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const x = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const blob = wire("ssh-ed25519", x);
  return {
    key: `ssh-ed25519 ${blob.toString("base64")}`,
    sign: async (commit) => {
      const digest = createHash("sha512").update(commit).digest();
      const message = Buffer.concat([Buffer.from("SSHSIG"), wire("git", "", "sha512", digest)]);
      return armoured(blob, wire("ssh-ed25519", sign(null, message, privateKey)));
    },
  };
}

/** A signature in git's namespace, as it stands in a commit. */
export function armoured(key: Buffer, signature: Buffer): string {
  const all = Buffer.concat([Buffer.from("SSHSIG\0\0\0\u0001"), wire(key, "git", "", "sha512", signature)]);
  const lines = all.toString("base64").match(/.{1,70}/g) ?? [];
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join("\n")}\n-----END SSH SIGNATURE-----\n`;
}

/** OpenSSH's strings: each with its length before it. */
export function wire(...values: (string | Buffer)[]): Buffer {
  return Buffer.concat(
    values.flatMap((value) => {
      const bytes = Buffer.from(value as string);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}
