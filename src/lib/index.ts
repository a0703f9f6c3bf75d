/**
 * owp as a library: `import { openHub } from "owp"`. A hub runs the same operations as the command line, by name, with
 * plain data in and out. Refusals are values (`ok: false` with a code), not exceptions.
 */
export { EXIT, ERRORS, type Code, type Refusal } from "../core/refusal.ts";
export type { FileChange, Hub, OpenOptions, Outcome, Progress, RunOptions, Success, ViewAge } from "./types.ts";
export { openHub } from "./open.ts";
