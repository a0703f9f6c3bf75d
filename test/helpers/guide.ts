/**
 * Runs a page as its reader would: its blocks in order, in clones of a hub of the page's own. A comment before a block
 * says where:
 *
 *     <!-- run: ada -->                          in ada's clone, which is made when it is first named
 *     <!-- run: ada in ../side with CLAUDECODE=1 -->   in another folder from there, with variables set
 *     <!-- run: ada $ git log -1 -->             the block is what this command prints there
 *     <!-- file: ada notes.md -->                the block is written to this file there
 *     <!-- not run: why -->
 *
 * A console block shows commands behind `$ ` (and `> `, where one goes on) and what each prints; an sh block is a script,
 * whose output is not looked at. Every command must succeed. Blocks of both kinds must say one of these things.
 */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { OWP, ROOT, start } from "./command.ts";
import { git, tempDir } from "./git.ts";
import { Names } from "./transcript.ts";

interface Block {
  page: string;
  /** The line of the fence, from 1. */
  line: number;
  marker: string;
  language: string;
  text: string;
}

/** What a page shows and what was printed are two things. */
export class Difference extends Error {
  constructor(
    at: string,
    command: string,
    /** The lines of the page that show the output: from (from 0), and how many. */
    readonly from: number,
    readonly shown: string,
    readonly printed: string,
  ) {
    super(`${at}: $ ${command}\n--- shown\n${shown}--- printed\n${printed}`);
  }
}

/** Runs all blocks of a page; throws at the first that does not do what the page says. Answers how many commands ran. */
export async function runGuide(page: string, markdown: string): Promise<number> {
  const scene = new Scene();
  let count = 0;
  for (const block of blocksOf(page, markdown)) count += await runBlock(scene, block);
  return count;
}

const RUN = /^run: (\w+)(?: in (\S+))?(?: with ((?:[A-Z_]+=\S+ ?)+))?(?: \$ (.+))?$/;
const FILE = /^file: (\w+) (\S+)$/;

async function runBlock(scene: Scene, block: Block): Promise<number> {
  const { marker, language, text } = block;
  const at = `${block.page}:${block.line}`;
  const file = FILE.exec(marker);
  const run = RUN.exec(marker);
  if (file?.[1] && file[2]) {
    writeFileSync(join(scene.clone(file[1]), file[2]), text);
    return 0;
  }
  if (!run?.[1]) {
    if (marker.startsWith("not run: ") || (marker === "" && !/^(sh|console)$/.test(language))) return 0;
    throw new Error(`${at}: a block of ${language} behind "${marker}", which says neither where nor why not`);
  }
  const [, place, path = ".", variables = "", command] = run;
  const session = new Session(scene, join(scene.clone(place), path), variables);
  if (language !== "console" && !command) {
    await session.run(at, `set -euo pipefail\n${text}`);
    return 1;
  }
  const steps = command ? [{ command, from: block.line, shown: text }] : stepsOf(at, block);
  for (const step of steps) {
    const printed = await session.run(at, step.command);
    if (scene.names.matches(step.shown, printed)) continue;
    scene.names.learn(step.shown, printed);
    throw new Difference(at, step.command, step.from, step.shown, scene.names.onThePage(printed));
  }
  return steps.length;
}

/** The blocks of a page with the comment before each, if there is one. */
function blocksOf(page: string, markdown: string): Block[] {
  const lines = markdown.split("\n");
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const language = /^```(\w*)$/.exec(lines[i] ?? "")?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf("```", i + 1);
    const marker = /^<!-- (.*) -->$/.exec(lines[i - 1] ?? "")?.[1] ?? "";
    blocks.push({ page, line: i + 1, marker, language, text: `${lines.slice(i + 1, end).join("\n")}\n` });
    i = end;
  }
  return blocks;
}

interface Step {
  command: string;
  /** The line of the page, from 0, at which the output begins. */
  from: number;
  shown: string;
}

function stepsOf(at: string, { line: fence, text }: Block): Step[] {
  const steps: Step[] = [];
  for (const [i, line] of text.trimEnd().split("\n").entries()) {
    const last = steps.at(-1);
    const from = fence + i + 1;
    if (line.startsWith("$ ")) steps.push({ command: line.slice(2), from, shown: "" });
    else if (!last) throw new Error(`${at}: a console block begins with "$ " and a command`);
    else if (last.shown === "" && line.startsWith("> ")) {
      last.command += `\n${line.slice(2)}`;
      last.from = from;
    } else last.shown += `${line}\n`;
  }
  return steps;
}

/** A hub, the clones of people by their names, and a folder with the command under test. */
class Scene {
  readonly names = new Names();
  readonly root = tempDir("owp-guide");
  readonly bin = join(this.root, "bin");
  private readonly clones = new Map<string, string>();

  constructor() {
    mkdirSync(this.bin);
    const script = `#!/bin/sh\nexec '${process.execPath}' '${OWP}' "$@"\n`;
    writeFileSync(join(this.bin, "owp"), script, { mode: 0o755 });
    mkdirSync(join(this.root, "node_modules"));
    symlinkSync(ROOT, join(this.root, "node_modules", "owp"));
    git(this.root, "init", "--quiet", "--bare", "--initial-branch=main", "web.git");
  }

  /** `ada` works in the clone `web` in a folder of her own; the first one has a commit on main. */
  clone(name: string): string {
    const known = this.clones.get(name);
    if (known) return known;
    const dir = join(this.root, name, "web");
    git(this.root, "clone", "--quiet", "web.git", dir);
    git(dir, "config", "user.name", name);
    git(dir, "config", "user.email", `${name}@example.org`);
    if (this.clones.size === 0) {
      git(dir, "commit", "--quiet", "--allow-empty", "-m", "first");
      git(dir, "push", "--quiet", "origin", "HEAD:main");
    }
    this.clones.set(name, dir);
    return dir;
  }

  /** What a page tells to type, with this run's ids and places. */
  asTyped(script: string): string {
    return this.names.inThisRun(script).replaceAll("/home/", `${this.root}/`);
  }

  /** This machine's names for places, as pages write them. */
  asShown(text: string): string {
    const host = hostname().split(".")[0]?.toLowerCase() ?? "";
    return text.replaceAll(`@${host}/`, "@box/").replaceAll(this.root, "/home");
  }
}

/** One block's shell: what a command sets and where it goes holds for the next one. */
class Session {
  private state = "";

  constructor(
    private readonly scene: Scene,
    private readonly dir: string,
    private readonly variables: string,
  ) {}

  /** What it prints, both streams in their order; throws where it fails. */
  async run(at: string, script: string): Promise<string> {
    const real = this.scene.asTyped(script);
    const saved = join(this.scene.root, "state");
    const whole = `exec 2>&1\n${this.state}\n${real}\nstatus=$?\n{ export -p; printf 'cd %q\\n' "$PWD"; } > '${saved}'\nexit $status`;
    const { status, stdout } = await start("bash", ["-c", whole], this.dir, { env: this.environment() })
      .ended;
    this.state = `. '${saved}'`;
    const printed = this.scene.asShown(stdout);
    if (status !== 0) throw new Error(`${at}: exit status ${status}\n$ ${real}\n${printed}`);
    return printed;
  }

  /** Whose commits these are follows from the clone, as it does for people. */
  private environment(): NodeJS.ProcessEnv {
    const pairs = this.variables
      .split(" ")
      .filter(Boolean)
      .map((pair) => pair.split("="));
    return {
      PATH: `${this.scene.bin}:${process.env.PATH}`,
      GIT_AUTHOR_NAME: undefined,
      GIT_AUTHOR_EMAIL: undefined,
      GIT_COMMITTER_NAME: undefined,
      GIT_COMMITTER_EMAIL: undefined,
      ...Object.fromEntries(pairs),
    };
  }
}
