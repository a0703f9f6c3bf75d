/** Which branch holds the record: the configured one, and beside it one for each further queue, `owp-ops` for `ops`. */
import { type Refusal, refuse } from "../core/refusal.ts";
import { isBranchName } from "../engine/git/refs.ts";
import type { OpenOptions } from "./types.ts";

export const DEFAULT_BRANCH = "owp";

const QUEUE = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
/** Branches beside a record that are none: `owp-signals/<clone>` (heartbeats), `owp-channels` (messages), `owp-change-<id>` (for review). */
const RESERVED = /(?:^|-)(?:signals|channels|change-[^-]+)$/;

export interface RecordBranch {
  branch: string;
  /** The branch without a queue's name. */
  base: string;
  queue?: string;
}

type Asked = Pick<OpenOptions, "branch" | "queue" | "env">;
type Setting = (key: string) => string | undefined;

/**
 * --queue goes with --branch or with what is configured. A queue that the environment or the config names gives way to a
 * --branch that is typed: that one is meant as it stands.
 */
export function branchOf(
  asked: Asked,
  setting: Setting = () => undefined,
): ({ ok: true } & RecordBranch) | Refusal {
  const base = asked.branch ?? setting("owp.branch") ?? DEFAULT_BRANCH;
  const [source, queue] = queueOf(asked, setting);
  if (queue !== undefined && !isQueueName(queue)) return badName(source, queue);
  const branch = queue === undefined ? base : branchOfQueue(base, queue);
  if (!isBranchName(branch))
    return refuse("usage", `"${branch}" is no name that a branch can have. Nothing was changed.`, {
      hint: "owp help init",
    });
  if (queue === undefined && RESERVED.test(branch))
    return refuse(
      "usage",
      `The branch ${branch} is none for a record: names that end in -signals, -channels or -change-<id> stand beside records. Nothing was changed.`,
      { hint: "name another branch" },
    );
  return { ok: true, branch, base, ...(queue === undefined ? {} : { queue }) };
}

export const isQueueName = (text: string): boolean => QUEUE.test(text) && !RESERVED.test(text);

export const branchOfQueue = (base: string, queue: string): string => `${base}-${queue}`;

/** The queue that a branch belongs to; null: the one without a name; undefined: it is no record's. */
export function queueOfBranch(base: string, branch: string): string | null | undefined {
  if (branch === base) return null;
  const queue = branch.startsWith(`${base}-`) ? branch.slice(base.length + 1) : "";
  return isQueueName(queue) ? queue : undefined;
}

function queueOf(
  { branch, queue, env }: Asked,
  setting: Setting,
): [source: string, queue: string | undefined] {
  if (queue !== undefined) return ["--queue", queue];
  if (branch !== undefined) return ["", undefined];
  return env?.OWP_QUEUE ? ["OWP_QUEUE", env.OWP_QUEUE] : ["owp.queue", setting("owp.queue") || undefined];
}

const EXAMPLES: Record<string, string> = {
  OWP_QUEUE: "OWP_QUEUE=ops",
  "owp.queue": "git config owp.queue ops",
};

const badName = (source: string, queue: string): Refusal =>
  refuse(
    "usage",
    `${source} is ${JSON.stringify(queue)}, which is no queue's name: up to 40 lower-case letters, digits and dashes, and neither signals, channels nor change-<id> at its end. Nothing was changed.`,
    { hint: `for instance ${EXAMPLES[source] ?? "--queue ops"}`, data: { queue } },
  );
