/** The texts of `owp help <topic>`. */
import { AGENT_VARIABLE, AGENTS, SYSTEMS } from "../core/identity.ts";
import { PLACEHOLDERS, PRIME_LIMIT, PRIME_PATH } from "../core/prime-file.ts";
import { ERRORS, EXIT } from "../core/refusal.ts";
import type { Look } from "../view/look.ts";
import { paint, wrap } from "../view/paint.ts";
import { EXIT_MEANS } from "./exits.ts";
import type { TopicName } from "./topic-names.ts";

export function renderTopic(name: TopicName, look: Look): string {
  const { title, text } = TOPICS[name];
  return `${paint(look, "bold", title)}\n\n${wrap(text(), look.width)}`;
}

const rowsOf = (rows: typeof AGENTS): string =>
  rows.map(({ name, set }) => `- ${name}: ${set.join(", ")}`).join("\n");

interface Topic {
  title: string;
  text: () => string;
}

const TOPICS: Record<TopicName, Topic> = {
  identity: {
    title: "Who am I?",
    text: () => `A worker is a name. owp takes the first of these:
- --as <worker>
- OWP_WORKER
- agent@host/worktree, for instance claude@box/web

agent is the coding agent whose variable is set (the first row below that fits), else what ${AGENT_VARIABLE} says (name or name@version), else the build machine, else git's user.name, else the user of the machine. host is the machine's name up to its first dot. worktree is the folder of the clone, or git's name of a linked worktree; where two of one clone would be called the same, the linked one gets four characters behind its name.

${rowsOf(AGENTS)}

Build machines:
${rowsOf(SYSTEMS)}

So two agents in two worktrees of one clone are two workers, and need no setting up. Two sessions of one agent in one folder are one worker, and get back what it holds: a sub-agent that works beside its parent takes a name of its own, for instance --as claude@box/web+tests, in every command.

Where the policy leaves registration open, a first claim registers its worker in the same push; where it is closed, the first claim says which maintainer must run which command. A default name belongs to the clone that first acted under it: in another clone of that name on that host you are someone else, with four characters of its clone's id behind the name. A clone that comes and goes, for instance in a container, is better called by OWP_WORKER.

owp status shows the name you act under. owp worker register adds skills and capacity.`,
  },
  leases: {
    title: "Leases",
    text: () => `A claim is a lease, not ownership. It ends by itself when its holder is gone.
- On the record a lease lasts 4 h for an agent and 24 h for a person, or what the policy or --for says. Any command of its holder renews it once half is used.
- A holder that runs owp heartbeat is found missing sooner: when its heartbeat has not changed for 15 minutes.
- Blocked tasks and those with an open pull request do not expire by silence.

Whoever takes over gets the next epoch. Every later step of the earlier holder names an older epoch and is refused with exit status 6, in the same compare-and-swap that would have published it: a wrong clock can cost duplicate work, never two accepted completions. Effects outside git need the epoch passed along: scripts put the number that owp claim prints into OWP_LEASE_EPOCH.`,
  },
  queues: {
    title: "Areas, queues, forks",
    text: () => `Several parts of one code base: areas. owp repo set web --area 'auth=src/auth/**' gives a part of the repo a name and the globs of its files (* and ? within a name, ** for any folders, {a,b}). owp areas --path <file> tells which area a file belongs to: the one whose glob is longest before its first wildcard. owp add --path <file> puts a task there, owp claim --area auth takes one from there. One task of an area is in progress at a time, and areas that share files lock each other, nested ones too. Words that are not listed are areas of their own, unless the repo has --areas-closed yes.

Several queues in one repository: --queue ops (or OWP_QUEUE, or git config owp.queue) means the record on the branch owp-ops, with workers, rules, log and heartbeats of its own; owp init --queue ops starts it, owp queues lists them. With another branch for the record (--branch, owp.branch) the name is put behind that. What waits in a clone waits for its own queue: owp sync --queue ops.

Without the right to push: reading works. owp add, edit, note and import take --patch <file> and write the change as a patch for git am, which a maintainer applies to a checkout of the record. In a clone of a fork the record is upstream's: git config owp.remote upstream; owp doctor tells which of the remotes has it.`,
  },
  sources: {
    title: "Bringing work in and out",
    text: () => `owp import takes tasks from another place, in one commit. What it is shows in its content.
- a list of tasks: YAML, JSON, JSON Lines or CSV (a first line with the names of the fields, title among them)
- an export of owp, in any of these forms: the same tasks under the same ids
- .beads/issues.jsonl of Beads (owp import --from beads finds it)
- a folder of Backlog.md, such as backlog or backlog/tasks, or one of its files
- GitHub issues: owp import github:owner/repo, or gh issue list --limit 1000 --json number,title,body,labels,state,assignees,milestone,url | owp import -

github:owner/repo asks the REST API, with the token in GH_TOKEN or GITHUB_TOKEN, at GITHUB_API_URL where that is set. Open issues come, with --state all or --all the closed ones too; --label pool:ready takes those with a label. Pull requests are left out. Behind a proxy use gh.

Labels say what a tracker has no field for: priority:high (critical, high, medium, low, P0 to P4, 0 to 1000), estimate:3 or size:3, tier:1, area:auth, skills:rust. Where two contradict each other, the first counts, with a warning.

Importing again changes nothing where nothing changed. Title, description, priority and labels follow the source as long as nobody changed them here; the rest is set once and belongs to the record. What is closed at the source is left out (--all takes it as open work); what is no longer there is told and never deleted. --dry-run tells what would be new, changed (and in which fields) and left out.

owp export writes YAML, JSON, JSON Lines or CSV. A cell of the table holds the field as it is: it has no mark in front against formulas, for then it would not come back the same. Do not let a spreadsheet run what strangers wrote.`,
  },
  offline: {
    title: "Without the remote",
    text: () => `Reading works; the answer says how old it is. --offline does not even try the remote.

A change has happened when the remote has accepted the push, and not before. owp claim therefore needs the remote and says so. Other changes take --offline: they wait in this clone's queue, and owp sync plans each one on the record as it stands then and tells what became of it. It may be refused then.`,
  },
  merges: {
    title: "Closing by merge",
    text: () => `A commit or a pull request names its task with a line of its own:

Owp-Task: <id>

The whole id, or a part of it that no other task has; several with commas, or on lines of their own. owp trailer prints the line for the task you hold, for instance git commit --trailer "$(owp trailer)"; owp claim and owp show print it with a name for the branch. As a prepare-commit-msg hook, owp trailer --hook "$@" adds it where the branch (task/k3f9-…) or what you hold leaves no doubt; to give up such a commit in the editor, delete the line as well.

When the commit reaches the default branch of the task's repo, by merge, squash, rebase or push, the task is done, whoever held it, with commit and pull request as artifacts. Who has pushed only a part leaves the line out until the last part.
- owp sync of anyone does it, from what git fetch brought to that clone.
- owp settle --range "$BEFORE..$AFTER" does it in a workflow on a push.
- Reading the same commits twice changes nothing. A task that has ended keeps its outcome, and one that owp requeue opened again is ended only by what is merged later.

The policy (owp.yaml) may say otherwise: merge.closes: false turns it off; merge.reverts_reopen: true opens a task again when a commit reverts what ended it (This reverts commit <id>).

A line that names no task, or another record's, is told as a warning and changes nothing.`,
  },
  review: {
    title: "Review of changes to the queue",
    text: () => `owp add, edit and import take --pr: the change is planned as always and put on a branch of its own, owp-change-<id>, on the record's remote. Nothing of it is on the record, and no claim sees it, until someone merges the branch into the record's branch. owp prints the page of the host where the request is opened, or the command; --open-pr opens it with gh or glab, which owp never runs unasked.

Merge it in any way: by merge commit, by squash, by rebase, on the host or with git. Claims and other commands may land meanwhile; they write other files. In the log the change is an edit (record.edited) by whoever proposed it.

On the request, owp validate --range origin/owp..HEAD names what is wrong, with file and line: broken files, circles that two sound edits close together, a lease that was edited by hand. To take a change back before it is merged, delete its branch. If something broken did reach the record, it stops nothing else, and owp repair mends it.`,
  },
  "exit-codes": {
    title: "Exit statuses",
    text: () => {
      const rows = (Object.keys(EXIT) as (keyof typeof EXIT)[]).map((name) => {
        const codes = Object.entries(ERRORS).filter(([, error]) => error.exit === EXIT[name]);
        const list = codes.length > 0 ? ` (${codes.map(([code]) => code).join(", ")})` : "";
        return `- ${EXIT[name]} ${EXIT_MEANS[name]}${list}`;
      });
      return `${rows.join("\n")}\n\nIn brackets: the error codes that --json gives.`;
    },
  },
  json: {
    title: "--json",
    text: () => `Every command takes --json and prints one line: on stdout when it succeeded, on stderr when not.

{"owp": "1.0", "ok": true, "op": "<id>", "command": "claim", "code": "ok", "result": {…}, "warnings": [], "next": ["owp done k3f9"], "view": {"tip": "<commit>", "age_ms": 12, "stale": false}}
{"owp": "1.0", "ok": false, "op": null, "command": "claim", "code": "nothing_to_claim", "error": {"code": …, "message": …, "hint": …, "data": …}, "warnings": [], "next": ["owp ready --explain"], "view": null}

owp is the version of this format: a new field raises the minor number, anything else the major. commit stands where something was published, already where the operation had landed before, queued where it waits for owp sync, changes in a dry run. owp log --json prints one event a line.`,
  },
  files: {
    title: "Files",
    text: () => `The record is a branch, owp by default, that is never checked out in your working tree:
- owp.yaml: the protocol version and the policy
- tasks/<c>/<c>/<id>.yaml: what is to be done, and how it ended
- leases/<c>/<c>/<id>.yaml: who holds it
- workers/<name>.yaml and repos/<slug>.yaml
- job-keys/<c>/<c>/<id>.yaml: which job an idempotency key leads to
- ${PRIME_PATH}, where a team writes one: what owp prime tells agents, in its own words

${PRIME_PATH} may have ${PRIME_LIMIT} characters. ${Object.keys(PLACEHOLDERS)
      .map((name) => `{{${name}}}`)
      .join(
        ", ",
      )} are filled in; remarks (<!-- … -->) are not told. Begin with owp prime --template > ${PRIME_PATH}, and commit the file to the record's branch, or send it as a pull request against it. One that cannot be read is not used: owp prime says so and tells its own text, and owp validate names the line.

The log of the branch is the ledger: one commit for one operation. refs/owp/signals/<clone> hold heartbeats, or branches owp-signals/<clone> where the policy says signals: branches. .git/owp/ of your clone is a cache with a store of its own, and one for every further record below records/; it can be deleted when no owp command runs and nothing waits for owp sync.`,
  },
  environment: {
    title: "Environment variables",
    text: () => `- OWP_WORKER: act as this worker, like --as (owp help identity has the variables by which agents are known)
- OWP_QUEUE: use this queue, like --queue
- OWP_LEASE_EPOCH: the epoch that a holder's command must find on the record
- OWP_JOB_TOKEN: the claim token of a job, for owp job heartbeat, complete and fail
- OWP_NOW: another time for this command: a UTC moment, or a shift such as +2h or -90s
- OWP_DEBUG=1: print the stack of an internal fault
- GH_TOKEN, GITHUB_TOKEN, GITHUB_API_URL: for owp import github:owner/repo
- NO_COLOR, FORCE_COLOR: colour never, or even without a terminal; --no-color beats both
- GITHUB_ACTIONS: owp validate writes annotations

git's own variables for credentials, ssh and proxies hold for owp too.`,
  },
};
