/** Who runs a command, from its environment. Pure: the facts are read by whoever opens a hub. */
import type { Caller } from "./operation.ts";
import { type Refusal, refuse } from "./refusal.ts";

export interface IdentityFacts {
  /** --as. */
  as?: string;
  /** OWP_WORKER, and the variables by which coding agents and build machines are known. */
  env: Readonly<Record<string, string | undefined>>;
  hostname: string;
  /** The machine's user. */
  os_user: string;
  /** git's user.name. */
  git_user?: string;
  /** The worktree's folder name. */
  worktree: string;
}

type Kind = Caller["actor_kind"];

/** Variables that a coding agent sets for the commands it runs; any of them will do. The first row that fits counts. */
const AGENTS: readonly { name: string; set: readonly string[] }[] = [
  { name: "claude", set: ["CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT"] },
  { name: "codex", set: ["CODEX_SANDBOX", "CODEX_SANDBOX_NETWORK_DISABLED", "CODEX_THREAD_ID", "CODEX_CI"] },
  { name: "gemini", set: ["GEMINI_CLI"] },
  { name: "opencode", set: ["OPENCODE", "OPENCODE_CLIENT"] },
  { name: "copilot", set: ["COPILOT_AGENT_SESSION_ID", "COPILOT_CLI", "GITHUB_COPILOT_CLI"] },
  { name: "augment", set: ["AUGMENT_AGENT"] },
  { name: "cline", set: ["CLINE_ACTIVE"] },
  { name: "antigravity", set: ["ANTIGRAVITY_AGENT"] },
  { name: "cursor", set: ["CURSOR_AGENT", "CURSOR_TRACE_ID"] },
];

/** Machines that run scripts on their own. */
const SYSTEMS: typeof AGENTS = [
  { name: "github-actions", set: ["GITHUB_ACTIONS"] },
  { name: "gitlab-ci", set: ["GITLAB_CI"] },
  { name: "ci", set: ["CI"] },
];

const NAME = /^(?![^/]*\.yaml\/)[a-z0-9][a-z0-9._@+-]*(\/[a-z0-9][a-z0-9._@+-]*)?$/;
const MAX_NAME = 120;
/** So that the three parts and their marks stay under MAX_NAME. */
const MAX_PART = 38;

/** A caller without its clone's id, which the engine knows. */
export function identityOf(facts: IdentityFacts): ({ ok: true } & Omit<Caller, "clone">) | Refusal {
  const { env } = facts;
  const found = programOf(env);
  const actor_kind = found?.kind ?? "human";
  const given = facts.as ?? (env.OWP_WORKER || undefined);
  if (given === undefined)
    return { ok: true, name: defaultName(facts, found?.name), explicit: false, actor_kind };
  const name = given.toLowerCase();
  if (name.length <= MAX_NAME && NAME.test(name)) return { ok: true, name, explicit: true, actor_kind };
  const source = facts.as === undefined ? "OWP_WORKER" : "--as";
  return refuse(
    "usage",
    `${source} is "${given}", which is no worker's name: letters, digits and . _ @ + - with at most one slash.`,
    { hint: `for instance ${source === "--as" ? "--as " : "OWP_WORKER="}${slug(given)}` },
  );
}

/** `agent@host/worktree`: two worktrees of one clone are two workers. */
function defaultName(facts: IdentityFacts, program: string | undefined): string {
  const who = program ?? (facts.git_user?.trim() || facts.os_user);
  const host = facts.hostname.split(".")[0] ?? "";
  return `${slug(who)}@${slug(host, "host")}/${slug(facts.worktree, "main")}`;
}

function programOf(env: IdentityFacts["env"]): { name: string; kind: Kind } | undefined {
  if (env.AI_AGENT) return { name: env.AI_AGENT.split("@")[0] || "agent", kind: "agent" };
  const isSet = (row: { set: readonly string[] }) => row.set.some((key) => isOn(env[key]));
  const agent = AGENTS.find(isSet);
  if (agent) return { name: agent.name, kind: "agent" };
  const system = SYSTEMS.find(isSet);
  return system && { name: system.name, kind: "system" };
}

/** A switch in the environment that is set, and not to a word for no. */
export const isOn = (value: string | undefined): boolean =>
  value !== undefined && !["", "0", "false"].includes(value);

/** Lower case, without accents; what a name cannot hold becomes a dash. */
function slug(text: string, otherwise = "worker"): string {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const dashed = plain.replace(/[^a-z0-9._+-]+/g, "-").replace(/^[^a-z0-9]+|-+$/g, "");
  return dashed.slice(0, MAX_PART).replace(/-+$/, "") || otherwise;
}
