/** llms.txt: what a language model that meets owp needs to read first. */
import { commands } from "../../src/cli/commands.ts";
import { EXIT_MEANS } from "../../src/cli/exits.ts";
import { TOPIC_NAMES } from "../../src/cli/topic-names.ts";
import { EXIT } from "../../src/core/refusal.ts";

/** The everyday commands of whoever works. */
const EVERYDAY = ["claim", "show", "done", "block", "release"];

/** Pages, the most useful first. */
const PAGES: readonly [path: string, says: string][] = [
  [
    "docs/guides/jobs.md",
    "requests of programs with JobSpec's rules: keys, claim tokens, leases of a minute, retries",
  ],
  ["docs/guides/agents.md", "identity, the two-call loop, sub-agents, worktrees, sandboxes, when stuck"],
  ["docs/commands.md", "every command with its options, examples and exit statuses"],
  ["docs/errors.md", "exit statuses and error codes, each with its next command"],
  ["docs/guides/promises.md", "what is promised and what is not: fencing, clocks, unknown outcomes, offline"],
  ["docs/guides/five-minutes.md", "three clones share a queue, from nothing"],
  ["docs/state-machines.md", "states, acts, takeover"],
  ["docs/fields.md", "the fields of every file on the branch"],
  ["docs/validation.md", "what owp validate checks"],
  ["docs/glossary.md", "the words"],
  ["docs/ARCHITECTURE.md", "the code: where each part lives and what it does not know"],
];

export function renderLlms(): string {
  const rows = EVERYDAY.map((name) => {
    const command = commands.find((one) => one.name === name);
    if (!command) throw new Error(`llms.txt names owp ${name}, which is no command`);
    return `- \`${command.examples[0]}\`: ${lower(command.summary)}`;
  });
  const statuses = (Object.keys(EXIT) as (keyof typeof EXIT)[]).map(
    (name) => `${EXIT[name]} ${EXIT_MEANS[name]}`,
  );
  return `# owp

> owp turns any git remote into a coordination server: people and coding agents, each in a clone of their own, share one
> queue of tasks as YAML files on the branch \`owp\`. A claim is a commit and a push that exactly one clone can win. There
> is no daemon, no database and no account.

Claim a task before you work on it; a claim is a lease, which ends by itself. The everyday loop is two calls, \`owp claim\`
and \`owp done\`. \`owp prime\` says what you hold and what is ready, in under 400 tokens. Every command takes \`--json\`.
Your branches, index and working tree are never touched.

## Commands

${rows.join("\n")}

\`owp help\` lists the others, \`owp help <command>\` explains one, \`owp help <topic>\` one of ${TOPIC_NAMES.join(", ")}.

## Exit statuses

${statuses.map((row) => `- ${row}`).join("\n")}

## Pages

${PAGES.map(([path, says]) => `- [${path}](${path}): ${says}`).join("\n")}
`;
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
