/** docs/state-machines.md: the table of transitions, the phases of a lease, takeover and the vocabularies, with diagrams. */
import { EXIT } from "../../src/core/refusal.ts";
import { BARE_POLICY, rulesOf } from "../../src/core/rules.ts";
import { spell } from "../../src/core/time.ts";
import { RUN_STEPS } from "../../src/domain/objects/run-status.ts";
import { ENDINGS, type Ending, endRow } from "../../src/domain/runs/ending.ts";
import { STATES, type TaskState } from "../../src/domain/tasks/state.ts";
import { ACTS, type By, type Cell, type Step, TRANSITIONS } from "../../src/domain/tasks/transitions.ts";
import { ALIASES, LEVELS, type Vocabulary, WORDS } from "../../src/domain/tasks/words.ts";
import { jobTable } from "./job-states.ts";
import { cell, code, MADE, mermaid, table } from "./markdown.ts";
import { phaseTable } from "./phases.ts";

export function renderStates(): string {
  return `# State machines

${MADE}

Every command reads the same table of states and acts (\`src/domain/tasks/transitions.ts\`), and so does this page.

## A task

${mermaid(taskDiagram())}

A line from a box holds for every state in it. Dashed lines are no acts: a task is added, opened by an edit, or its
holder's time is over. What may be said twice (\`done\` on what is done) is left out here and stands below.

${table(
  ["state", "what it means"],
  STATES.map((state) => [code(state), cell(STATE_MEANS[state])]),
)}

## Who may do what

The state that an act leads to, and who may take the step; or the [error code](errors.md#error-codes) that the command
ends with. *again*: it is so already, and nothing or little is published.

${table(["", ...STATES.map(code)], ACTS.map(actRow))}

${table(
  ["who", "that is"],
  Object.entries(BY_MEANS).map(([by, means]) => [by, cell(means)]),
)}

## The phases of a lease

What \`phase\` in the lease file says, and how the task reads from it at a moment. Only work that is in progress runs
out; where there is no holder, no clock counts.

${phaseTable()}

## When a holder's time is over

${mermaid(lapseDiagram())}

The lengths are the policy's, here its defaults. A heartbeat's age is measured by the observer's own elapsed time, never
by the holder's clock. The takeover's commit says what was seen.

## Takeover, and the holder who comes back

${mermaid(TAKEOVER)}

## A job

A job has the states of a task under JobSpec's names (below), and fewer steps. Only the one who shows the claim token and
the epoch completes it, fails it or keeps its lease; a lease is over on the second on which it ends. See the
[guide](guides/jobs.md).

${jobTable()}
## A run

A run is one attempt at a task (\`owp object new run\`); its status goes where this table says. One that has ended never
opens again: another attempt is another run.

${table(
  ["from", "to"],
  Object.entries(RUN_STEPS).map(([from, to]) => [code(from), to.map(code).join(", ") || "–"]),
)}

A run that a claim opened (\`runs\` in owp.yaml) follows the lease that names it: it is running or blocked as its issue
is, and ends with the holder's time.

${table(
  ["the holder's time ends as", "the run is", "category", "and keeps, where no one says more"],
  (Object.keys(ENDINGS) as Ending[]).map((ending) => {
    const { status, category, says } = endRow(ending);
    return [code(ending), code(status), category ? code(category) : "–", cell(says ?? "–")];
  }),
)}

## The words of others

One model is stored; four vocabularies are read and written. \`stored\` is how the state reads here.

${wordTable()}

Read, and never written:

${table(["vocabulary", "word", "read as"], aliasRows())}

## Priorities

A priority is an integer from 0 to 1000, and larger is more urgent. The levels are read and written as these numbers; a
number between two levels reads as the lower one.

${table(
  LEVELS.map(([level]) => level),
  [LEVELS.map(([, number]) => String(number))],
)}
`;
}

/** States in boxes: an act that leads from all of them to one place is one line. */
const BOXES = {
  free: { title: "no one holds it", states: ["planned", "queued", "retry"] },
  held: { title: "someone holds it", states: ["in_progress", "blocked", "pr_opened", "expired"] },
  ended: { title: "it has ended", states: ["done", "failed", "canceled"] },
} as const satisfies Record<string, { title: string; states: readonly TaskState[] }>;

const isStep = (one: Cell): one is Step => typeof one === "object";

function taskDiagram(): string[] {
  const boxes = Object.entries(BOXES).map(
    ([id, { title, states }]) => `  subgraph ${id}["${title}"]\n    ${states.join("\n    ")}\n  end`,
  );
  const lines = [...labels()].map(([line, acts]) => `  ${line.replace("->", `-->|${acts.join(", ")}|`)}`);
  return [
    "flowchart TB",
    "  add((add))",
    ...boxes,
    "  add -.-> queued",
    "  add -.->|planned| planned",
    "  planned -.->|edit| queued",
    "  in_progress -.->|time is over| expired",
    ...lines,
  ];
}

/** `from -> to` and the acts that lead there. */
function labels(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const draw = (from: string, to: string, act: string) => {
    const line = `${from} -> ${to}`;
    found.set(line, [...(found.get(line) ?? []), act]);
  };
  for (const [box, { states }] of Object.entries(BOXES)) {
    for (const act of ACTS) {
      for (const [to, froms] of leads(states, act)) {
        const isAll = froms.length === states.length && !(states as readonly TaskState[]).includes(to);
        for (const from of isAll ? [box] : froms) draw(from, to, act);
      }
    }
  }
  return found;
}

/** Where an act leads from these states, repetitions left out. */
function leads(states: readonly TaskState[], act: (typeof ACTS)[number]): Map<TaskState, TaskState[]> {
  const found = new Map<TaskState, TaskState[]>();
  for (const from of states) {
    const step = TRANSITIONS[from][act];
    if (!isStep(step) || step.again) continue;
    for (const to of step.to) found.set(to, [...(found.get(to) ?? []), from]);
  }
  return found;
}

const STATE_MEANS: Record<TaskState, string> = {
  planned: "not open for claims yet",
  queued: "open: no one holds it (what it waits for may still be open)",
  retry: "an attempt failed or its holder vanished; open again, perhaps after a wait",
  in_progress: "its holder works on it",
  expired: "its holder's time is over: still theirs until someone takes over",
  blocked: "its holder is stuck and waits; it does not run out",
  pr_opened: "a pull request waits for review; it does not run out",
  done: "finished",
  failed: "all attempts are used up",
  canceled: "it will not be done",
  broken: "its file or its lease cannot be read: it is left alone, and stops nothing else",
};

const BY_MEANS: Record<By, string> = {
  worker: "any active worker",
  holder: "the holder, naming its epoch; or a maintainer with --force (epoch + 1)",
  maintainer: "a maintainer",
  owner: "the holder, a maintainer or, where no one else holds it, its creator",
  ender: "whoever ended it",
};

function actRow(act: (typeof ACTS)[number]): string[] {
  const cells = STATES.map((state) => {
    const found = TRANSITIONS[state][act];
    if (!isStep(found)) return code(found);
    return `${found.again ? "*again*" : found.to.map((to) => `**${to}**`).join(" or ")}<br>${found.by}`;
  });
  return [code(act), ...cells];
}

function lapseDiagram(): string[] {
  const rules = rulesOf(BARE_POLICY);
  const [skew, silence] = [spell(rules.max_skew_ms), spell(rules.heartbeat_timeout_ms)];
  return [
    "flowchart TD",
    "  phase{phase?} -->|blocked, pr_opened| stays[stays with its holder]",
    "  phase -->|in_progress| end_{does the lease end?}",
    "  end_ -->|never| stays",
    `  end_ -->|more than ${skew} ago| over[anyone may take over]`,
    "  end_ -->|not yet| beat{has its holder sent heartbeats<br>for this lease?}",
    "  beat -->|no| stays",
    `  beat -->|unchanged for more than ${silence}| over`,
    "  beat -->|yes| stays",
  ];
}

const TAKEOVER = [
  "sequenceDiagram",
  "  participant A as holder A",
  "  participant R as remote, branch owp",
  "  participant B as claimant B",
  "  A->>R: claim: epoch 1",
  "  R-->>A: accepted",
  "  Note over A: falls silent",
  "  Note over B: A's time is over, by B's own clock",
  "  B->>R: claim: epoch 2, taken_from A",
  "  R-->>B: accepted",
  "  A->>R: done, planned at epoch 1",
  "  R-->>A: rejected, the branch has moved",
  `  Note over A: looks, plans again: lease_lost (exit status ${EXIT.lease_lost})`,
  "  B->>R: done at epoch 2",
  "  R-->>B: accepted",
];

const VOCABULARIES: readonly Vocabulary[] = ["owp", "cwom", "jobspec", "workshop"];

function wordTable(): string {
  const rows = WORDS.map((row) => [
    row.states.map(code).join(", "),
    ...VOCABULARIES.map((name) => {
      const word = row[name];
      const result =
        name === "workshop" && row.workshop_result ? ` with \`result.${row.workshop_result}\`` : "";
      return word ? `${code(word)}${result}` : "–";
    }),
  ]);
  return table(["stored", ...VOCABULARIES], rows);
}

const aliasRows = (): string[][] =>
  VOCABULARIES.flatMap((name) =>
    Object.entries(ALIASES[name]).map(([word, state]) => [name, code(word), code(state)]),
  );
