/**
 * Files of the record that belong to no object (a workflow, an editor's settings) are published as an ordinary commit,
 * by the same compare-and-swap as operations: decided on a fresh tip, and again when another clone was first. It has no
 * trailers, so that the ledger reads it as an edit.
 */
import { type Refusal, refuse } from "../../core/refusal.ts";
import { noRecord } from "../../engine/answers.ts";
import { faultRefusal } from "../../engine/git/errors.ts";
import { look } from "../../engine/look.ts";
import { encodeCommit, objectOf } from "../../engine/objects.ts";
import type { GitObject, Oid } from "../../engine/ports.ts";
import { editTree, readPath } from "../../engine/tree.ts";
import type { RecordHub } from "../hub.ts";

/** Rounds against other clones; each of them waits a little longer than the one before. */
const TRIES = 20;
const PAUSE_MS = 50;
const PAUSE_CAP_MS = 4000;

export type ReadRecord = (path: string) => Promise<string | undefined>;

export interface RecordEdit {
  path: string;
  /** null: the file goes. */
  text: string | null;
}

/** Looks at the remote and answers how to read files of the record there. */
export async function lookAtRecord({ parts }: RecordHub): Promise<ReadRecord | Refusal> {
  const seen = await look(parts);
  if (!seen.ok) return seen.refusal;
  return noRecord(parts.view.snapshot, parts.names.branch) ?? recordReader(parts);
}

/** Of the last view. */
export const recordReader =
  ({ store, view }: RecordHub["parts"]): ReadRecord =>
  async (path) => {
    const bytes = await readPath(store, view.tree, path);
    return bytes && new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  };

/** decide: the edits that the record as it stands needs; none: there is nothing to do. Answers the commit. */
export async function publishEdits(
  hub: RecordHub,
  message: string,
  decide: (read: ReadRecord) => Promise<RecordEdit[] | Refusal>,
  deadline: number,
): Promise<{ commit: Oid | null } | Refusal> {
  const { remote, store, clock, view, names, random } = hub.parts;
  let commit: Oid | null = null;
  for (let tries = 1; ; tries++) {
    const read = await lookAtRecord(hub);
    if ("code" in read) return read;
    const edits = await decide(read);
    if ("code" in edits) return edits;
    if (edits.length === 0) return { commit };
    const base = view.snapshot.tip as Oid;
    const made = await makeCommit(hub, base, edits, message);
    commit = made.oid;
    await store.write(made.objects);
    const pushed = await remote.push({ record: { base, tip: made.oid } });
    if (pushed.record === "accepted") return { commit };
    const isRace = pushed.record === "unknown" || ["conflict", "busy"].includes(pushed.fault?.class ?? "");
    if (!isRace && pushed.fault) return faultRefusal(pushed.fault, { ...names, doing: "publish" });
    if (tries >= TRIES || clock.now() >= deadline) return gaveUp(pushed.record === "unknown");
    await clock.sleep(random() * Math.min(PAUSE_CAP_MS, PAUSE_MS * 2 ** tries));
  }
}

/** What an unknown outcome came to shows in what is there. */
const gaveUp = (isUnknown: boolean): Refusal =>
  isUnknown
    ? refuse("unknown_outcome", "The connection was lost while the change of the record was on its way.", {
        hint: "run it again: it changes nothing that is there already",
      })
    : refuse("conflict", "Other clones kept the record busy. Nothing was written.");

async function makeCommit(
  { parts: { store, view, caller, email, clock } }: RecordHub,
  base: Oid,
  edits: readonly RecordEdit[],
  message: string,
): Promise<{ oid: Oid; objects: GitObject[] }> {
  const blobs = edits.map(({ text }) =>
    text === null ? null : objectOf("blob", new TextEncoder().encode(text)),
  );
  const changed = edits.map(({ path }, index) => ({ path, oid: blobs[index]?.oid ?? null }));
  const { tree, objects } = await editTree(store, view.tree, changed);
  const author = {
    name: caller.name,
    email: email ?? `${caller.name.replaceAll(/[^a-z0-9.-]/g, ".")}@owp.invalid`,
    at_ms: clock.now(),
  };
  const commit = objectOf(
    "commit",
    encodeCommit({ tree, parents: [base], author, committer: author, message }),
  );
  return { oid: commit.oid, objects: [...blobs.filter((blob) => blob !== null), ...objects, commit] };
}
