/** What the command line knows of a command. Rows of the operations table become commands; a few commands are no operations. */
import type { InputCheck, OperationRow } from "../core/operation.ts";
import type { Refusal } from "../core/refusal.ts";
import type { Hub, OpenOptions, Outcome, RunOptions } from "../lib/types.ts";
import type { Globals } from "./globals.ts";
import type { Io } from "./io.ts";
import { withReview } from "./review.ts";

/** The part of JSON Schema that input schemas use. */
export interface InputSchema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, InputSchema>;
  required?: string[];
  items?: InputSchema;
  enum?: unknown[];
  const?: unknown;
  anyOf?: InputSchema[];
  oneOf?: InputSchema[];
  allOf?: InputSchema[];
  definitions?: Record<string, InputSchema>;
  default?: unknown;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
}

/** One call of a command: its input, and the ways to the engine and to the world. */
export interface Call {
  input: Record<string, unknown>;
  globals: Globals;
  io: Io;
  /** Every command, for those that speak of commands. */
  commands: readonly Command[];
  /** ms since 1970, with OWP_NOW. */
  now(): number;
  /** Where and as whom a hub is opened. */
  place: OpenOptions;
  /** Opens the hub (once) and hands it to `use`; a refusal to open is the answer. */
  withHub(use: (hub: Hub) => Promise<Outcome>): Promise<Outcome>;
  /** The run options that the global options ask for. */
  runOptions(): RunOptions;
}

/** An answer, and the view that shows it where that is not its command's own. */
export type Shown = Outcome & { shownAs?: string };

export interface LoadedCommand {
  schema: InputSchema;
  check?: InputCheck;
  run(call: Call): Promise<Shown>;
}

export interface Command extends Pick<OperationRow, "name" | "summary" | "args" | "examples" | "offline"> {
  group: OperationRow["group"] | "help";
  /** local: touches neither record nor remote. */
  type: OperationRow["type"] | "local";
  /** Not listed; for scripts. */
  hidden?: boolean;
  load(): Promise<LoadedCommand>;
}

/** The answer of a command that asked no hub. */
export const local = (result: unknown, warnings: string[] = []): Outcome => ({
  ok: true,
  op: "",
  result,
  commit: null,
  already: false,
  queued: false,
  warnings,
  view: { tip: null, age_ms: 0, stale: false },
  attempts: 0,
});

/** A refusal as an answer. */
export const refused = (refusal: Refusal, op = ""): Outcome => ({ ...refusal, op });

/** A command made from a row of the operations table: the hub runs it by its name. */
export function fromOperation(row: OperationRow): Command {
  const { name, group, summary, type, args, examples, offline } = row;
  return {
    ...{ name, group, summary, type, args, examples, offline },
    load: async () => {
      const { schema, check } = await row.load();
      const run = (call: Call) => call.withHub((hub) => hub.run(name, call.input, call.runOptions()));
      const loaded = { schema: schema as InputSchema, check, run };
      return row.review ? withReview(loaded) : loaded;
    },
  };
}
