/** Commands that ask the job ledger (JobSpec's read routes): one row each, for the service of the same name. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Refusal, refuse } from "../../core/refusal.ts";
import { type Call, type Command, type InputSchema, type LoadedCommand, local, refused } from "../command.ts";

type Row = Pick<Command, "name" | "summary" | "examples"> & Partial<Pick<Command, "args" | "type">>;

const command = (
  row: Row,
  properties: Record<string, InputSchema> = {},
  run: LoadedCommand["run"] = ask(row.name),
): Command => ({
  group: "work",
  type: "query",
  args: [],
  offline: false,
  ...row,
  load: async () => ({ schema: { properties }, run }),
});

const ask =
  (name: string, inputOf: (call: Call) => Promise<Call["input"] | Refusal> = async ({ input }) => input) =>
  async (call: Call) => {
    const input = await inputOf(call);
    if (isRefusal(input)) return refused(input);
    return call.withHub((hub) => hub.run(name, input, call.runOptions()));
  };

const isRefusal = (input: Call["input"] | Refusal): input is Refusal => input.ok === false;

const CURSOR = "the id of an event; only what came after it is shown.";

export const jobLedger: readonly Command[] = [
  command(
    {
      name: "job events",
      summary: "What happened to jobs, oldest first, as JobSpec's ledger events",
      examples: [
        "owp job events --json",
        "owp job events --after-id evt_01kjm0000000000000000000aa --limit 100",
      ],
    },
    {
      after_id: { type: "string", description: `A cursor: ${CURSOR}` },
      since: { type: "string", description: `The same as --after-id: ${CURSOR}` },
      limit: {
        type: "integer",
        minimum: 0,
        default: 1000,
        description: "How many events at most; never more than 1000.",
      },
    },
  ),
  command({
    name: "job status",
    summary: "The job queue and every projection of it, as JobSpec's status",
    examples: ["owp job status", "owp job status --json"],
  }),
  command(
    {
      name: "job ready",
      summary: "Whether the job ledger is whole, so that what is shown of jobs can be relied on",
      examples: ["owp job ready", "owp job ready --require"],
    },
    { require: { type: "boolean", description: "Fail where it is not." } },
  ),
  command(
    {
      name: "job health",
      summary: "That owp answers, as JobSpec's health",
      type: "local",
      examples: ["owp job health --json"],
    },
    {},
    async (call) => {
      const { healthOf } = await import("../../domain/jobs/projections/ready.ts");
      return local(healthOf(call.now()));
    },
  ),
  command(
    {
      name: "job snapshot",
      summary: "The snapshot of all jobs for other programs, as JSON",
      args: ["part?"],
      examples: ["owp job snapshot", "owp job snapshot runs", "owp job snapshot --compare kept.json"],
    },
    {
      part: {
        enum: ["health", "runs", "jobs", "wiki"],
        description: "Only this part of it: a list, or its health.",
      },
      compare: {
        type: "string",
        description:
          "A snapshot that was kept, or - for standard input: which of its resources have changed since.",
      },
    },
    ask("job snapshot", withKept),
  ),
  command({
    name: "job rebuild",
    summary: "Read the whole job ledger again, and put its corrupt records aside in this clone",
    examples: ["owp job rebuild"],
  }),
];

/** With the text of the kept snapshot in place of its file's name. */
async function withKept({ input, io, place }: Call): Promise<Call["input"] | Refusal> {
  const { compare, ...rest } = input;
  if (typeof compare !== "string") return rest;
  if (rest.part !== undefined)
    return refuse("usage", "--compare takes the whole snapshot, and no part of it.");
  if (compare === "-") return { ...rest, kept: new TextDecoder().decode(await io.readStdin()) };
  try {
    return { ...rest, kept: readFileSync(resolve(place.dir, compare), "utf8") };
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === "ENOENT" ? "it is not there" : (error as Error).message;
    return refuse("invalid_input", `${compare} cannot be read: ${reason}.`, {
      hint: "name another file",
      data: { file: compare },
    });
  }
}
