/** CWOM's objects for tests: whole files from a few words. */
import { OBJECT_PREFIX, type ObjectKind, pathOf } from "../../src/core/paths.ts";
import type {
  Actor,
  Artifact,
  ConstraintSnapshot,
  ContextPacket,
  DoctrineRef,
  Ref,
  Run,
} from "../../src/generated/types.ts";
import { at, type File, HOUR, repo, tid } from "./record.ts";

/** The whole id of an object that people call by these last characters: `oid("Run", "k3f9")`. */
export function oid(kind: ObjectKind, short: string): string {
  if (!/^[0-9a-hjkmnp-tv-z]{4,}$/.test(short)) throw new Error(`${short}: ids have no i, l, o and u`);
  return `${OBJECT_PREFIX[kind]}_${short.padStart(26, "0")}`;
}

export const refTo = (kind: ObjectKind, short: string): Ref => ({ kind, id: oid(kind, short) });
export const issueRef = (short: string): Ref => ({ kind: "Issue", id: tid(short) });
export const repoRef = (slug: string): Ref => ({ kind: "Repo", id: (repo(slug)[1] as { id: string }).id });

export const ADA: Actor = { actor_kind: "agent", actor_id: "ada" };

interface Values {
  ContextPacket: ContextPacket;
  ConstraintSnapshot: ConstraintSnapshot;
  DoctrineRef: DoctrineRef;
  Run: Run;
  Artifact: Artifact;
}

const MADE = { created_at: at(-HOUR) };

/** What stands in each kind unless a test says otherwise; they point to task 0001, run 0001 and repo web. */
const USUAL: { [K in ObjectKind]: (short: string) => Omit<Values[K], "kind" | "id"> } = {
  ContextPacket: (short) => ({
    ...{ for_issue: issueRef("0001"), version: short, summary: `Packet ${short}`, instructions: "Do it." },
    ...MADE,
  }),
  ConstraintSnapshot: () => ({
    ...{ scope: "repo", captured_at: at(-HOUR), owner: ADA },
    constraints: { time: { available_minutes: 30, deadline: null }, risk: { tolerance: "medium" } },
    ...MADE,
  }),
  DoctrineRef: (short) => ({
    ...{ namespace: "house", name: short, version: "1", type: "policy", priority: "must" },
    statement: `Rule ${short}.`,
    ...MADE,
  }),
  Run: () => ({
    ...{ for_issue: issueRef("0001"), repo: repoRef("web"), status: "planned", mode: "agent" },
    executor: { actor: ADA, runtime: "local" },
    ...MADE,
  }),
  Artifact: (short) => ({
    ...{ produced_by: refTo("Run", "0001"), for_issue: issueRef("0001"), type: "pr" },
    ...{ title: `Artifact ${short}`, uri: `https://example.org/pull/${short}` },
    ...MADE,
  }),
};

/** A file of an object; fields replace what it would have otherwise. */
export function object<K extends ObjectKind>(
  kind: K,
  short: string,
  fields: Partial<Omit<Values[K], "kind" | "id">> = {},
): File {
  const id = oid(kind, short);
  return [pathOf(kind, id), { kind, id, ...USUAL[kind](short), ...fields }];
}
