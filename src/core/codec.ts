/** Files of the record: bytes to values, values to text. One path holds one kind, and its id is the one in the path. */
import { isMap, isScalar, isSeq, type Node } from "yaml";
import { KEY_ORDER } from "../generated/key-order.ts";
import { KINDS, type Kind, placeOf } from "./paths.ts";
import { PRIME_PATH, readPrime } from "./prime-file.ts";
import { type Finding, finding, lineAt, MAX_FILE_BYTES, problemAt } from "./problem.ts";
import type { Doc, Problem } from "./snapshot.ts";
import { schemaViolations, storageViolations, type Violation } from "./validate.ts";
import { editYaml } from "./yaml-edit.ts";
import { parseSafe, readYaml } from "./yaml-safe.ts";
import { renderEntries } from "./yaml-write.ts";

export type Decoded = { ok: true; doc: Doc } | { ok: false; problem: Problem };

/** The field that must say the same as the path. */
const ID_FIELD: Record<Kind, string | undefined> = {
  Policy: undefined,
  Worker: "name",
  Repo: "slug",
  Task: "id",
  Lease: "task",
  JobKey: "id",
  ContextPacket: "id",
  ConstraintSnapshot: "id",
  DoctrineRef: "id",
  Run: "id",
  Artifact: "id",
};
const MAX_VIOLATIONS_TOLD = 3;
const UTF8 = new TextDecoder("utf-8", { fatal: true });

/**
 * A file's text and value, or the first thing that is wrong with it and where. PRIME.md always has a value, which says
 * itself what is wrong with it: no plan must take it for a file that is not there.
 */
export function decode(path: string, bytes: Uint8Array): Decoded {
  if (path === PRIME_PATH)
    return { ok: true, doc: { path, text: new TextDecoder().decode(bytes), value: readPrime(bytes) } };
  const place = placeOf(path);
  if (!place) return { ok: false, problem: problemAt(path, finding("foreign_path")) };
  const text = bytes.length > MAX_FILE_BYTES ? finding("too_large") : textOf(bytes);
  if (typeof text !== "string") return { ok: false, problem: problemAt(path, text) };
  const read = readYaml(text);
  if (!read.ok) return { ok: false, problem: problemAt(path, read.finding) };
  const wrong = judge(place, read.value, text);
  return wrong
    ? { ok: false, problem: problemAt(path, wrong) }
    : { ok: true, doc: { path, text, value: read.value } };
}

/** What keeps a value from being a file of its kind: rules of the schema, and what YAML cannot hold. */
export function check(kind: Kind, value: unknown): Finding[] {
  return [...schemaViolations(kind, value), ...storageViolations(value)].map(({ message }) =>
    finding("schema", undefined, message),
  );
}

/** Answers on which 1-based line of a file a part of its value stands, or the nearest part around it. Reads the text once. */
export function lineFinder(text: string): (at: readonly (string | number)[]) => number {
  const offset = locator(text);
  return (at) => lineAt(text, offset(at.map(String)));
}

/**
 * The text of a file. With the text that it replaces, all that does not change stays byte for byte; without it the keys
 * come in the schema's order under a line that tells editors the schema. Throws on a path that holds no object.
 */
export function encode(path: string, value: object, previousText?: string): string {
  const place = placeOf(path);
  if (!place) throw new Error(`${path} is no path of the record`);
  const { schema } = KINDS[place.kind];
  const order = KEY_ORDER[schema];
  const edited = previousText === undefined ? undefined : editYaml(previousText, value, order);
  if (edited !== undefined) return edited;
  const up = "../".repeat(path.split("/").length - 1);
  return `# yaml-language-server: $schema=${up}.owp/schemas/${schema}.json\n${renderEntries(value, 0, order) || "{}\n"}`;
}

/** The text without a byte order mark; the first line that is not UTF-8 otherwise. */
function textOf(bytes: Uint8Array): string | Finding {
  try {
    return UTF8.decode(bytes);
  } catch {
    let line = 1;
    for (let start = 0; start < bytes.length; line++) {
      const end = bytes.indexOf(10, start);
      try {
        UTF8.decode(bytes.subarray(start, end === -1 ? bytes.length : end));
      } catch {
        break;
      }
      start = end === -1 ? bytes.length : end + 1;
    }
    return finding("not_utf8", line);
  }
}

/** Kind first, then the schema, then the id: each presumes the one before. */
function judge(
  place: { kind: Kind; id: string },
  value: Record<string, unknown>,
  text: string,
): Finding | undefined {
  if (typeof value.kind === "string" && value.kind !== place.kind) {
    const message = `kind: is ${JSON.stringify(value.kind)}, but a ${place.kind} lives at this path`;
    return finding("kind_mismatch", lineAt(text, locator(text)(["kind"])), message);
  }
  const violations = schemaViolations(place.kind, value);
  if (violations.length > 0) return told(violations, text);
  const field = ID_FIELD[place.kind];
  if (field === undefined || value[field] === place.id) return undefined;
  const message = `${field}: is ${JSON.stringify(value[field])}, but the path says ${JSON.stringify(place.id)}`;
  return finding("id_mismatch", lineAt(text, locator(text)([field])), message);
}

/** The first few violations in the order in which they stand in the text. */
function told(violations: Violation[], text: string): Finding {
  const offset = locator(text);
  const placed = violations
    .map(({ at, message }) => ({ at: offset(at), message }))
    .sort((a, b) => a.at - b.at);
  const shown = placed.slice(0, MAX_VIOLATIONS_TOLD).map(({ message }) => message);
  const more = placed.length - shown.length;
  return finding(
    "schema",
    lineAt(text, placed[0]?.at ?? 0),
    `${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}`,
  );
}

/** Answers where in the text a part of its value stands, or the nearest part around it. Reads the text once more. */
function locator(text: string): (at: readonly string[]) => number {
  const parsed = parseSafe(text);
  return (at) => {
    let offset = 0;
    let node: unknown = parsed.ok ? parsed.root : null;
    for (const part of at) {
      const pair = isMap(node)
        ? node.items.find(({ key }) => isScalar(key) && key.value === part)
        : undefined;
      const item = isSeq(node) ? node.items[Number(part)] : pair?.key;
      offset = (item as Node | null | undefined)?.range?.[0] ?? offset;
      node = pair ? pair.value : item;
    }
    return offset;
  };
}
