/** Which content the record vouches for by a digest: `owp object check` hashes what of it lies here (B43, B69). */
import { readDocs } from "../../core/docs.ts";
import type { Plan } from "../../core/operation.ts";
import { type ObjectKind, pathOf } from "../../core/paths.ts";
import { refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Artifact, ContextPacket, ObjectCheckInput } from "../../generated/types.ts";
import { findObject } from "./find.ts";
import { wordOfKind } from "./words.ts";

/** One digest, and where the content that it is of should be. */
export interface Claim {
  kind: "ContextPacket" | "Artifact";
  id: string;
  /** For instance `inputs.documents[0]`. */
  field: string;
  /** What people call it. */
  name: string;
  digest: string;
  uri?: string;
  inline?: string;
}

export interface ObjectsClaimed {
  claims: Claim[];
}

/** What whoever can read files makes of a claim. */
export interface CheckedDigest {
  kind: Claim["kind"];
  id: string;
  field: string;
  name: string;
  /** ok, or differs; elsewhere: the content is not here; unknown: the digest is none that can be computed. */
  verdict: "ok" | "differs" | "elsewhere" | "unknown";
  /** Where the content was found. */
  at?: "inline" | "checkout" | "record";
  /** What it says, and what it is. */
  digest: string;
  actual?: string;
}

export interface ObjectsChecked {
  checked: number;
  ok: number;
  /** Digests whose content is not here, or that are no SHA-256. */
  unverified: number;
  digests: CheckedDigest[];
}

const KINDS: readonly ObjectKind[] = ["ContextPacket", "Artifact"];

export function planObjectCheck(snapshot: Snapshot, input: ObjectCheckInput): Plan<ObjectsClaimed> {
  const ids = input.id === undefined ? allIds(snapshot) : oneId(snapshot, input.id);
  if (!Array.isArray(ids)) return ids;
  const docs = readDocs<ContextPacket | Artifact>(snapshot, ids);
  const claims = [...docs.values()].flatMap(({ value }) =>
    value.kind === "ContextPacket" ? packetClaims(value) : artifactClaims(value),
  );
  return { ok: true, changes: [], result: { claims } };
}

const allIds = (snapshot: Snapshot): string[] =>
  KINDS.flatMap((kind) =>
    [...snapshot.objects(kind)].flatMap((row) => (row.facts.digests ? [pathOf(kind, row.id)] : [])),
  );

function oneId(snapshot: Snapshot, typed: string) {
  const found = findObject(snapshot, typed);
  if (!found.ok) return found;
  const { kind, id } = found;
  if (kind === "ContextPacket" || kind === "Artifact") return [pathOf(kind, id)];
  return refuse("invalid_input", `${wordOfKind(kind)} ${id} holds no digests; packets and artifacts do.`, {
    hint: "owp object check",
    data: { field: "id", kind },
  });
}

function packetClaims({ id, inputs }: ContextPacket): Claim[] {
  const of = { kind: "ContextPacket" as const, id };
  const documents = (inputs?.documents ?? []).map(({ title, uri, digest }, at) => ({
    ...{ ...of, field: `inputs.documents[${at}]`, name: title, uri, digest },
  }));
  const blobs = (inputs?.data_blobs ?? []).map(({ name, uri, inline, digest }, at) => ({
    ...{ ...of, field: `inputs.data_blobs[${at}]`, name, digest },
    ...(uri == null ? {} : { uri }),
    ...(inline == null ? {} : { inline }),
  }));
  return [...documents, ...blobs].flatMap((claim) =>
    claim.digest ? [{ ...claim, digest: claim.digest }] : [],
  );
}

function artifactClaims({ id, title, uri, digest }: Artifact): Claim[] {
  if (!digest) return [];
  return [{ kind: "Artifact", id, field: "digest", name: title, digest, ...(uri ? { uri } : {}) }];
}
