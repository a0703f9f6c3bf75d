/** `owp uninit`: takes `owp init` back, in this clone or for everyone. */
import { refuse } from "../../core/refusal.ts";
import type { Outcome } from "../../lib/types.ts";
import { type Call, type Command, local, refused } from "../command.ts";

export const uninit: Command = {
  name: "uninit",
  group: "setup",
  summary: "Forget the record in this clone; with --record delete it for everyone",
  type: "change",
  args: [],
  examples: ["owp uninit", "owp uninit --dry-run --record", "owp uninit --record --yes"],
  offline: false,
  load: async () => ({
    schema: {
      properties: {
        record: {
          type: "boolean",
          description: "Delete the record's branch and the signals on the remote, for everyone.",
        },
        all: {
          type: "boolean",
          description: "Forget every record that this clone keeps, not only this one.",
        },
        yes: { type: "boolean", description: "Do not ask; needed where there is no terminal." },
      },
    },
    run: async (call) => {
      const { record = false, all = false, yes } = call.input;
      if (record && all)
        return refused(
          refuse("usage", "--record deletes one record, and --all forgets every one in this clone.", {
            hint: "owp uninit --help",
          }),
        );
      if (!yes && !call.globals.dry_run) {
        const refusal = await askFirst(call, record === true);
        if (refusal) return refused(refusal);
      }
      const outcome = await call.withHub((hub) => hub.run("uninit", { record, all }, call.runOptions()));
      return !outcome.ok && outcome.op === "" && !record ? withoutHub(call, outcome) : outcome;
    },
  }),
};

/** No hub opens, since the remote is gone or wrongly set: what lies in this clone goes all the same. */
async function withoutHub({ place, globals }: Call, refusal: Outcome): Promise<Outcome> {
  if (place.hub !== undefined || (!refusal.ok && refusal.code === "no_repository")) return refusal;
  const { uninitClone } = await import("../../lib/uninit.ts");
  const done = await uninitClone(place.dir, globals.dry_run);
  return done.ok ? local(done.result, done.warnings) : refused(done);
}

async function askFirst({ io }: Call, record: boolean) {
  const what = record
    ? "deletes the record on the remote, with its whole history, for everyone"
    : "removes owp's folder from this clone, with what waits there for owp sync";
  if (!io.tty.in || !io.tty.err) {
    return refuse("usage", `owp uninit ${what}. Nothing was changed.`, {
      hint: `owp uninit${record ? " --record" : ""} --yes`,
    });
  }
  const answer = await io.ask(`owp uninit ${what}. Type yes to go on: `);
  return answer.trim() === "yes"
    ? undefined
    : refuse("canceled", "Not confirmed. Nothing was changed.", { hint: "owp status" });
}
