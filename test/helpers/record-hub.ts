/** Hubs with a record, for tests that start from one. */
import { openHub } from "../../src/lib/open.ts";
import type { Hub, OpenOptions, RunOptions, Success } from "../../src/lib/types.ts";
import { bareHub, cloneOf } from "./git.ts";

/** Opens a hub and throws where there is none. */
export async function hubAt(dir: string, more: Partial<OpenOptions> = {}): Promise<Hub> {
  const hub = await openHub({ dir, env: {}, ...more });
  if ("code" in hub) throw new Error(hub.message);
  return hub;
}

/** Runs operations one after another in a folder and answers the last result; throws at the first refusal. */
export async function runAt<T = unknown>(
  dir: string,
  operations: readonly (readonly [name: string, input?: object, options?: RunOptions])[],
  more: Partial<OpenOptions> = {},
): Promise<Success & { result: T }> {
  const hub = await hubAt(dir, more);
  try {
    let last: Success | undefined;
    for (const [name, input = {}, options] of operations) {
      const outcome = await hub.run(name, input, options);
      if (!outcome.ok) throw new Error(`${name}: ${outcome.code}: ${outcome.message}`);
      last = outcome;
    }
    return last as Success & { result: T };
  } finally {
    await hub.close();
  }
}

/** A bare hub with a record of one task, and a clone of it. */
export async function recordHub(): Promise<{ hub: string; clone: string }> {
  const hub = bareHub();
  const clone = cloneOf(hub);
  await runAt(clone, [["init"], ["add", { title: "first" }]], { as: "ada" });
  return { hub, clone };
}
