/** The options that every command takes, before or after its name. */

export interface Globals {
  json: boolean;
  /** -C: the folder to work in, as typed. */
  dir?: string;
  as?: string;
  quiet: boolean;
  hub?: string;
  branch?: string;
  queue?: string;
  remote?: string;
  timeout_ms?: number;
  offline: boolean;
  dry_run: boolean;
  op?: string;
  /** undefined: by terminal and environment. */
  color?: boolean;
}

export interface GlobalRow {
  /** As commander writes it. */
  flags: string;
  /** How the value is read; "flag": there is none. */
  kind: "flag" | "text" | "duration" | "ulid";
  key: keyof Globals | "help";
  help: string;
  /** Commands in whose help it stands; every command accepts it. */
  shown?: "change" | "offline";
}

export const GLOBALS: readonly GlobalRow[] = [
  { flags: "--json", kind: "flag", key: "json", help: "answer in JSON, errors too (owp help json)" },
  { flags: "-C <dir>", kind: "text", key: "dir", help: "run as if started in this folder" },
  { flags: "--as <worker>", kind: "text", key: "as", help: "act as this worker (owp help identity)" },
  { flags: "-q, --quiet", kind: "flag", key: "quiet", help: "no talk; a change prints only the ids it made" },
  { flags: "--hub <url>", kind: "text", key: "hub", help: "read the record at this URL, with no clone" },
  { flags: "--branch <name>", kind: "text", key: "branch", help: "the record's branch (default: owp)" },
  { flags: "--queue <name>", kind: "text", key: "queue", help: "one of several queues (owp help queues)" },
  { flags: "--remote <name>", kind: "text", key: "remote", help: "the remote that holds the record" },
  {
    flags: "--timeout <duration>",
    kind: "duration",
    key: "timeout_ms",
    help: "give up after this long (default: 60s)",
  },
  {
    flags: "--offline",
    kind: "flag",
    key: "offline",
    help: "do not ask the remote; a change waits for owp sync",
    shown: "offline",
  },
  {
    flags: "--dry-run",
    kind: "flag",
    key: "dry_run",
    help: "show what would change, publish nothing",
    shown: "change",
  },
  {
    flags: "--op-id <ulid>",
    kind: "ulid",
    key: "op",
    help: "the operation's id: the same id twice is one operation",
    shown: "change",
  },
  { flags: "--no-color", kind: "flag", key: "color", help: "no colour (also NO_COLOR=1)" },
  { flags: "-h, --help", kind: "flag", key: "help", help: "show help" },
];

/** The row that an argument such as `--as`, `--as=ada`, `-C`, `-Cdir` or `-q` names. */
export function globalOf(argument: string): GlobalRow | undefined {
  const name = argument.startsWith("--") ? argument.replace(/=.*/s, "") : argument.slice(0, 2);
  return GLOBALS.find(
    (row) => namesOf(row.flags).includes(name) && (row.kind !== "flag" || name === argument),
  );
}

/** The value stands in the same argument: `--as=ada`, `-Cdir`. */
export const holdsValue = (argument: string): boolean =>
  argument.startsWith("--") ? argument.includes("=") : argument.length > 2;

/** `-q, --quiet` gives -q and --quiet. */
export function namesOf(flags: string): string[] {
  return flags.split(/[ ,|]+/).filter((part) => part.startsWith("-"));
}
