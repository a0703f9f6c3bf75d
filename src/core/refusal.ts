/**
 * Expected refusals are values with a code. This table is the one place that gives each code its exit status,
 * HTTP status, default hint and docs row (docs/errors.md is made from it).
 */

/** The exit statuses of the command, ten at most. */
export const EXIT = {
  ok: 0,
  internal: 1,
  usage: 2,
  nothing: 3,
  not_found: 4,
  conflict: 5,
  lease_lost: 6,
  remote: 7,
  unknown: 8,
  invalid_record: 9,
} as const;

interface ErrorRow {
  /** The process's exit status. */
  exit: number;
  /** The gateway's HTTP status. */
  http: number;
  /** What it means, for docs/errors.md. */
  means: string;
  /** The next command, where the refusal itself gives none. */
  hint: string;
}

const row = (exit: keyof typeof EXIT, http: number, means: string, hint: string): ErrorRow => ({
  exit: EXIT[exit],
  http,
  means,
  hint,
});

export const ERRORS = {
  internal: row(
    "internal",
    500,
    "A fault in owp itself. Nothing was published unless the message says so.",
    "run it again with OWP_DEBUG=1 and report what it prints",
  ),
  usage: row(
    "usage",
    400,
    "The command line or the input is not of the form the command takes.",
    "see owp help <command>",
  ),
  invalid_input: row(
    "usage",
    422,
    "A value breaks a rule of the schema or of the policy.",
    "see owp help <command>",
  ),
  nothing_to_claim: row("nothing", 409, "No task is free for this worker now.", "owp ready --explain"),
  not_initialized: row("not_found", 404, "This repository has no owp record on its remote.", "owp init"),
  no_repository: row(
    "not_found",
    404,
    "The folder is not inside a git repository.",
    "git init, or use -C <folder>",
  ),
  task_unknown: row("not_found", 404, "No task has this id.", "owp list --all"),
  task_ambiguous: row("not_found", 409, "Several tasks match this part of an id.", "type more of the id"),
  worker_unknown: row("not_found", 404, "No worker has this name.", "owp worker list"),
  object_unknown: row("not_found", 404, "No object has this id.", "owp object list <kind>"),
  object_ambiguous: row("not_found", 409, "Several objects match this part of an id.", "type more of the id"),
  wrong_kind: row(
    "usage",
    422,
    "The object exists, and is of another kind than the one that is asked for.",
    "owp object show <id>",
  ),
  immutability_violation: row(
    "conflict",
    405,
    "The object, or this part of it, never changes once it is there.",
    "owp object new <kind> --from <id> makes a new one",
  ),
  invite_required: row(
    "conflict",
    403,
    "The policy lets nobody register without an invite.",
    "owp member register <name> --invite <code>",
  ),
  invite_unknown: row("not_found", 404, "No invite has this code, or this id.", "owp member invites"),
  invite_state: row(
    "conflict",
    409,
    "The invite was used, has expired, or was taken back.",
    "a member makes another with owp member invite",
  ),
  invite_credits: row(
    "conflict",
    409,
    "The member has made as many invites as the policy gives.",
    "owp member revoke <invite>",
  ),
  key_taken: row(
    "conflict",
    409,
    "The ssh key is, or was, a member's already.",
    "ssh-keygen -t ed25519 makes a new one",
  ),
  proposal_unknown: row("not_found", 404, "No proposal has this id.", "owp proposal list"),
  proposal_ambiguous: row(
    "not_found",
    409,
    "Several proposals match this part of an id.",
    "type more of the id",
  ),
  proposal_state: row(
    "conflict",
    409,
    "The proposal's status allows no such step.",
    "owp proposal show <id>",
  ),
  not_author: row("conflict", 403, "Only the author of a proposal may do this.", "owp proposal show <id>"),
  own_proposal: row(
    "conflict",
    403,
    "Nobody votes on their own proposal, or reacts to their own comment.",
    "owp vote list <id>",
  ),
  vote_unknown: row("not_found", 404, "There is no such vote, comment or reaction.", "owp vote list <id>"),
  effect_denied: row(
    "conflict",
    403,
    "The policy does not allow proposals to have this effect.",
    "allow it with governance.effects in owp.yaml",
  ),
  pow_required: row(
    "conflict",
    428,
    "The policy asks for proof of work for this, and none was given, or it has expired.",
    "the command line and the library solve it by themselves; owp pow difficulty tells how hard it is",
  ),
  pow_invalid: row(
    "conflict",
    422,
    "The proof of work that was given does not fit: it is for something else, or is none.",
    "leave --pow out, and owp makes one that fits",
  ),
  policy_lockout: row(
    "usage",
    422,
    "Under the policy that is asked for nobody could act, or nothing could be decided any more.",
    "change what the message names",
  ),
  pull_unknown: row("not_found", 404, "No pull request of the proposal has this id.", "owp proposal pr list"),
  pull_state: row(
    "conflict",
    409,
    "The pull request is closed or merged, and stays so.",
    "owp proposal pr list",
  ),
  pull_votes: row(
    "conflict",
    409,
    "The policy asks for more votes for the pull request than against it.",
    "owp proposal pr vote <proposal> <id> up",
  ),
  repo_elsewhere: row(
    "conflict",
    409,
    "The repo is another repository than the one this clone is of.",
    "run it in a clone of that repository",
  ),
  branch_unknown: row("not_found", 404, "The repository has no such branch.", "owp object repo branches"),
  revision_unknown: row(
    "not_found",
    404,
    "The repository has no such branch, tag, commit or path.",
    "owp object repo branches, owp object repo tags",
  ),
  not_fast_forward: row(
    "conflict",
    409,
    "The target has commits that the source lacks; merges are fast-forwards only.",
    "git rebase the source onto the target, push it, and run it again",
  ),
  repo_unknown: row("not_found", 404, "No repo of the record has this slug.", "owp repo list"),
  task_held: row("conflict", 409, "Another worker holds the task.", "owp ready"),
  task_not_claimable: row(
    "conflict",
    409,
    "The task is not open for this worker now.",
    "owp ready --explain",
  ),
  task_ended: row(
    "conflict",
    409,
    "The task has ended; it holds an outcome.",
    "owp requeue <id> to open it again",
  ),
  illegal_transition: row(
    "conflict",
    409,
    "The state machine has no such step from the task's present state.",
    "owp show <id>",
  ),
  not_holder: row("conflict", 403, "The task is held by someone else, or by no one.", "owp status"),
  ambiguous_held: row(
    "usage",
    400,
    "The id was left out, and this worker holds several tasks or none.",
    "owp status",
  ),
  lease_lost: row(
    "lease_lost",
    409,
    "The lease is lost: another holder or a later epoch stands on the record. What was finished late is not accepted.",
    "owp show <id>",
  ),
  job_unknown: row("not_found", 404, "No job has this id.", "owp job list --all"),
  job_task: row(
    "conflict",
    409,
    "The task is a job: its worker and its programs change it with owp job.",
    "owp job show <id>",
  ),
  job_ended: row(
    "conflict",
    409,
    "The job has ended, and stays as it is.",
    "owp job submit, for another one",
  ),
  fence_mismatch: row(
    "lease_lost",
    409,
    "The claim token or its epoch is not that of the job's present claim: stop working on it.",
    "owp job claim",
  ),
  lease_expired: row(
    "lease_lost",
    409,
    "The lease of the job has run out, though no one has taken it yet: stop working on it.",
    "owp job claim",
  ),
  not_allowed: row(
    "conflict",
    403,
    "The policy allows this only to a maintainer, or to no one.",
    "owp worker list",
  ),
  already_exists: row("conflict", 409, "There is one already.", "owp list"),
  dependency_cycle: row("usage", 422, "The dependencies would run in a circle.", "owp show <id>"),
  worker_retired: row(
    "conflict",
    409,
    "The worker is retired, or paused where the command needs it active.",
    "owp worker resume",
  ),
  clock_implausible: row(
    "conflict",
    409,
    "This machine's clock does not fit what the record shows, so nothing that depends on time was done.",
    "set the clock (for instance with timedatectl), then owp doctor",
  ),
  conflict: row(
    "conflict",
    409,
    "Other clones kept winning until the deadline. Nothing was changed.",
    "run it again, or give it longer with --timeout",
  ),
  remote_unreachable: row(
    "remote",
    503,
    "The remote could not be reached. Nothing was changed.",
    "owp doctor; reads work offline, and many changes take --offline",
  ),
  remote_denied: row(
    "remote",
    403,
    "The remote refused: no permission, a hook or a rule. Nothing was changed.",
    "owp doctor",
  ),
  remote_layout: row(
    "remote",
    409,
    "The remote has a ref or a setting that owp cannot work with. Nothing was changed.",
    "owp doctor",
  ),
  hash_unsupported: row(
    "remote",
    501,
    "The repository uses SHA-256 object names; owp reads SHA-1 repositories.",
    "use a SHA-1 repository for the record",
  ),
  push_url: row(
    "remote",
    409,
    "There is not exactly one push URL.",
    "git remote set-url --delete --push <remote> <url>",
  ),
  git_missing: row("remote", 501, "git was not found, or is older than 2.34.", "install git 2.34 or newer"),
  disk_full: row(
    "remote",
    507,
    "No space is left on this disk. Nothing was published.",
    "free some space and run it again",
  ),
  not_writable: row(
    "remote",
    403,
    "This process may not write where owp keeps its files. Nothing was changed.",
    "give this user the right to write there; where a sandbox forbids it, run owp outside of the sandbox",
  ),
  setup_differs: row(
    "conflict",
    409,
    "What is there differs from what owp setup would write.",
    "owp setup <target> writes it; with --dry-run it only shows it",
  ),
  setup_blocked: row(
    "conflict",
    409,
    "Something of the user's stands where owp setup writes, or half of its own part is gone. Nothing was written.",
    "see what the message names, and run it again",
  ),
  unknown_outcome: row(
    "unknown",
    504,
    "The connection was lost while the change was on its way; whether it landed is not known yet.",
    "owp sync finds out; the next command does too",
  ),
  offline_needs_remote: row(
    "remote",
    503,
    "This command is decided by the remote and cannot be queued.",
    "run it again when the remote is reachable",
  ),
  record_invalid: row(
    "invalid_record",
    409,
    "A file of the record that this needs cannot be read.",
    "owp validate",
  ),
  protocol_newer: row(
    "invalid_record",
    409,
    "The record was written by a newer major version of the protocol.",
    "npm install -g owp@latest",
  ),
  not_a_record: row(
    "invalid_record",
    409,
    "The branch exists and is not an owp record.",
    "name another branch: owp init --branch <name>",
  ),
  record_rewritten: row(
    "invalid_record",
    409,
    "The record's history was replaced on the remote. It is not followed silently.",
    "owp doctor --accept-rewrite, when the rewrite was meant",
  ),
  validation_failed: row("invalid_record", 422, "The check found errors.", "mend the files it names"),
  jobs_not_ready: row(
    "invalid_record",
    503,
    "Records of the job ledger are corrupt, so what is shown of the jobs may lack something.",
    "owp job events",
  ),
  not_signed: row(
    "conflict",
    403,
    "The policy asks for signed operations, and this one could not be signed with its actor's key.",
    "git config owp.signingkey ~/.ssh/id_ed25519",
  ),
  read_only: row(
    "conflict",
    405,
    "A record that is read by URL is not changed.",
    "clone the repository and run it there",
  ),
  source_unreachable: row(
    "remote",
    502,
    "The place that work is imported from could not be reached, or answered with a fault. Nothing was imported.",
    "run it again later",
  ),
  source_denied: row(
    "remote",
    403,
    "The place that work is imported from wants another token. Nothing was imported.",
    "set GITHUB_TOKEN to a token that may read the issues",
  ),
  source_unknown: row(
    "not_found",
    404,
    "The place that work is imported from is not there, or not for this token. Nothing was imported.",
    "check its name",
  ),
  source_limited: row(
    "remote",
    429,
    "The place that work is imported from allows no more requests for now. Nothing was imported.",
    "run it again at the time that the message names",
  ),
  canceled: row(
    "unknown",
    499,
    "The call was stopped by its caller before an answer was known.",
    "owp status",
  ),
} as const satisfies Record<string, ErrorRow>;

export type Code = keyof typeof ERRORS;

/** A refusal: what happened, what is still safe, and the next command. Never thrown by a plan, always returned. */
export interface Refusal {
  ok: false;
  code: Code;
  /** A sentence that says what happened and what is still safe. */
  message: string;
  /** The next command. */
  hint: string;
  /** Facts for programs: candidates, holder, field, file, line. */
  data?: Record<string, unknown>;
}

export function refuse(
  code: Code,
  message: string,
  more: { hint?: string; data?: Record<string, unknown> } = {},
): Refusal {
  const refusal: Refusal = { ok: false, code, message, hint: more.hint ?? ERRORS[code].hint };
  if (more.data) refusal.data = more.data;
  return refusal;
}
