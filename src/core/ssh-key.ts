/** Public ssh keys as the record has them: one line, `type base64`, perhaps with a comment behind. */

/** Whether a line is that of a key given as `type base64`. */
export const hasKey = (line: string | undefined, key: string): boolean =>
  line !== undefined && line.trim().split(/\s+/, 2).join(" ") === key;

/** Types that git signs with, by the fields of their blob behind the type, in bytes: from and to. */
const TYPES: Readonly<Record<string, readonly (readonly [from: number, to: number])[]>> = {
  "ssh-ed25519": [[32, 32]],
  // An exponent and a modulus; ssh-keygen verifies none of less than 1024 bits, and nobody should trust one of less than 2048.
  "ssh-rsa": [
    [1, 8],
    [257, 2049],
  ],
  "ecdsa-sha2-nistp256": [
    [8, 8],
    [65, 65],
  ],
  "ecdsa-sha2-nistp384": [
    [8, 8],
    [97, 97],
  ],
  "ecdsa-sha2-nistp521": [
    [8, 8],
    [133, 133],
  ],
  "sk-ssh-ed25519@openssh.com": [
    [32, 32],
    [1, 200],
  ],
  "sk-ecdsa-sha2-nistp256@openssh.com": [
    [8, 8],
    [65, 65],
    [1, 200],
  ],
};

export type PublicKey = { ok: true; key: string } | { ok: false; isPrivate: boolean; why: string };

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** Beginnings of private keys in all the forms that tools write: OpenSSH, PEM, PuTTY, and the bare base64 of OpenSSH's. */
const PRIVATE = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY|PuTTY-User-Key-File|b3BlbnNzaC1rZXktdj/;

/** Reads what people give as a public key: one line, a comment behind it is left out. What is wrong is told without a character of it. */
export function readPublicKey(text: string): PublicKey {
  if (PRIVATE.test(text))
    return {
      ok: false,
      isPrivate: true,
      why: "it is a private key, which must never leave your machine; the public one stands in the file that ends in .pub",
    };
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const [line = ""] = lines;
  if (lines.length !== 1) return no(lines.length === 0 ? "it is empty" : "it has more than one line");
  const [type = "", base64 = ""] = line.trim().split(/\s+/);
  if (!Object.hasOwn(TYPES, type)) return no(`it begins with none of ${Object.keys(TYPES).join(", ")}`);
  if (base64.length % 4 !== 0 || !BASE64.test(base64)) return no("what stands behind its type is no base64");
  const bytes = atob(base64);
  // The last character may carry bits that count for nothing: one key would have several lines.
  if (btoa(bytes) !== base64) return no("its base64 does not end as it should");
  const why = blobFault(
    type,
    Uint8Array.from(bytes, (char) => char.charCodeAt(0)),
  );
  return why === undefined ? { ok: true, key: `${type} ${base64}` } : no(why);
}

const no = (why: string): PublicKey => ({ ok: false, isPrivate: false, why });

/** The blob holds its type and then so many fields, each with its length in four bytes before it (RFC 4253, 6.6). */
function blobFault(type: string, blob: Uint8Array): string | undefined {
  const fields: Uint8Array[] = [];
  for (let at = 0; at < blob.length; ) {
    const length = at + 4 > blob.length ? Number.NaN : new DataView(blob.buffer).getUint32(at);
    if (!(at + 4 + length <= blob.length)) return "its base64 is cut off";
    fields.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  const [said, ...rest] = fields;
  if (said === undefined || String.fromCharCode(...said.subarray(0, 64)) !== type)
    return "its base64 is of another type than it says";
  const sizes = TYPES[type] ?? [];
  if (rest.length !== sizes.length) return "its base64 is not of the form of its type";
  const short = sizes.find(([from], at) => (rest[at]?.length ?? 0) < from);
  if (short) return type === "ssh-rsa" ? "it has less than 2048 bits" : "its base64 is too short";
  return sizes.some(([, to], at) => (rest[at]?.length ?? 0) > to) ? "its base64 is too long" : undefined;
}
