/** Git's objects as bytes: names, trees, commits and the trailers of a message. Pure; knows no store and no process. */
import { createHash } from "node:crypto";
import type { GitObject, ObjectType, Oid } from "./ports.ts";

/** The tree with no entries. Git knows it everywhere, written or not. */
export const EMPTY_TREE: Oid = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** One name in a tree. */
export interface TreeEntry {
  /** As it stands in the tree: 100644, 100755, 120000 (link), 160000 (submodule), 40000 (tree), or something foreign. */
  mode: string;
  name: string;
  oid: Oid;
  /** The name's bytes, only where they are not UTF-8; so that foreign names survive. */
  raw?: Uint8Array;
}

/** Who made a commit, and when: ms since 1970, whole seconds, 0 where the text is nonsense. */
export interface Signature {
  name: string;
  email: string;
  at_ms: number;
}

/** What a commit says. */
export interface CommitFields {
  tree: Oid;
  parents: Oid[];
  author: Signature;
  committer: Signature;
  message: string;
}

/** The mode of a submodule: its id is a commit of another repository. */
export const SUBMODULE = "160000";

/** True for a SHA-1 object name; checked before an id reaches a command line. */
export const isOid = (text: unknown): text is Oid => typeof text === "string" && /^[0-9a-f]{40}$/.test(text);

/** Whether a tree entry is itself a tree; old tools wrote 040000. */
export const isTreeMode = (mode: string): boolean => mode === "40000" || mode === "040000";

/** The name git gives to an object. */
export function oidOf(type: ObjectType, data: Uint8Array): Oid {
  return createHash("sha1").update(`${type} ${data.length}\0`).update(data).digest("hex");
}

/** An object with its name. */
export function objectOf(type: ObjectType, data: Uint8Array): GitObject {
  return { oid: oidOf(type, data), type, data };
}

/** A blob of a text in UTF-8. */
export const blobOf = (text: string): GitObject => objectOf("blob", Buffer.from(text));

/** The bytes of a tree, in git's order: by bytes, a directory as though its name ended in a slash. */
export function encodeTree(entries: readonly TreeEntry[]): Uint8Array {
  const rows = entries.map((entry) => ({ entry, key: sortKey(entry) }));
  rows.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const parts: Uint8Array[] = [];
  for (const { entry } of rows) {
    parts.push(
      Buffer.from(`${entry.mode} `),
      entry.raw ?? Buffer.from(entry.name),
      ZERO,
      Buffer.from(entry.oid, "hex"),
    );
  }
  return Buffer.concat(parts);
}

/** The entries of a tree in the order in which they stand. Throws where the bytes are no tree. */
export function decodeTree(data: Uint8Array): TreeEntry[] {
  const bytes = asBuffer(data);
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const end = space < 0 ? -1 : bytes.indexOf(0, space);
    if (end < 0 || end + 21 > bytes.length)
      throw new Error("not a git tree: it ends in the middle of an entry");
    const name = bytes.toString("utf8", space + 1, end);
    const entry: TreeEntry = {
      mode: bytes.toString("latin1", at, space),
      name,
      oid: bytes.toString("hex", end + 1, end + 21),
    };
    if (name.includes("\ufffd")) keepBytes(entry, bytes.subarray(space + 1, end));
    entries.push(entry);
    at = end + 21;
  }
  return entries;
}

/** The bytes of a commit. Names and addresses lose what git's format cannot hold; the times are in UTC. */
export function encodeCommit(commit: CommitFields): Uint8Array {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${signatureLine(commit.author)}`,
    `committer ${signatureLine(commit.committer)}`,
  ];
  return Buffer.from(`${lines.join("\n")}\n\n${commit.message.replaceAll("\0", "")}`);
}

/** Reads any commit that git itself accepts: signed, merged, re-encoded or oddly dated ones too. */
export function decodeCommit(data: Uint8Array): CommitFields {
  const bytes = asBuffer(data);
  const blank = bytes.indexOf("\n\n");
  const headers = (blank < 0 ? bytes : bytes.subarray(0, blank)).toString("utf8").split("\n");
  const body = blank < 0 ? Buffer.alloc(0) : bytes.subarray(blank + 2);
  const first = (key: string) => headers.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1);
  const tree = first("tree");
  if (!isOid(tree)) throw new Error("not a git commit: it names no tree");
  return {
    tree,
    parents: headers.filter((line) => /^parent [0-9a-f]{40}$/.test(line)).map((line) => line.slice(7)),
    author: parseSignature(first("author")),
    committer: parseSignature(first("committer")),
    message: decodeText(body, first("encoding")),
  };
}

/**
 * The trailers of a message by git's rules: only in the last paragraph, which must not be the first, and only where
 * every line is a trailer or continues one (or git's own trailers are among them and at most three quarters are prose).
 */
export function parseTrailers(message: string): [key: string, value: string][] {
  const paragraphs = message
    .replaceAll("\r\n", "\n")
    .trimEnd()
    .split(/\n(?:[ \t]*\n)+/);
  if (paragraphs.length < 2) return [];
  const trailers: [string, string][] = [];
  let prose = 0;
  let known = false;
  for (const line of (paragraphs.at(-1) ?? "").split("\n")) {
    const match = /^([A-Za-z0-9-]+)[ \t]*:(.*)$/.exec(line);
    const last = trailers.at(-1);
    if (match?.[1] !== undefined) trailers.push([match[1], (match[2] ?? "").trim()]);
    else if (/^[ \t]/.test(line) && last && prose === 0) last[1] = `${last[1]} ${line.trim()}`.trim();
    else if (line.startsWith("(cherry picked from commit ")) known = true;
    else if (!line.startsWith("#")) prose += 1;
    if (line.startsWith("Signed-off-by: ")) known = true;
  }
  return prose === 0 || (known && trailers.length * 3 >= prose) ? trailers : [];
}

/** A commit message whose last paragraph is exactly the given trailers. Values become single lines. */
export function formatMessage(
  subject: string,
  body: string,
  trailers: readonly (readonly [string, string])[],
): string {
  const text = body.replace(/\r\n?/g, "\n").replaceAll("\0", "").trim();
  const lines = trailers.map(([key, value]) => {
    if (!/^[A-Za-z0-9-]+$/.test(key)) throw new Error(`not a trailer's key: ${JSON.stringify(key)}`);
    return `${key}: ${oneLine(value)}`.trimEnd();
  });
  const parts = [oneLine(subject) || "(no subject)", text, lines.join("\n")];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

const ZERO = Buffer.from([0]);

/** A text on one line: control characters and runs of white space become one space. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
}

function asBuffer(data: Uint8Array): Buffer {
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

/** A string whose order by code units is the order of the name's bytes. */
function sortKey(entry: TreeEntry): string {
  const key = Buffer.from(entry.raw ?? entry.name).toString("latin1");
  return isTreeMode(entry.mode) ? `${key}/` : key;
}

function keepBytes(entry: TreeEntry, bytes: Buffer): void {
  if (!Buffer.from(entry.name).equals(bytes)) entry.raw = Buffer.from(bytes);
}

/** What git strips from both ends of a name, and removes from its middle. */
const CRUD = /^[\s.,:;<>"\\']+|[\s.,:;<>"\\']+$/g;

function signatureLine(signature: Signature): string {
  const clean = (text: string) => oneLine(text.replace(/[<>]/g, "")).replace(CRUD, "");
  const seconds = Number.isFinite(signature.at_ms) ? Math.max(0, Math.floor(signature.at_ms / 1000)) : 0;
  return `${clean(signature.name) || "unknown"} <${clean(signature.email)}> ${seconds} +0000`;
}

function parseSignature(line: string | undefined): Signature {
  const match = /^(.*?)\s*<(.*?)>?[^>]*$/.exec(line ?? "");
  const seconds = Number(/>\s*(\d{1,12})(?:\s|$)/.exec(line ?? "")?.[1] ?? 0);
  return { name: match?.[1]?.trim() ?? "", email: match?.[2]?.trim() ?? "", at_ms: seconds * 1000 };
}

/** A message in the encoding its header names; UTF-8 where that is missing or unknown. */
function decodeText(bytes: Buffer, encoding: string | undefined): string {
  if (encoding === undefined) return bytes.toString("utf8");
  try {
    return new TextDecoder(encoding.trim()).decode(bytes);
  } catch {
    return bytes.toString("utf8");
  }
}
