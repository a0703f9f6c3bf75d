/** What git's words mean. They choose the message and the backoff; whether something landed is never read from them. */
import { type Code, ERRORS, type Refusal, refuse } from "../../core/refusal.ts";
import type { Fault, FaultClass } from "../ports.ts";
import type { GitDone } from "./process.ts";

/** Where a fault arose, for its message. */
export interface FaultContext {
  /** The remote's name or URL, as the user knows it. */
  remote: string;
  branch: string;
  doing: "read" | "publish";
}

interface FaultRow {
  class: FaultClass;
  pattern: RegExp;
  /** Texts as git says them; the tests hold the table to them. */
  samples: string[];
  /** What happened, as a sentence without a full stop; groups of the pattern as $1. Default: the class's. */
  says?: string;
  hint?: string;
  code?: Code;
}

/** A push URL that is none, by which pushes to a remote are switched off. */
export const SWITCHED_OFF = /^(?:(?:no|dont|do[-_]?not)[-_]?push(?:ing)?|disabled?|none)$/i;

/** The first row that matches counts, so rows that say more stand first. */
export const FAULTS: readonly FaultRow[] = [
  {
    class: "layout",
    pattern: /'refs\/heads\/([^']+)' exists; cannot create 'refs\/heads\/[^']+'/,
    samples: [
      "remote: error: cannot lock ref 'refs/heads/owp': 'refs/heads/owp/x' exists; cannot create 'refs/heads/owp'",
    ],
    says: "The branch $1 on {remote} stands in the way: git cannot have it beside {branch}",
    hint: "rename or delete the branch $1 on the remote, or choose another name: owp init --branch <name>",
  },
  {
    class: "layout",
    pattern:
      /branch is currently checked out|refusing to (?:update checked out|delete the current) branch|deletion of the current branch prohibited/,
    samples: [
      "! [remote rejected] (branch is currently checked out)",
      "remote: error: refusing to update checked out branch: refs/heads/owp",
      "! [remote rejected] (deletion of the current branch prohibited)",
    ],
    says: "The branch {branch} is checked out in {remote}, and git neither moves nor deletes a checked-out branch",
    hint: "switch that checkout to another branch (git switch <branch>); the record is not meant to be checked out",
  },
  {
    class: "layout",
    pattern: /deny updating a hidden ref|shallow update not allowed|unadvertised object/,
    samples: [
      "! [remote rejected] (deny updating a hidden ref)",
      "! [remote rejected] (shallow update not allowed)",
    ],
    says: "{remote} hides or refuses the ref that owp needs",
  },
  {
    class: "layout",
    pattern: /detected dubious ownership in repository at '([^']+)'/,
    samples: ["fatal: detected dubious ownership in repository at '/srv/hub.git'"],
    says: "git does not trust the repository $1, since it belongs to another user",
    hint: "git config --global --add safe.directory $1",
  },
  {
    class: "hash",
    pattern: /does not support this repository's hash algorithm|mismatched algorithms|hash algorithm/,
    samples: [
      "fatal: the receiving end does not support this repository's hash algorithm",
      "fatal: mismatched algorithms: client sha1; server sha256",
    ],
  },
  {
    class: "auth",
    pattern: /refusing to allow an? .+? to create or update workflow `?([^`\s]+)`? without `?workflows?`?/,
    samples: [
      "! [remote rejected] (refusing to allow a Personal Access Token to create or update workflow `.github/workflows/owp-record.yml` without `workflow` scope)",
      "! [remote rejected] (refusing to allow an OAuth App to create or update workflow `.github/workflows/owp-record.yml` without `workflow` scope)",
      "! [remote rejected] (refusing to allow a GitHub App to create or update workflow `.github/workflows/owp-record.yml` without `workflows` permission)",
    ],
    says: "The credential for {remote} may push, but not change the workflow $1: it lacks the scope `workflow`",
    hint: "gh auth refresh -s workflow, or push over ssh; a fine-grained token needs the permission Workflows: write",
  },
  {
    class: "protected",
    pattern:
      /protected branch|GH006|GH013|repository rule violations|pre-receive hook declined[\s\S]*protected|not allowed to (?:force )?push code to protected/i,
    samples: [
      "remote: error: GH006: Protected branch update failed for refs/heads/owp.\n! [remote rejected] (protected branch hook declined)",
      "remote: error: GH013: Repository rule violations found for refs/heads/owp.\n! [remote rejected] (push declined due to repository rule violations)",
      "remote: GitLab: You are not allowed to push code to protected branches on this project.",
    ],
  },
  {
    class: "hook",
    pattern: /hook declined|denied by (?:a )?hook/,
    samples: ["! [remote rejected] (pre-receive hook declined)", "! [remote rejected] (hook declined)"],
  },
  {
    class: "too_large",
    pattern:
      /HTTP 413|returned error: 413|remote:.*(?:No space left on device|quota)|exceeds (?:the )?(?:maximum|GitHub's file size limit)|pack exceeds maximum allowed size/i,
    samples: [
      "error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413",
      "remote: fatal: write error: No space left on device",
      "fatal: pack exceeds maximum allowed size",
    ],
  },
  {
    class: "disk",
    pattern: /No space left on device|Disk quota exceeded|ENOSPC|EDQUOT/,
    samples: ["fatal: write error: No space left on device", "error: file write error (Disk quota exceeded)"],
  },
  {
    class: "disk",
    pattern: /\b(EROFS|EACCES|EPERM): [^,\n]+, [a-z]+ '([^'\n]+)'/,
    samples: [
      "EROFS: read-only file system, open '/srv/web/.git/owp/queue/1.json'",
      "EACCES: permission denied, mkdir '/srv/web/.git/owp'",
      "EPERM: operation not permitted, open '/srv/web/.git/owp/lock'",
    ],
    says: "This process may not write $2 ($1)",
    code: "not_writable",
    hint: ERRORS.not_writable.hint,
  },
  {
    class: "disk",
    // A server's own words begin with `remote:`; these are of this clone's store while it takes what was fetched.
    pattern:
      /^(?:error|fatal): [^\n]*(?:Read-only file system|Permission denied|Operation not permitted|insufficient permission for adding an object)[^\n]*\n(?:[^\n]*\n)*fatal: (?:unpack-objects|index-pack|fetch-pack)/m,
    samples: [
      "error: unable to create temporary file: Read-only file system\nfatal: failed to write object\nfatal: unpack-objects failed",
      "error: insufficient permission for adding an object to repository database ./objects\nfatal: failed to write object\nfatal: unpack-objects failed",
    ],
    says: "This process may not write into owp's own store in this clone (.git/owp)",
    code: "not_writable",
    hint: ERRORS.not_writable.hint,
  },
  {
    class: "auth",
    pattern: /reading by URL: HTTP 40[13], (.+)/,
    samples: ["reading by URL: HTTP 401, no credential was given"],
    says: "{remote} refused to be read: $1",
    hint: "put a token that may read it into OWP_HUB_TOKEN",
  },
  {
    class: "not_found",
    pattern: /reading by URL: (HTTP 4\d\d|what answers there is no git server)/,
    samples: ["reading by URL: HTTP 404", "reading by URL: what answers there is no git server"],
    says: "There is no repository at {remote}, or it is hidden: $1",
    hint: "check the URL; a private repository needs OWP_HUB_TOKEN",
  },
  {
    class: "auth",
    pattern:
      /'((?:no|dont|do[-_]?not)[-_]?push(?:ing)?|disabled?|none)' does not appear to be a git repository/i,
    samples: ["fatal: 'no_push' does not appear to be a git repository"],
    says: "Pushes to {remote} are switched off in this clone: its push URL is $1",
  },
  {
    class: "auth",
    pattern: /Host key verification failed/,
    samples: ["Host key verification failed.\nfatal: Could not read from remote repository."],
    says: "ssh does not know the host key of {remote}",
    hint: "connect once by hand (ssh -T <host>) and accept the key after checking it",
  },
  {
    class: "auth",
    pattern:
      /insufficient permission for adding an object|Read-only file system|unable to create temporary object directory|cannot (?:mkdir|create)[^\n]*Permission denied/i,
    samples: [
      "remote: error: insufficient permission for adding an object to repository database ./objects",
      "! [remote rejected] (unpacker error)\nerror: remote unpack failed: unable to create temporary object directory",
      "fatal: Unable to create temporary file '/srv/hub.git/objects/x': Read-only file system",
    ],
    says: "The folder of {remote} takes no new files from this user",
    hint: "give this user write access to the remote's folder, and see that its disk is not full",
  },
  {
    class: "auth",
    pattern:
      /Authentication failed for|could not read (?:Username|Password)|Permission denied|HTTP 40[13]|returned error: 40[13]|Invalid username or (?:password|token)|Permission to \S+ denied|Write access to repository not granted|not allowed to push code to this project|marked as read only|permission denied for writ|terminal prompts disabled|EACCES|EPERM/i,
    samples: [
      "fatal: Authentication failed for 'https://example.org/x.git/'",
      "fatal: could not read Username for 'https://example.org': terminal prompts disabled",
      "git@example.org: Permission denied (publickey).\nfatal: Could not read from remote repository.",
      "error: RPC failed; HTTP 403 curl 22 The requested URL returned error: 403",
      "fatal: unable to access 'https://example.org/x.git/': The requested URL returned error: 401",
      "ERROR: Permission to acme/web.git denied to eve.\nfatal: Could not read from remote repository.",
      "remote: ERROR: You are not allowed to push code to this project.\nfatal: Could not read from remote repository.",
      "ERROR: The key you are authenticating with has been marked as read only.\nfatal: Could not read from remote repository.",
      "remote: Gitea: User permission denied for writing.\nfatal: Could not read from remote repository.",
    ],
  },
  {
    class: "not_found",
    pattern:
      /repository '[^']*' not found|Repository not found|does not appear to be a git repository|HTTP 404|returned error: 404|could not be found or you don't have permission/i,
    samples: [
      "remote: Repository not found.\nfatal: repository 'https://example.org/x.git/' not found",
      "fatal: '/nowhere/hub.git' does not appear to be a git repository\nfatal: Could not read from remote repository.",
    ],
  },
  {
    class: "conflict",
    pattern:
      /\[rejected\] \((?:fetch first|non-fast-forward|stale info|already exists|remote ref updated since checkout)\)|failed to update refs?|incorrect old value provided|reference (?:already exists|does not exist)|atomic transaction failed|failed to lock|cannot lock ref '[^']*': (?:is at|reference)|non-fast-forward/,
    samples: [
      "! [rejected] (fetch first)",
      "! [rejected] (non-fast-forward)",
      "! [rejected] (stale info)",
      "! [remote rejected] (failed to update ref)",
      "! [remote rejected] (incorrect old value provided)",
      "! [remote rejected] (reference already exists)",
      "! [remote rejected] (reference does not exist)",
      "! [remote rejected] (failed to update refs)",
      "! [remote rejected] (atomic transaction failed)",
      "! [remote rejected] (failed to lock)",
      "remote: error: cannot lock ref 'refs/heads/owp': is at 1234 but expected 5678",
    ],
  },
  {
    class: "busy",
    pattern:
      /Unable to create '[^']*\.lock': File exists|unable to migrate objects|unpacker error|missing necessary objects|bad pack|unpack failed|maximum time in concurrency queue/,
    samples: [
      "fatal: Unable to create '/srv/hub.git/packed-refs.lock': File exists.",
      "! [remote rejected] (unable to migrate objects to permanent storage)",
      "! [remote rejected] (unpacker error)",
      "! [remote rejected] (missing necessary objects)",
      "! [remote rejected] (bad pack)",
      "remote: maximum time in concurrency queue reached",
    ],
  },
  {
    class: "transport",
    pattern: /no answer in the time allowed/,
    samples: ["no answer in the time allowed"],
    says: "{remote} gave no answer in the time allowed",
    hint: "run it again in a moment, or give it longer with --timeout; reads work offline, and many changes take --offline",
  },
  {
    class: "unreachable",
    pattern:
      /certificate (?:problem|verification)|self-signed|issuer certificate|gnutls_handshake|SSL_connect|TLS connect/i,
    samples: [
      "fatal: unable to access 'https://example.org/': SSL certificate problem: self-signed certificate",
    ],
    says: "No secure connection to {remote} could be made",
    hint: "check the certificate, or name yours: git config http.sslCAInfo <file>",
  },
  {
    class: "unreachable",
    pattern:
      /Could not resolve (?:host|proxy)|Failed to connect|Couldn't connect to server|Connection refused|Network is unreachable|No route to host|[Cc]onnection timed out|Temporary failure in name resolution|unable to look up|Operation timed out|cannot run ssh|unable to fork/,
    samples: [
      "fatal: unable to access 'https://example.org/x.git/': Could not resolve host: example.org",
      "fatal: unable to access 'http://127.0.0.1:1/x.git/': Failed to connect to 127.0.0.1 port 1: Connection refused",
      "ssh: connect to host example.org port 22: Connection timed out\nfatal: Could not read from remote repository.",
      "ssh: Could not resolve hostname example.org: Name or service not known",
    ],
  },
  {
    class: "transport",
    pattern:
      /hung up unexpectedly|unexpected disconnect|RPC failed|HTTP (?:5\d\d|429)|returned error: (?:5\d\d|429)|curl \d+|remote failed to report status|early EOF|Connection (?:reset|closed)|Broken pipe|sideband|stopped by its caller|invalid index-pack output|expected flush/i,
    samples: [
      "send-pack: unexpected disconnect while reading sideband packet\nfatal: the remote end hung up unexpectedly",
      "error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502",
      "error: RPC failed; HTTP 429 curl 22",
      "error: RPC failed; curl 52 Empty reply from server",
      "! [remote failure] (remote failed to report status)",
      "error: error in sideband demultiplexer",
    ],
  },
  {
    class: "unreachable",
    pattern: /Could not read from remote repository|unable to access/,
    samples: ["fatal: Could not read from remote repository."],
  },
  {
    class: "other",
    pattern: /git was not found on this machine/,
    samples: ["git was not found on this machine"],
    says: "git was not found on this machine",
    code: "git_missing",
  },
];

/** What to say of a class where its row says nothing of its own. */
const CLASSES: Record<FaultClass, { code: Code; says: string; hint?: string }> = {
  conflict: { code: "conflict", says: "Another clone changed {branch} on {remote} at the same time" },
  busy: {
    code: "remote_unreachable",
    says: "{remote} was busy and could not take the change just now",
    hint: "run it again in a moment",
  },
  transport: { code: "remote_unreachable", says: "The connection to {remote} was lost" },
  unreachable: { code: "remote_unreachable", says: "{remote} could not be reached" },
  auth: {
    code: "remote_denied",
    says: "{remote} refused access: no credential, or one without the right to {right}",
    hint: "try git {command}; owp uses the same credentials",
  },
  not_found: {
    code: "remote_unreachable",
    says: "{remote} is no repository, or is hidden from this user",
    hint: "check the URL: git remote -v",
  },
  hook: { code: "remote_denied", says: "A hook on {remote} declined the change" },
  protected: {
    code: "remote_denied",
    says: "A rule of the host protects the branch {branch} on {remote}",
    hint: "in the host's branch rules, let those who take part push to {branch} directly: no required review, pull request or status check on it",
  },
  too_large: {
    code: "remote_denied",
    says: "{remote} refused the change as too large, or has no space left",
    hint: "publish less at once, or raise the server's limit",
  },
  layout: { code: "remote_layout", says: "{remote} has a ref or a setting that owp cannot work with" },
  hash: {
    code: "hash_unsupported",
    says: "{remote} uses SHA-256 object names, and owp reads SHA-1 repositories",
  },
  disk: { code: "disk_full", says: "No space is left on this disk" },
  other: { code: "remote_unreachable", says: "git could not work with {remote}" },
};

const STATEMENT = {
  read: "Nothing was changed.",
  publish: "The change was not published, and nothing else was changed.",
};
const TEXT_LIMIT = 800;
/** Lines that say nothing about what went wrong. */
const NOISE =
  /^(?:hint:|To |Done$|remote: *$|error: failed to push some refs|Please make sure you have the correct access rights|and the repository exists\.)/;

/** The class of git's words; `other` where no row knows them. */
export function classify(text: string, exitCode: number | null = null): Fault {
  const row = FAULTS.find(({ pattern }) => pattern.test(text));
  return {
    class: row?.class ?? "other",
    text: shorten(text) || `git ended with status ${exitCode ?? "unknown"}`,
  };
}

/** What a person is told of a fault: what happened, what is still safe, what to do. */
export function faultRefusal(fault: Fault, context: FaultContext): Refusal {
  const row = FAULTS.find((each) => each.class === fault.class && each.pattern.test(fault.text));
  const general = CLASSES[fault.class];
  const groups = row ? (row.pattern.exec(fault.text) ?? []) : [];
  const fill = (text: string) =>
    text
      .replaceAll("{remote}", hideCredentials(context.remote))
      .replaceAll("{branch}", context.branch)
      .replaceAll("{right}", context.doing === "read" ? "read" : "push")
      .replaceAll("{command}", context.doing === "read" ? "fetch" : "push")
      .replaceAll(/\$(\d)/g, (_, digit) => groups[Number(digit)] ?? "");
  const words = quoted(fault);
  const hint = row?.hint ?? general.hint;
  return refuse(
    row?.code ?? general.code,
    `${fill(row?.says ?? general.says)}${words}. ${STATEMENT[context.doing]}`,
    {
      ...(hint !== undefined && { hint: fill(hint) }),
      data: { fault: fault.class, git: fault.text },
    },
  );
}

/** A failure of the store on this machine. The fault says which. */
export class StoreError extends Error {
  constructor(readonly fault: Fault) {
    super(`the object store failed: ${fault.text}`);
  }
}

/** The fault of a git that failed, or of an error of the file system. */
export function faultOf(failure: GitDone | Error): Fault {
  if (failure instanceof Error) return classify(failure.message);
  const text = shorten(failure.stderr);
  if (failure.end === "timeout")
    return { class: "transport", text: `no answer in the time allowed\n${text}`.trim() };
  if (failure.end === "abort") return { class: "transport", text: `stopped by its caller\n${text}`.trim() };
  return classify(text, failure.code);
}

/** The text with the credentials of its URLs removed. A user of ssh is a name and stays. */
export function hideCredentials(text: string): string {
  return text
    .replace(/\b(https?|ftps?):\/\/[^\s/'"]*@/gi, "$1://")
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s/:@'"]*):[^\s/'"]*@/gi, "$1@");
}

/** The words that a hook or an unknown fault gave, since they are all the explanation there is. */
function quoted(fault: Fault): string {
  const said = fault.text.split("\n").filter((line) => line.startsWith("remote:"));
  const own = said.map((line) => line.slice("remote:".length).trim()).filter((line) => line !== "");
  if (["hook", "protected", "too_large"].includes(fault.class) && own.length > 0)
    return `, saying: ${own.join(" / ")}`;
  return fault.class === "other" ? ` (${fault.text.replaceAll("\n", " / ")})` : "";
}

function shorten(text: string): string {
  const lines = hideCredentials(text)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a server may colour its words.
    .replace(/\u001b\[[0-9;]*[A-Za-z]/g, "")
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !NOISE.test(line));
  const whole = [...new Set(lines)].join("\n");
  return whole.length <= TEXT_LIMIT ? whole : `${whole.slice(0, TEXT_LIMIT)}…`;
}
