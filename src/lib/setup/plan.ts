/** What a target's pieces come to: which files change and how, and what stands in the way. Pure. */
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { FileChange } from "../types.ts";
import type { Piece, Step } from "./piece.ts";

export type Mode = "write" | "remove";

export interface PlannedFile {
  piece: Piece;
  before: string | undefined;
  /** null: the file goes. */
  after: string | null;
  /** Someone changed what owp wrote, and that would be lost. */
  edited: boolean;
}

export interface SetupPlan {
  files: PlannedFile[];
  notes: string[];
  stops: Extract<Step, { to: "stop" }>[];
}

/** textOf: a piece's file as it is now. */
export function planPieces(
  pieces: readonly Piece[],
  mode: Mode,
  textOf: (piece: Piece) => string | undefined,
): SetupPlan {
  const plan: SetupPlan = { files: [], notes: [], stops: [] };
  for (const piece of pieces) {
    const before = textOf(piece);
    const step = piece[mode](before);
    if (step.to === "stop") plan.stops.push(step);
    else if (step.to === "keep") plan.notes.push(...(step.note ? [step.note] : []));
    else plan.files.push({ piece, before, after: step.text, edited: step.edited === true });
  }
  return plan;
}

/** What a person has to look at first. */
export function blockedBy({ stops }: SetupPlan): Refusal | undefined {
  const [first] = stops;
  if (!first) return undefined;
  const message = `${stops.map((stop) => stop.message).join(" ")} Nothing was written.`;
  return refuse("setup_blocked", message, { hint: first.hint });
}

/** How a piece's file is called: as one types it, with git's `branch:path` for one of the record. */
export function nameOf({ place, path }: Piece, branch: string, hooks: string): string {
  if (place === "record") return `${branch}:${path}`;
  return place === "hooks" ? `${hooks}/${path}` : path;
}

export const changeOf = ({ before, after }: PlannedFile, path: string): FileChange => ({
  path,
  ...(before !== undefined && { before }),
  ...(after !== null && { after }),
});
