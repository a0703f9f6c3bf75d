/** `owp heartbeat`: a sign of life outside the record; leases of which half is used are renewed with it. */
import type { Command } from "../command.ts";

export const heartbeat: Command = {
  name: "heartbeat",
  group: "work",
  summary: "Give a sign of life, so that a silent end is found soon",
  type: "change",
  args: [],
  examples: ["owp heartbeat", 'owp heartbeat --status working --note "tests are running"'],
  offline: false,
  load: async () => ({
    schema: {
      properties: {
        status: {
          enum: ["idle", "working", "paused"],
          description: "What you are doing; by default working while you hold a task in progress, else idle.",
        },
        note: { type: "string", maxLength: 500, description: "One line about it, up to 500 characters." },
      },
    },
    check: checkNote,
    run: (call) => call.withHub((hub) => hub.run("heartbeat", call.input, call.runOptions())),
  }),
};

const MAX_NOTE = 500;

const checkNote: NonNullable<Awaited<ReturnType<Command["load"]>>["check"]> = (input) => {
  const { note } = input as { note?: string };
  const tooLong = note !== undefined && [...note].length > MAX_NOTE;
  checkNote.errors = tooLong
    ? [{ instancePath: "/note", keyword: "maxLength", params: { limit: MAX_NOTE } }]
    : null;
  return !tooLong;
};
