/**
 * owp as a library: `import { openHub } from "owp"`. A hub runs the same operations as the command line, by name, with
 * plain data in and out. Refusals are values (`ok: false` with a code), not exceptions.
 */
import { openHub as open } from "./open.ts";
import type { OpenHub } from "./types.ts";

export { type Code, ERRORS, EXIT, type Refusal } from "../core/refusal.ts";
export type {
  FileChange,
  Hub,
  OpenHub,
  OpenOptions,
  Outcome,
  Progress,
  Review,
  RunOptions,
  Success,
  ViewAge,
} from "./types.ts";

/** Opens the record of the repository around a folder, or of a URL for reading. */
export const openHub: OpenHub = open;
