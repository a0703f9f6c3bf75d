/** `owp object check`: hashes the content that digests vouch for, where it lies in the checkout or in the record (B69). */
import { createHash } from "node:crypto";
import { createReadStream, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { refuse } from "../../core/refusal.ts";
import type { CheckedDigest, Claim, ObjectsChecked, ObjectsClaimed } from "../../domain/objects/check.ts";
import { readPath } from "../../engine/tree.ts";
import type { RecordHub } from "../hub.ts";
import type { Service } from "../services.ts";

/** result: ObjectsChecked; a refusal with the same as data where a digest differs. */
export const runObjectCheck: Service = async (hub, input, op, options) => {
  const outcome = await hub.operate("object check", input, op, options);
  if (!outcome.ok) return outcome;
  const { claims } = outcome.result as ObjectsClaimed;
  const digests: CheckedDigest[] = [];
  for (const claim of claims) digests.push(await check(hub, claim));
  const count = (verdict: CheckedDigest["verdict"]) =>
    digests.filter((one) => one.verdict === verdict).length;
  const result: ObjectsChecked = {
    checked: digests.length,
    ok: count("ok"),
    unverified: count("elsewhere") + count("unknown"),
    digests,
  };
  const wrong = digests.filter(({ verdict }) => verdict === "differs");
  const [first] = wrong;
  if (!first) return { ...outcome, result };
  const more = wrong.length > 1 ? `, and ${wrong.length - 1} more` : "";
  return {
    ...refuse(
      "validation_failed",
      `The content of "${first.name}" (${first.id}, ${first.field}) is not what its digest says${more}.`,
      { hint: `owp object show ${first.id}`, data: { ...result } },
    ),
    op,
  };
};

const SHA256 = /^(?:sha256:)?([0-9a-f]{64})$/i;

async function check(hub: RecordHub, claim: Claim): Promise<CheckedDigest> {
  const { kind, id, field, name, digest } = claim;
  const said = { kind, id, field, name, digest };
  const wanted = SHA256.exec(digest)?.[1]?.toLowerCase();
  if (wanted === undefined) return { ...said, verdict: "unknown" };
  const found = await contentOf(hub, claim, wanted);
  if (!found) return { ...said, verdict: "elsewhere" };
  const { at, actual } = found;
  return actual === wanted
    ? { ...said, verdict: "ok", at }
    : { ...said, verdict: "differs", at, actual: `sha256:${actual}` };
}

const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function contentOf(
  hub: RecordHub,
  { uri, inline }: Claim,
  wanted: string,
): Promise<Required<Pick<CheckedDigest, "at" | "actual">> | undefined> {
  if (inline !== undefined) {
    // Small texts stand there as they are, anything else in base64: either may be what was hashed.
    const hashes = [hashOf(Buffer.from(inline)), hashOf(Buffer.from(inline, "base64"))];
    return { at: "inline", actual: hashes.find((hash) => hash === wanted) ?? (hashes[0] as string) };
  }
  const path = uri === undefined ? undefined : pathIn(uri);
  if (path === undefined) return undefined;
  const { repository, view, store } = hub.parts;
  const file = repository?.toplevel ? fileBelow(repository.toplevel, path) : undefined;
  if (file !== undefined) return { at: "checkout", actual: await hashFile(file) };
  const bytes = view.tree === null ? undefined : await readPath(store, view.tree, path);
  return bytes && { at: "record", actual: hashOf(bytes) };
}

/** A path in the repository; undefined for an address and for an absolute path. */
function pathIn(uri: string): string | undefined {
  const path = uri.replace(/^\.\//, "");
  const isAddress = /^[A-Za-z][A-Za-z0-9+.-]*:/.test(path);
  return isAddress || path.startsWith("/") ? undefined : path;
}

/** The file at a path, through links too, as long as it lies below the folder. */
function fileBelow(folder: string, path: string): string | undefined {
  try {
    const real = realpathSync(join(folder, path));
    return real.startsWith(realpathSync(folder) + sep) && statSync(real).isFile() ? real : undefined;
  } catch {
    return undefined;
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
