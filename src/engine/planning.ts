/** Plans tickets one after another on one snapshot, as a chain of commits. Knows neither the remote nor the queue. */
import { check, encode } from "../core/codec.ts";
import { readDocs } from "../core/docs.ts";
import type { Change, Ctx, InputCheck, Plan, Planned, Pulse } from "../core/operation.ts";
import { placeOf } from "../core/paths.ts";
import { MAX_FILE_BYTES } from "../core/problem.ts";
import { type Refusal, refuse } from "../core/refusal.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { FileChange, State } from "../core/state.ts";
import { inputRefusal } from "../core/violations.ts";
import { contextOf } from "./context.ts";
import { commitMessage } from "./ledger-entry.ts";
import { encodeCommit, objectOf } from "./objects.ts";
import type { GitObject, ObjectStore, Oid, Ticket } from "./ports.ts";
import type { RecordView } from "./record.ts";
import { editTree } from "./tree.ts";

/** Plan and input check of one operation, loaded when it is first needed. */
export interface Loadable {
  plan: (snapshot: Snapshot, input: never, ctx: Ctx) => Plan;
  check: InputCheck;
  touches: readonly string[];
  creates?: boolean;
  /** Gathers from history what the plan's input is completed with, anew for each snapshot. */
  gather?: (view: RecordView) => Promise<object>;
}

export type LoadOperation = (name: string) => Promise<Loadable | undefined>;

/** A plan with the texts it will write. */
export interface Prepared {
  planned: Planned<unknown>;
  files: { path: string; before?: string; after?: string }[];
  next: State;
}

/** Plans one ticket and encodes its files; a refusal where the operation refuses or the outcome would not validate. */
export async function prepare(
  view: RecordView,
  state: State,
  ticket: Ticket,
  operation: Loadable,
  now: number,
  pulses: readonly Pulse[],
): Promise<Prepared | Refusal> {
  const input = (ticket.input ?? {}) as Record<string, unknown>;
  if (!operation.check(input)) return inputRefusal(operation.check.errors, input);
  const gathered = await operation.gather?.(view);
  return view.loading(() => {
    const planned = operation.plan(state, { ...input, ...gathered } as never, contextOf(ticket, now, pulses));
    if (!planned.ok) return planned;
    // All at once: an import writes thousands of files.
    readDocs(
      state,
      planned.changes.map(({ path }) => path),
    );
    const files: Prepared["files"] = [];
    const changes: FileChange[] = [];
    for (const change of planned.changes) {
      const problem = state.problems.get(change.path);
      if (problem && change.stands === undefined) return brokenTarget(change.path, problem.message);
      const before = state.doc(change.path)?.text ?? change.stands;
      const written = encoded(change, before);
      if ("code" in written) return written;
      if (written.text === before) continue;
      files.push({
        path: change.path,
        ...(before !== undefined && { before }),
        ...(written.text !== undefined && { after: written.text }),
      });
      changes.push(
        written.text === undefined
          ? { path: change.path, gone: true }
          : {
              path: change.path,
              doc: { path: change.path, text: written.text, value: change.value },
              added: before === undefined,
            },
      );
    }
    return { planned, files, next: changes.length > 0 ? state.apply(changes) : state };
  });
}

function encoded(change: Change, before: string | undefined): { text: string | undefined } | Refusal {
  if (change.text !== undefined) return sized(change.path, change.text);
  if (change.value === null) return { text: undefined };
  const place = placeOf(change.path);
  const [first] = place ? check(place.kind, change.value) : [];
  if (first)
    return refuse("invalid_input", `${change.path}: ${first.message}`, {
      data: { path: change.path, rule: first.code },
    });
  return sized(change.path, encode(change.path, change.value, before));
}

/** No one could read a larger file back: it would be a broken one from then on. */
function sized(path: string, text: string): { text: string } | Refusal {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_FILE_BYTES) return { text };
  const message = `${path} would have ${bytes} bytes, and a file of the record holds at most ${MAX_FILE_BYTES} (1 MiB). Nothing was changed.`;
  return refuse("invalid_input", message, {
    hint: "shorten the texts, or keep them in a file of the repository and name it",
    data: { path, bytes, limit: MAX_FILE_BYTES },
  });
}

function brokenTarget(path: string, problem: string): Refusal {
  return refuse(
    "record_invalid",
    `${path} cannot be read (${problem}), so it is not written over. Nothing was changed.`,
    { data: { path } },
  );
}

export interface Link {
  commit: Oid;
  tree: Oid;
  objects: GitObject[];
}

/** The commit of a prepared plan on top of a parent: an operation of the ledger, unless another message is given. */
export async function link(
  store: ObjectStore,
  parent: { commit: Oid | null; tree: Oid | null },
  prepared: Prepared,
  ticket: Ticket,
  now: number,
  message?: string,
): Promise<Link> {
  const { event } = prepared.planned;
  if (!event) throw new Error(`operation ${ticket.name} changes files and names no event`);
  const blobs: GitObject[] = [];
  const edits = prepared.files.map(({ path, after }) => {
    if (after === undefined) return { path, oid: null };
    const blob = objectOf("blob", new TextEncoder().encode(after));
    blobs.push(blob);
    return { path, oid: blob.oid };
  });
  const { tree, objects } = await editTree(store, parent.tree, edits);
  const author = {
    name: event.actor,
    email: ticket.email ?? `${event.actor.replaceAll(/[^a-z0-9.-]/g, ".")}@owp.invalid`,
    at_ms: now,
  };
  const commit = objectOf(
    "commit",
    encodeCommit({
      tree,
      parents: parent.commit ? [parent.commit] : [],
      author,
      committer: author,
      message: message ?? commitMessage(event, ticket.op, ticket.caller.clone),
    }),
  );
  return { commit: commit.oid, tree, objects: [...blobs, ...objects, commit] };
}
