/** The stage of the demo: a bare hub in a temporary folder and three clones of it, each with a worker. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SimpleGit, simpleGit } from "simple-git";
import type { Hub, OpenHub } from "../types.ts";

export interface Worker {
  name: string;
  dir: string;
  git: SimpleGit;
  hub: Hub;
}

export interface Stage {
  root: string;
  /** The bare repository that all three push to. */
  remote: string;
  workers: Worker[];
}

/** Their folders are their names. */
const NAMES = ["amber", "birch", "cedar"] as const;

/** Runs an operation and answers its result; a refusal that the story does not expect ends the demo. */
export async function must<T = Record<string, unknown>>(hub: Hub, name: string, input: unknown): Promise<T> {
  const outcome = await hub.run(name, input);
  if (!outcome.ok) throw new Error(`${name}: ${outcome.message}`);
  return outcome.result as T;
}

export async function setStage(openHub: OpenHub): Promise<Stage> {
  const root = mkdtempSync(join(tmpdir(), "owp-demo-"));
  const remote = join(root, "hub.git");
  mkdirSync(remote);
  await simpleGit(remote).raw("init", "--quiet", "--bare", "--initial-branch=main");
  const workers: Worker[] = [];
  for (const name of NAMES) {
    const dir = join(root, name);
    await simpleGit(root).clone(remote, dir);
    const git = simpleGit(dir);
    await git.addConfig("user.name", name);
    await git.addConfig("user.email", `${name}@example.org`);
    if (workers.length === 0) await firstCommit(dir, git);
    else await git.raw("checkout", "--quiet", "-B", "main", "origin/main");
    const hub = await openHub({ dir, as: name, env: {} });
    if ("code" in hub) throw new Error(hub.message);
    workers.push({ name, dir, git, hub });
  }
  return { root, remote, workers };
}

async function firstCommit(dir: string, git: SimpleGit): Promise<void> {
  await git.raw("checkout", "--quiet", "-B", "main");
  writeFileSync(join(dir, "README.md"), "# A small project\n");
  await git.add("README.md");
  await git.commit("Start the project");
  await git.raw("push", "--quiet", "origin", "main");
}
