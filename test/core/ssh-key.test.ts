import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { readPublicKey } from "../../src/core/ssh-key.ts";

const dir = mkdtempSync(join(tmpdir(), "owp-keys-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let count = 0;
function made(type: string, bits?: number): { line: string; secret: string } {
  const file = join(dir, `key-${count++}`);
  const size = bits ? ["-b", String(bits)] : [];
  execFileSync("ssh-keygen", ["-q", "-t", type, ...size, "-N", "", "-C", "ada at home", "-f", file]);
  return { line: readFileSync(`${file}.pub`, "utf8"), secret: readFileSync(file, "utf8") };
}
const why = (text: string): string => {
  const read = readPublicKey(text);
  return read.ok ? "ok" : read.why;
};
const blob = (...fields: (string | Uint8Array)[]): string =>
  Buffer.concat(
    fields.flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(field.length);
      return [length, Buffer.from(field)];
    }),
  ).toString("base64");
const ED = blob("ssh-ed25519", new Uint8Array(32).fill(7));

describe("C01 a public key", () => {
  it.each([
    ["ed25519", undefined],
    ["ecdsa", 256],
    ["ecdsa", 384],
    ["ecdsa", 521],
    ["rsa", 2048],
  ] as const)("of type %s %s as ssh-keygen writes it, without its comment", (type, bits) => {
    const { line } = made(type, bits);
    expect(readPublicKey(line)).toEqual({ ok: true, key: line.split(" ", 2).join(" ") });
    expect(readPublicKey(`# mine\n  ${line.trim()}  \r\n`)).toMatchObject({ ok: true });
  });

  it.each([
    ["nothing", "", "it is empty"],
    ["a word", "hello", "it begins with none of"],
    ["a type alone", "ssh-ed25519", "no base64"],
    ["an old type", `ssh-dss ${ED}`, "it begins with none of"],
    ["options before it", `no-pty ssh-ed25519 ${ED}`, "it begins with none of"],
    ["two keys", `ssh-ed25519 ${ED}\nssh-ed25519 ${ED}`, "more than one line"],
    ["no base64", "ssh-ed25519 AAA*", "no base64"],
    ["another type inside", `ssh-rsa ${ED}`, "another type"],
    ["a key that is cut off", `ssh-ed25519 ${ED.slice(0, -4)}`, "cut off"],
    ["a few bytes", "ssh-ed25519 AAAA", "cut off"],
    ["something behind it", `ssh-ed25519 ${blob("ssh-ed25519", new Uint8Array(32), "x")}`, "not of the form"],
    ["31 bytes", `ssh-ed25519 ${blob("ssh-ed25519", new Uint8Array(31))}`, "too short"],
    ["33 bytes", `ssh-ed25519 ${blob("ssh-ed25519", new Uint8Array(33))}`, "too long"],
    [
      "1024 bits",
      `ssh-rsa ${blob("ssh-rsa", new Uint8Array([1, 0, 1]), new Uint8Array(129))}`,
      "less than 2048 bits",
    ],
    ["a name of an object's own", `constructor ${ED}`, "it begins with none of"],
  ])("is not %s", (_name, text, said) => expect(why(text)).toContain(said));

  it("has one line: bits of the last character that count for nothing are refused", () => {
    expect(ED.endsWith("c=")).toBe(false);
    const padded = blob("sk-ssh-ed25519@openssh.com", new Uint8Array(32), "ssh:");
    expect(padded).toMatch(/[^=]==?$/);
    const at = padded.indexOf("=") - 1;
    const other = String.fromCharCode((padded.charCodeAt(at) as number) + 1);
    expect(why(`sk-ssh-ed25519@openssh.com ${padded}`)).toBe("ok");
    expect(why(`sk-ssh-ed25519@openssh.com ${padded.slice(0, at)}${other}${padded.slice(at + 1)}`)).toContain(
      "does not end",
    );
  });

  it.each([["ed25519"], ["rsa"]])(
    "that is a private one (%s) is refused without a character of it",
    (type) => {
      const { secret } = made(type === "rsa" ? "rsa" : "ed25519", type === "rsa" ? 3072 : undefined);
      for (const text of [secret, secret.split("\n").slice(1, -2).join("\n"), secret.replaceAll("\n", "")]) {
        const read = readPublicKey(text);
        expect(read).toMatchObject({ ok: false, isPrivate: true });
        for (const line of secret.split("\n").filter((one) => one.length > 20 && !one.startsWith("-")))
          expect(JSON.stringify(read)).not.toContain(line.slice(0, 12));
      }
    },
  );

  it("never throws, and says of no text what it holds", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String().map((text) => `ssh-ed25519 ${text}`),
        ),
        (text) => {
          const read = readPublicKey(text);
          if (read.ok) expect(read.key).toMatch(/^(ssh|ecdsa|sk)-[A-Za-z0-9@.-]+ [A-Za-z0-9+/=]+$/);
        },
      ),
    );
  });
});
