/**
 * Git's ssh signatures, verified in process: a process of ssh-keygen for each commit of a long history would take
 * minutes. The format is OpenSSH's PROTOCOL.sshsig and PROTOCOL.u2f; tests hold it to ssh-keygen itself. Pure.
 */
import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";

/** What a commit's signature comes to. key: the signer's public key, as `type base64`. */
export type Signed = { key: string } | { fault: string };

const NAMESPACE = "git";
const MAGIC = Buffer.from("SSHSIG");
const VERSION = 1;
const BEGIN = "-----BEGIN SSH SIGNATURE-----";
const END = "-----END SSH SIGNATURE-----";
/** Smaller RSA keys are refused by OpenSSH too. */
const RSA_MIN_BITS = 1024;

/** Who signed a commit, by its bytes; undefined: it carries no signature. */
export function signerOf(commit: Uint8Array): Signed | undefined {
  const parts = splitSignature(commit);
  if (!parts) return undefined;
  if (!parts.signature.trimStart().startsWith(BEGIN)) return { fault: "its signature is not one of ssh" };
  return verifySsh(parts.signature, parts.payload);
}

/** An armoured signature over a payload, in git's namespace. Says whose it is, not whether that counts. */
export function verifySsh(armoured: string, payload: Uint8Array): Signed {
  try {
    return verifyParts(readSignature(armoured), payload);
  } catch (error) {
    return { fault: `its signature cannot be read (${(error as Error).message})` };
  }
}

/** A public key as it is compared: the type and the base64 of a line such as ssh-keygen writes; undefined: it is none. */
export function canonicalKey(line: string): string | undefined {
  const [type, base64] = line.trim().split(/\s+/);
  if (!type || !base64) return undefined;
  const blob = Buffer.from(base64, "base64");
  try {
    if (publicKey(blob).type !== type) return undefined;
  } catch {
    return undefined;
  }
  return `${type} ${blob.toString("base64")}`;
}

/** The commit as it was signed, and the armoured signature; undefined where there is none. */
export function splitSignature(commit: Uint8Array): { payload: Buffer; signature: string } | undefined {
  const bytes = Buffer.from(commit.buffer, commit.byteOffset, commit.byteLength);
  const blank = bytes.indexOf("\n\n");
  const headEnd = blank < 0 ? bytes.length : blank + 1;
  const kept: Buffer[] = [];
  const signature: string[] = [];
  let inside = false;
  for (let at = 0; at < headEnd; ) {
    const next = bytes.indexOf(0x0a, at) + 1 || bytes.length;
    const line = bytes.subarray(at, next);
    const isContinued = line[0] === 0x20;
    if (!isContinued) inside = line.subarray(0, 7).equals(HEADER);
    if (inside) signature.push(line.toString("latin1", isContinued ? 1 : 7));
    else kept.push(line);
    at = next;
  }
  if (signature.length === 0) return undefined;
  return { payload: Buffer.concat([...kept, bytes.subarray(headEnd)]), signature: signature.join("") };
}

/** The commit with a signature over it, where git looks for one: after the committer, before the message. */
export function withSignature(commit: Uint8Array, armoured: string): Buffer {
  const bytes = Buffer.from(commit.buffer, commit.byteOffset, commit.byteLength);
  const headEnd = bytes.indexOf("\n\n") + 1;
  const lines = armoured.trimEnd().split("\n").join("\n ");
  return Buffer.concat([
    bytes.subarray(0, headEnd),
    Buffer.from(`gpgsig ${lines}\n`),
    bytes.subarray(headEnd),
  ]);
}

const HEADER = Buffer.from("gpgsig ");

interface Parts {
  key: Buffer;
  namespace: string;
  reserved: Buffer;
  hash: string;
  signature: Buffer;
}

function readSignature(armoured: string): Parts {
  const lines = armoured.trim().split(/\r?\n/);
  if (lines[0] !== BEGIN || lines.at(-1) !== END) throw new Error("it is cut off");
  const base64 = lines.slice(1, -1).join("");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw new Error("it is no base64");
  const read = new Reader(Buffer.from(base64, "base64"));
  if (!read.bytes(MAGIC.length).equals(MAGIC) || read.uint32() !== VERSION) throw new Error("no SSHSIG 1");
  const parts: Parts = {
    key: read.string(),
    namespace: read.string().toString(),
    reserved: read.string(),
    hash: read.string().toString(),
    signature: read.string(),
  };
  read.end();
  return parts;
}

function verifyParts({ key, namespace, reserved, hash, signature }: Parts, payload: Uint8Array): Signed {
  if (namespace !== NAMESPACE)
    return { fault: `its signature is for ${namespace || "nothing"}, not for git` };
  if (hash !== "sha256" && hash !== "sha512") return { fault: `its signature rests on ${hash}` };
  const digest = createHash(hash).update(payload).digest();
  const signed = Buffer.concat([MAGIC, ...[NAMESPACE, reserved, hash, digest].map(lengthBefore)]);
  const owner = publicKey(key);
  const read = new Reader(signature);
  const algorithm = read.string().toString();
  const raw = read.string();
  const name = `${owner.type} ${key.toString("base64")}`;
  const good = owner.check(algorithm, raw, signed, read);
  read.end();
  return good ? { key: name } : { fault: "its signature does not fit what it signs" };
}

interface PublicKey {
  type: string;
  check(algorithm: string, signature: Buffer, data: Buffer, rest: Reader): boolean;
}

type MakeKey = (blob: Reader, type: string) => PublicKey["check"];

const curve = (jwk: string, size: number, hash: string): MakeKey => {
  return (blob, type) => {
    blob.string();
    const key = ellipticKey(blob.string(), jwk, size);
    return (algorithm, signature, data) =>
      algorithm === type && verify(hash, data, { key, dsaEncoding: "ieee-p1363" }, pointOf(signature, size));
  };
};

/** One row a type of key: reads what stands after the type's name in the key, and answers how a signature is checked. */
const KEYS: Record<string, MakeKey> = {
  "ssh-ed25519": (blob, type) => {
    const key = edwardsKey(blob.string());
    return (algorithm, signature, data) => algorithm === type && verify(null, data, key, signature);
  },
  "ssh-rsa": (blob) => {
    const [e, n] = [blob.mpint(), blob.mpint()];
    if (n.length * 8 < RSA_MIN_BITS) throw new Error("its RSA key is too short");
    const key = createPublicKey({ key: { kty: "RSA", n: url(n), e: url(e) }, format: "jwk" });
    return (algorithm, signature, data) => {
      const hash = { "rsa-sha2-256": "sha256", "rsa-sha2-512": "sha512" }[algorithm];
      return hash !== undefined && verify(hash, data, key, padded(signature, n.length));
    };
  },
  "ecdsa-sha2-nistp256": curve("P-256", 32, "sha256"),
  "ecdsa-sha2-nistp384": curve("P-384", 48, "sha384"),
  "ecdsa-sha2-nistp521": curve("P-521", 66, "sha512"),
  // Keys on a token: they sign the hash of what is signed, with flags and a counter of the token's.
  "sk-ssh-ed25519@openssh.com": (blob, type) => {
    const key = edwardsKey(blob.string());
    const application = blob.string();
    return (algorithm, signature, data, rest) =>
      algorithm === type && verify(null, onToken(application, data, rest), key, signature);
  },
  "sk-ecdsa-sha2-nistp256@openssh.com": (blob, type) => {
    blob.string();
    const key = ellipticKey(blob.string(), "P-256", 32);
    const application = blob.string();
    return (algorithm, signature, data, rest) =>
      algorithm === type &&
      verify(
        "sha256",
        onToken(application, data, rest),
        { key, dsaEncoding: "ieee-p1363" },
        pointOf(signature, 32),
      );
  },
};

/** Keys that were read, by their bytes: a record's commits come from few members. */
const known = new Map<string, PublicKey>();
const KNOWN_LIMIT = 1000;

function publicKey(bytes: Buffer): PublicKey {
  const name = bytes.toString("latin1");
  const seen = known.get(name);
  if (seen) return seen;
  const blob = new Reader(bytes);
  const type = blob.string().toString();
  const make = Object.hasOwn(KEYS, type) ? KEYS[type] : undefined;
  if (!make) throw new Error(`a key of type ${JSON.stringify(type.slice(0, 40))}`);
  const made = { type, check: make(blob, type) };
  blob.end();
  if (known.size >= KNOWN_LIMIT) known.clear();
  known.set(name, made);
  return made;
}

const edwardsKey = (x: Buffer): KeyObject =>
  createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: url(x) }, format: "jwk" });

function ellipticKey(point: Buffer, crv: string, size: number): KeyObject {
  if (point.length !== 1 + 2 * size || point[0] !== 4) throw new Error("no point of its curve");
  const [x, y] = [point.subarray(1, 1 + size), point.subarray(1 + size)];
  return createPublicKey({ key: { kty: "EC", crv, x: url(x), y: url(y) }, format: "jwk" });
}

/** r and s, each as long as the curve's numbers. */
function pointOf(signature: Buffer, size: number): Buffer {
  const read = new Reader(signature);
  const numbers = [read.mpint(), read.mpint()].map((number) => padded(number, size));
  read.end();
  return Buffer.concat(numbers);
}

function onToken(application: Buffer, data: Buffer, rest: Reader): Buffer {
  const flags = rest.bytes(1);
  const counter = rest.bytes(4);
  const hash = (bytes: Buffer) => createHash("sha256").update(bytes).digest();
  return Buffer.concat([hash(application), flags, counter, hash(data)]);
}

const url = (bytes: Buffer): string => bytes.toString("base64url");

function padded(bytes: Buffer, length: number): Buffer {
  if (bytes.length > length) throw new Error("a number that is too large");
  return Buffer.concat([Buffer.alloc(length - bytes.length), bytes]);
}

function lengthBefore(value: string | Buffer): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** OpenSSH's wire format. */
class Reader {
  private at = 0;
  constructor(private readonly data: Buffer) {}

  bytes(length: number): Buffer {
    const end = this.at + length;
    if (end > this.data.length) throw new Error("it ends too early");
    const part = this.data.subarray(this.at, end);
    this.at = end;
    return part;
  }

  uint32(): number {
    return this.bytes(4).readUInt32BE();
  }

  string(): Buffer {
    return this.bytes(this.uint32());
  }

  /** A positive number without the zeros before it. */
  mpint(): Buffer {
    const number = this.string();
    let from = 0;
    while (number[from] === 0) from++;
    return number.subarray(from);
  }

  end(): void {
    if (this.at !== this.data.length) throw new Error("there is more than it needs");
  }
}
