/**
 * Runs the steps of a workflow as GitHub's and GitLab's runners do: each by a shell, with the environment that the
 * runner sets, until one fails. What cannot be had here is put in its place: a checkout is a clone of the hub, and the
 * installation of owp is a command on the PATH. Anything else is refused, so that nothing passes unseen.
 */
import { spawnSync } from "node:child_process";
import { parse } from "yaml";
import { gitEnv } from "./git.ts";

interface GithubStep {
  name?: string;
  uses?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
  run?: string;
}

export interface GithubWorkflow {
  on: Record<string, { branches?: string[] } | null>;
  permissions: Record<string, string>;
  jobs: Record<string, { if?: string; env?: Record<string, string>; steps: GithubStep[] }>;
}

export interface GitlabJob {
  stage?: string;
  rules: { if: string }[];
  variables?: Record<string, string>;
  before_script?: string[];
  script: string[];
}

export const readWorkflow = <T = GithubWorkflow>(text: string): T => parse(text) as T;

/** What became of one step. */
export interface Ran {
  step: string;
  status: number | null;
  out: string;
  err: string;
}

export interface World {
  /** The workspace, empty. */
  dir: string;
  /** Puts into it what actions/checkout would: `with` of the step. */
  checkout: (options: Record<string, unknown>) => void;
  path: string;
  /** Values of expressions, by what stands between the braces. */
  expressions: Record<string, string>;
}

const INSTALL = /^npm install --global owp@\d+(?:\.\d+)?$/;

/** The steps of a job that ran; the last one failed, or all of them passed. */
export function runGithubJob({ jobs }: GithubWorkflow, name: string, world: World): Ran[] {
  const job = jobs[name];
  if (!job) throw new Error(`no job ${name}`);
  const fill = (text: string) =>
    text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
      const value = world.expressions[expression];
      if (value === undefined) throw new Error(`an expression that this runner does not know: ${expression}`);
      return value;
    });
  if (job.if !== undefined && fill(job.if) !== "true") return [];
  const filled = (env: Record<string, string> = {}) =>
    Object.fromEntries(Object.entries(env).map(([key, value]) => [key, fill(value)]));
  const ran: Ran[] = [];
  for (const step of job.steps) {
    if (step.uses !== undefined) {
      if (step.uses !== "actions/checkout@v4")
        throw new Error(`an action that this runner does not know: ${step.uses}`);
      world.checkout(step.with ?? {});
      continue;
    }
    const script = step.run ?? "";
    if (INSTALL.test(script.trim())) continue;
    const env = {
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_WORKSPACE: world.dir,
      ...filled(job.env),
      ...filled(step.env),
    };
    // Expressions in a script would be put into it as they are: whoever names a branch could write commands.
    if (script.includes("${{")) throw new Error(`an expression inside a script: ${script}`);
    const done = shell(world, ["bash", "-e", "-c", script], env);
    ran.push({ step: step.name ?? script, ...done });
    if (done.status !== 0) break;
  }
  return ran;
}

/** GitLab runs all lines of a job in one shell. */
export function runGitlabJob(
  job: GitlabJob,
  before: readonly string[],
  world: World,
  variables: Record<string, string>,
): Ran {
  world.checkout({});
  const lines = [...before, ...job.script].filter((line) => !INSTALL.test(line));
  const env = { CI: "true", GITLAB_CI: "true", ...job.variables, ...variables };
  return {
    step: lines.join("; "),
    ...shell(world, ["bash", "-e", "-o", "pipefail", "-c", lines.join("\n")], env),
  };
}

function shell({ dir, path }: World, [command = "", ...args]: string[], env: Record<string, string>) {
  const done = spawnSync(command, args, {
    cwd: dir,
    encoding: "utf8",
    env: { PATH: path, ...gitEnv, ...env },
  });
  return { status: done.status, out: done.stdout, err: done.stderr };
}

/** Whether one of the rules lets it run: comparisons with == and !=, matches with !~, joined by &&. */
export function allows(rules: readonly { if: string }[], variables: Record<string, string>): boolean {
  return rules.some((rule) => rule.if.split(" && ").every((part) => holds(part, variables)));
}

function holds(part: string, variables: Record<string, string>): boolean {
  const match = /^\$(\w+) (==|!=|!~) (?:"(.*)"|\/(.*)\/|\$(\w+))$/.exec(part);
  if (!match) throw new Error(`a rule that this runner does not know: ${part}`);
  const [, name = "", operator, text, pattern, other = ""] = match;
  const value = variables[name] ?? "";
  if (pattern !== undefined) return operator === "!~" && !new RegExp(pattern).test(value);
  return (value === (text ?? variables[other])) === (operator === "==");
}
