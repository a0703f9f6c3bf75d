/** `owp claim`, with the waiting that only a caller can do: ask again until there is something. */
import { refuse } from "../../core/refusal.ts";
import type { Hub, Outcome } from "../../lib/types.ts";
import { type Call, type Command, refused } from "../command.ts";
import { checkWithout, withProperties } from "../widen.ts";

/** Waits grow from here to the cap; each is a random part of its length, so that waiting workers do not come at once. */
const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 60_000;
/** Never more often than this. */
const SHORTEST_WAIT_MS = 1000;
/** The deadline of one try. */
const TRY_MS = 60_000;

/** Answers after which another try may succeed. */
const PASSING = new Set(["nothing_to_claim", "conflict", "remote_unreachable"]);
/** And these, where a task was named. */
const PASSING_NAMED = new Set([...PASSING, "task_held", "task_not_claimable"]);

export const claim = (plain: Command): Command => ({
  ...plain,
  load: async () => {
    const loaded = await plain.load();
    return {
      schema: withProperties(loaded.schema, { wait: WAIT }),
      check: loaded.check && checkWithout(loaded.check, ["wait"]),
      run: (call) => call.withHub((hub) => claimOrWait(hub, call)),
    };
  },
});

const WAIT = { type: "boolean", description: "Ask again until there is a task, or until --timeout." };

async function claimOrWait(hub: Hub, call: Call): Promise<Outcome> {
  const { wait, ...input } = call.input;
  const options = call.runOptions();
  if (!wait || options.dry_run) return hub.run("claim", input, options);
  const passing = input.id === undefined ? PASSING : PASSING_NAMED;
  const deadline =
    options.timeout_ms === undefined ? Number.POSITIVE_INFINITY : call.io.now() + options.timeout_ms;
  for (let tries = 0; ; tries++) {
    const left = deadline - call.io.now();
    const outcome = await hub.run("claim", input, {
      ...options,
      timeout_ms: Math.min(TRY_MS, Math.max(1, left)),
    });
    if (outcome.ok || !passing.has(outcome.code)) return outcome;
    const growing = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(tries, 10));
    const pause = SHORTEST_WAIT_MS + call.io.random() * growing;
    if (call.io.now() + pause >= deadline) return outcome;
    options.onProgress?.({ stage: "waiting for a task" });
    await call.io.sleep(pause, call.io.abort);
    if (call.io.abort.aborted) {
      return refused(
        refuse("canceled", "Stopped while waiting for a task. Nothing was claimed.", { hint: "owp status" }),
      );
    }
  }
}
