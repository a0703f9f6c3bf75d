/** Sandboxes in which coding agents run commands: how they are known, what they close, and the way out. Pure. */
import { isOn } from "./identity.ts";
import type { Refusal } from "./refusal.ts";

type Env = Readonly<Record<string, string | undefined>>;

interface SandboxRow {
  name: string;
  /** Variables that are set inside; all of them must be. */
  set: readonly [string, ...string[]];
  closes: string;
  /** What to do. */
  out: string;
}

const CODEX = {
  name: "Codex",
  closes: "the network and the .git folder",
  out: 'ask to run this owp command outside of the sandbox; for good: prefix_rule(pattern = ["owp"], decision = "allow") in ~/.codex/rules/owp.rules',
};

/** The first row that fits counts. */
const SANDBOXES: readonly SandboxRow[] = [
  { ...CODEX, set: ["CODEX_SANDBOX_NETWORK_DISABLED"] },
  { ...CODEX, set: ["CODEX_SANDBOX"] },
  {
    name: "Claude Code",
    set: ["SANDBOX_RUNTIME"],
    closes: "hosts that are not on its list, and folders outside of the project",
    out: "ask to run this owp command outside of the sandbox; for good: add owp to sandbox.excludedCommands in its settings",
  },
  {
    name: "Gemini CLI",
    set: ["SANDBOX", "GEMINI_CLI"],
    closes: "folders outside of the project and, by its profile, the network",
    out: "run owp outside of the sandbox, or choose a sandbox profile that lets it reach the remote and .git/owp",
  },
  {
    name: "Cursor",
    set: ["CURSOR_SANDBOX"],
    closes: "the network and folders outside of the project",
    out: "ask to run this owp command outside of the sandbox; for good: add owp to the commands that Cursor may run",
  },
];

/** What a person or an agent is told of the sandbox that this process runs in; undefined: none that is known. */
export function sandboxOf(env: Env): { message: string; hint: string } | undefined {
  const row = SANDBOXES.find(({ set }) => set.every((name) => isOn(env[name])));
  if (!row) return undefined;
  const [variable] = row.set;
  return {
    message: `The sandbox of ${row.name} (${variable}=${env[variable]}) may close ${row.closes} to this process.`,
    hint: row.out,
  };
}

/** git's words for a folder or a network that is closed to it. */
const CLOSED = /Read-only file system|Operation not permitted/;
const NETWORK: ReadonlySet<unknown> = new Set(["unreachable", "transport"]);

/** The refusal, with the sandbox and the way out where it is of the kind that a sandbox causes. */
export function inSandbox<R extends Refusal>(refusal: R, env: Env): R {
  const { code, data = {} } = refusal;
  const isKind =
    code === "not_writable" ||
    (code === "remote_unreachable" && NETWORK.has(data.fault)) ||
    (code === "remote_denied" && CLOSED.test(String(data.git)));
  const sandbox = isKind ? sandboxOf(env) : undefined;
  if (!sandbox) return refusal;
  return { ...refusal, message: `${refusal.message} ${sandbox.message}`, hint: sandbox.hint };
}
