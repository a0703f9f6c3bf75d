/** `owp setup`: what makes agents, hosts, hooks and editors know of the queue. Shows what it writes, and takes it back. */
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Confirm, Proposal } from "../../lib/setup/setup.ts";
import { TARGETS, type TargetRow } from "../../lib/setup/targets.ts";
import type { Outcome } from "../../lib/types.ts";
import { clean } from "../../view/clean.ts";
import { type Call, type Command, local, refused } from "../command.ts";
import { lookOf } from "../output.ts";

export const setup: Command = {
  name: "setup",
  group: "setup",
  summary: "Tell agents, a host, hooks or an editor about the queue; alone: how all of that stands",
  type: "change",
  args: ["target?"],
  examples: [
    "owp setup",
    "owp setup claude",
    "owp setup github --dry-run",
    "owp setup github --check",
    "owp setup agents --remove",
  ],
  offline: false,
  load: async () => ({
    schema: {
      properties: {
        target: { enum: TARGETS.map(({ name }) => name), description: "What to set up." },
        check: {
          type: "boolean",
          description: "Write nothing; fail where what is there differs from what would be written.",
        },
        remove: { type: "boolean", description: "Take back what setup wrote, and nothing else." },
        yes: {
          type: "boolean",
          description: "Do not ask, and replace what was changed in owp's own parts.",
        },
        record: {
          type: "boolean",
          default: true,
          description: "Leave out what belongs on the record's branch.",
        },
      },
    },
    run: async (call) => {
      if (call.place.hub !== undefined)
        return refused(refuse("usage", "owp setup works in a clone, and --hub is another place."));
      return call.input.target === undefined ? states(call) : one(call);
    },
  }),
};

async function states({ input, place, globals }: Call): Promise<Outcome> {
  if (input.remove === true)
    return refused(refuse("usage", "owp setup --remove needs a target.", { hint: "owp setup lists them" }));
  const { setupStates } = await import("../../lib/setup/states.ts");
  const found = await setupStates(place, globals.offline);
  if ("code" in found) return refused(found);
  const bad = found.targets.filter(({ state }) => state === "differs" || state === "blocked");
  if (input.check !== true || bad.length === 0) return local({ targets: found.targets }, found.warnings);
  const list = bad.map(
    ({ name, state, why }) => `${name} ${state === "differs" ? "differs" : "is blocked"} (${why})`,
  );
  return refused(
    refuse("setup_differs", `Not as owp setup would write it: ${list.join("; ")}.`, {
      hint: `owp setup ${bad[0]?.name} --dry-run`,
      data: { targets: found.targets },
    }),
  );
}

async function one(call: Call): Promise<Outcome> {
  const { input, globals, place } = call;
  const { setup: run } = await import("../../lib/setup/setup.ts");
  const target = TARGETS.find(({ name }) => name === input.target) as TargetRow;
  const done = await run(
    place,
    target,
    {
      mode: input.remove === true ? "remove" : "write",
      check: input.check === true,
      dry_run: globals.dry_run,
      record: input.record !== false,
      ...(globals.timeout_ms !== undefined && { timeout_ms: globals.timeout_ms }),
    },
    confirmOn(call, target.name),
  );
  if ("code" in done) return refused(await shown(call, done));
  const { changes, ...result } = done;
  const outcome = local(result, result.notes);
  return outcome.ok && changes ? { ...outcome, changes } : outcome;
}

/** Where files differ, the difference is data. */
async function shown(call: Call, refusal: Refusal): Promise<Refusal> {
  const changes = refusal.data?.changes;
  if (refusal.code === "setup_differs" && Array.isArray(changes)) await show(call, changes);
  return refusal;
}

async function show({ io, globals, now }: Call, changes: Proposal["changes"]): Promise<void> {
  if (globals.json || globals.quiet) return;
  const { renderChanges } = await import("../../view/diff.ts");
  io.out(`${renderChanges(clean(changes), lookOf(io, globals, now()))}\n`);
}

/** On a terminal a person decides. Elsewhere what is owp's own is written, and what someone changed in it only with --yes. */
const confirmOn =
  (call: Call, target: string): Confirm =>
  async ({ changes, edited }) => {
    const { io, input, globals } = call;
    await show(call, changes);
    if (input.yes === true) return undefined;
    const lost =
      edited.length > 0 ? ` What was changed in ${edited.join(", ")} since owp setup wrote it is lost.` : "";
    if (io.tty.in && io.tty.err && !globals.json) {
      const answer = await io.ask(`Write this?${lost} Type yes to go on: `);
      if (/^y(?:es)?$/i.test(answer.trim())) return undefined;
      return refuse("canceled", "Not confirmed. Nothing was written.", {
        hint: `owp setup ${target} --dry-run`,
      });
    }
    if (edited.length === 0) return undefined;
    return refuse("setup_blocked", `Nothing was written.${lost.replace(/ is lost\.$/, " would be lost.")}`, {
      hint: `owp setup ${target} --dry-run shows it; with --yes it is written all the same`,
      data: { edited },
    });
  };
