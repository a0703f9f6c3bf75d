/** A small world for the command line: streams that collect, a hub that answers from a table. No process, no git. */
import { type Command, fromOperation, type InputSchema } from "../../src/cli/command.ts";
import type { Io } from "../../src/cli/io.ts";
import { runCli } from "../../src/cli/run.ts";
import type { OperationRow } from "../../src/core/operation.ts";
import { type Code, type Refusal, refuse } from "../../src/core/refusal.ts";
import type { Hub, OpenHub, OpenOptions, Outcome, RunOptions, Success } from "../../src/lib/types.ts";

export const NOW = Date.parse("2026-01-31T12:00:00Z");

/** What a command saw of the engine. */
export interface Seen {
  name: string;
  input: Record<string, unknown>;
  options: RunOptions;
  place: OpenOptions;
}

export interface World {
  env?: Record<string, string>;
  tty?: boolean;
  columns?: number;
  stdin?: string;
  /** What is typed when the command asks. */
  typed?: string;
  commands?: readonly Command[];
  /** Answers of the hub: a result, or a whole outcome. */
  answer?: (name: string, input: Record<string, unknown>, options: RunOptions) => Partial<Success> | Refusal;
  refuseToOpen?: Refusal;
  /** Instead of the hub that answers from a table. */
  openHub?: OpenHub;
  abort?: AbortSignal;
  /** ms since 1970. */
  now?: number;
}

export interface Ran {
  code: number;
  out: string;
  err: string;
  seen: Seen[];
  slept: number[];
}

export const success = (partial: Partial<Success> = {}): Success => ({
  ok: true,
  op: "01kg9gm2d0aaaaaaaaaaaaaaaa",
  result: {},
  commit: null,
  already: false,
  queued: false,
  warnings: [],
  view: { tip: "0123456789012345678901234567890123456789", age_ms: 5, stale: false },
  attempts: 1,
  ...partial,
});

export const refusal = (
  code: Code,
  message = "No.",
  more: { hint?: string; data?: Record<string, unknown> } = {},
) => refuse(code, message, more);

/** Runs the command line in a small world. */
export async function run(argv: string[], world: World = {}): Promise<Ran> {
  const ran: Ran = { code: -1, out: "", err: "", seen: [], slept: [] };
  let clock = world.now ?? NOW;
  const tty = world.tty ?? false;
  const io: Io = {
    out: (text) => {
      ran.out += text;
    },
    err: (text) => {
      ran.err += text;
    },
    readStdin: async () => new TextEncoder().encode(world.stdin ?? ""),
    ask: async (question) => {
      ran.err += question;
      return world.typed ?? "";
    },
    env: world.env ?? {},
    cwd: "/work",
    tty: { in: tty, out: tty, err: tty },
    columns: world.columns ?? 80,
    now: () => clock,
    sleep: async (ms) => {
      ran.slept.push(ms);
      clock += ms;
    },
    longWork: () => {},
    random: () => 0.5,
    abort: world.abort ?? new AbortController().signal,
  };
  const openHub = async (place: OpenOptions): Promise<Hub | Refusal> => {
    if (world.refuseToOpen) return world.refuseToOpen;
    return {
      run: async (name, input, options = {}): Promise<Outcome> => {
        const fields = input as Record<string, unknown>;
        ran.seen.push({ name, input: fields, options, place });
        const answer = world.answer?.(name, fields, options) ?? {};
        return answer.ok === false ? { ...answer, op: "01kg9gm2d0aaaaaaaaaaaaaaaa" } : success(answer);
      },
      close: async () => {},
    };
  };
  ran.code = await runCli(argv, io, {
    commands: world.commands ?? SAMPLE,
    openHub: world.openHub ?? openHub,
    version: "9.9.9",
  });
  return ran;
}

const tag = { $ref: "common.json#/definitions/tag" };
const SCHEMAS: Record<string, InputSchema> = {
  add: {
    properties: {
      title: { type: "string", description: "What is to be done." },
      description: { type: "string", maxLength: 65536, description: "More about it." },
      type: { enum: ["feature", "bug"], description: "What kind of work it is." },
      priority: { type: ["integer", "string"], description: "0 to 1000, or P0 to P4." },
      estimate: { type: "integer", minimum: 1, description: "Size in points." },
      skills: { type: "array", items: tag, description: "What a worker must be able to do." },
      accept: { type: "array", items: { type: "string" }, description: "A condition." },
      max_attempts: { type: "integer", description: "How often it is tried." },
      planned: { type: "boolean", description: "Only planned." },
    },
    required: ["title"],
  },
  pr: {
    properties: {
      id: { type: "string", description: "The task." },
      url: { type: "string", description: "The address." },
      epoch: { type: "integer", description: "The lease's epoch." },
    },
    required: ["url"],
  },
  list: {
    properties: {
      status: {
        type: "array",
        items: { enum: ["ready", "done"] },
        description: "Only tasks in these states.",
      },
      all: { type: "boolean", description: "Ended tasks too." },
      limit: { type: "integer", description: "How many rows at most." },
    },
  },
  // Commands that no view knows: their results are shown as plain lines.
  probe: { properties: {} },
  make: {
    properties: {
      title: { type: "string" },
      description: { type: "string", maxLength: 65536 },
      estimate: { type: "integer", minimum: 1 },
    },
  },
  "worker list": { properties: {} },
  "worker show": { properties: { name: { type: "string" } } },
};

const ARGS: Record<string, string[]> = {
  add: ["title..."],
  make: ["title..."],
  pr: ["id?", "url"],
  "worker show": ["name?"],
};

const CHANGES = new Set(["add", "make", "pr"]);

/** Rows in the shape of the operations table. */
const ROWS: OperationRow[] = Object.entries(SCHEMAS).map(([name, schema]) => ({
  name,
  group: "plan",
  summary: `Does ${name}.`,
  type: CHANGES.has(name) ? "change" : "query",
  args: ARGS[name] ?? [],
  examples: [`owp ${name}`],
  offline: name === "add" || name === "make",
  touches: [],
  events: [],
  load: async () => ({ plan: () => refuse("internal", "not run here"), schema, check: checkOf(schema) }),
}));

export const SAMPLE: readonly Command[] = ROWS.map(fromOperation);

/** The one rule that the tests need; the real validators are generated. */
function checkOf(schema: InputSchema) {
  const check: OperationRow["load"] extends () => Promise<{ check: infer C }> ? C : never = (input) => {
    const { estimate } = input as { estimate?: number };
    const wrong = estimate !== undefined && estimate < (schema.properties?.estimate?.minimum ?? 0);
    check.errors = wrong ? [{ instancePath: "/estimate", keyword: "minimum", params: { limit: 1 } }] : null;
    return !wrong;
  };
  return check;
}
