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
  /** The worktree's name: the folder of a clone, or what git calls a linked worktree. */
  worktree: string;
  /** Of a linked worktree: the name of its clone's own folder. */
  main?: string;
}

type Kind = Caller["actor_kind"];

interface Program {
  name: string;
  /** Any of these will do. */
  set: readonly string[];
}

/**
 * Variables that a coding agent sets for the commands it runs, and that no person's shell has: none that an editor sets
 * in every terminal, and none by which an agent is configured. The first row that fits counts; a fork that keeps its
 * origin's variable stands before it.
 */
export const AGENTS: readonly Program[] = [
  { name: "claude", set: ["CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT"] },
  { name: "codex", set: ["CODEX_SANDBOX", "CODEX_SANDBOX_NETWORK_DISABLED", "CODEX_THREAD_ID", "CODEX_CI"] },
  { name: "qwen", set: ["QWEN_CODE"] },
  { name: "gemini", set: ["GEMINI_CLI"] },
  { name: "opencode", set: ["OPENCODE", "OPENCODE_SESSION_ID"] },
  {
    name: "copilot",
    set: ["COPILOT_AGENT_SESSION_ID", "COPILOT_AGENT_JOB_ID", "COPILOT_AGENT", "COPILOT_CLI"],
  },
  { name: "cursor", set: ["CURSOR_AGENT"] },
  { name: "amp", set: ["AMP_CURRENT_THREAD_ID"] },
  { name: "goose", set: ["GOOSE_TERMINAL"] },
  { name: "augment", set: ["AUGMENT_AGENT"] },
  { name: "cline", set: ["CLINE_ACTIVE"] },
  { name: "roo", set: ["ROO_ACTIVE"] },
  { name: "windsurf", set: ["WINDSURF_CASCADE_TERMINAL"] },
  { name: "antigravity", set: ["ANTIGRAVITY_AGENT"] },
  { name: "crush", set: ["CRUSH"] },
  { name: "pi", set: ["PI_CODING_AGENT"] },
];

/** Any other agent may name itself: `name`, or `name@version`. */
export const AGENT_VARIABLE = "AI_AGENT";

/** Machines that run scripts on their own. */
export const SYSTEMS: readonly Program[] = [
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
  return `${slug(who)}@${slug(host, "host")}/${placeName(facts)}`;
}

/**
 * Two worktrees of one clone never have the same name: a linked one gets a mark behind its name where a worker's name
 * cannot hold all of it, or where the clone's own folder is called the same.
 */
function placeName({ worktree, main }: IdentityFacts): string {
  const name = slug(worktree, "main");
  if (main === undefined) return name;
  if (name === worktree.toLowerCase() && name !== slug(main, "main")) return name;
  const suffix = `-${mark(worktree)}`;
  return name.slice(0, MAX_PART - suffix.length) + suffix;
}

const MARK_LENGTH = 4;

/** Four letters and digits that stand for a text (FNV-1a). */
function mark(text: string): string {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(36).padStart(MARK_LENGTH, "0").slice(-MARK_LENGTH);
}

/** A known agent goes by its row whatever it calls itself: a name that changes with each version would be a new worker. */
function programOf(env: IdentityFacts["env"]): { name: string; kind: Kind } | undefined {
  const isSet = ({ set }: Program) => set.some((key) => isOn(env[key]));
  const agent = AGENTS.find(isSet);
  if (agent) return { name: agent.name, kind: "agent" };
  const named = env[AGENT_VARIABLE];
  if (named) return { name: named.split("@")[0] || "agent", kind: "agent" };
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
