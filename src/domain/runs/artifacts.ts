/** Proof of work as artifacts of a run (CWOM 4.7; FEATURES B67, B68, B74): added once each, never taken away. */
import { readDocs } from "../../core/docs.ts";
import type { Change, Ctx } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { Artifact, ArtifactNote, Run } from "../../generated/types.ts";
import { clip } from "../tasks/find.ts";

/** `report=docs/report.md`, which the input's schema has looked at. */
export function noteOf(text: string, at: string): ArtifactNote {
  const cut = text.indexOf("=");
  return { type: text.slice(0, cut) as ArtifactNote["type"], uri: text.slice(cut + 1), at };
}

const CALLED: Partial<Record<ArtifactNote["type"], string>> = { pr: "pull request", code_patch: "patch" };
const TITLE_CHARS = 200;

/** (suspends) The run's outputs with what is new among these, and the new objects; no outputs where nothing is. */
export function withArtifactsOf(
  snapshot: Snapshot,
  ctx: Pick<Ctx, "now" | "newId">,
  run: Run,
  notes: readonly ArtifactNote[],
  title: string,
): { outputs?: Run["outputs"]; changes: Change[] } {
  if (notes.length === 0) return { changes: [] };
  const listed = run.outputs?.artifacts ?? [];
  const known = readDocs<Artifact>(
    snapshot,
    listed.map(({ id }) => pathOf("Artifact", id)),
  );
  const isKnown = ({ type, uri }: ArtifactNote) =>
    [...known.values()].some(({ value }) => value.type === type && value.uri === uri);
  const fresh = notes.filter((note) => !isKnown(note)).map((note) => artifactOf(ctx, run, note, title));
  if (fresh.length === 0) return { changes: [] };
  const refs = fresh.map(({ id }) => ({ kind: "Artifact" as const, id }));
  return {
    outputs: { ...run.outputs, artifacts: [...listed, ...refs] },
    changes: fresh.map((value) => ({ path: pathOf("Artifact", value.id), value })),
  };
}

const artifactOf = (
  ctx: Pick<Ctx, "now" | "newId">,
  { id, for_issue }: Run,
  { type, uri, title }: ArtifactNote,
  task: string,
): Artifact => ({
  kind: "Artifact",
  id: ctx.newId("ar"),
  produced_by: { kind: "Run", id },
  for_issue,
  type,
  title: title || clip(`${CALLED[type] ?? type.replaceAll("_", " ")} for ${task}`, TITLE_CHARS),
  uri,
  created_at: iso(ctx.now),
});
