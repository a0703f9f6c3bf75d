/** Where `owp import` reads from: a file, standard input, a folder of Backlog.md, or GitHub. Items or one refusal. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Refusal, refuse } from "../core/refusal.ts";
import type { Dialect, Parsed } from "../domain/exchange/parse.ts";
import type { Call } from "./command.ts";

export interface SourceInput {
  file?: string;
  from?: Dialect;
  all?: boolean;
  /** Of github:owner/repo alone. */
  state?: "open" | "all";
  label?: string[];
}

/** What is read where no file is named. */
export const DEFAULT_FILES: Partial<Record<Dialect, string>> = {
  beads: join(".beads", "issues.jsonl"),
  backlog: "backlog",
};

/** Folders of a Backlog.md project that hold tasks; what was archived was given up. */
const TASK_FOLDERS = ["tasks", "drafts", "completed"];

export async function readSource(call: Call, input: SourceInput): Promise<Parsed | Refusal> {
  const file = input.file ?? (input.from && DEFAULT_FILES[input.from]);
  if (file === undefined) {
    return refuse("usage", "owp import needs <file>, a folder, github:owner/repo, or - for standard input.", {
      hint: "usage: owp import <file|->",
    });
  }
  const { isGithubName } = await import("../lib/github/place.ts");
  if (isGithubName(file)) return readGithub(call, file, input);
  const given = input.state !== undefined ? "--state" : input.label !== undefined ? "--label" : undefined;
  if (given !== undefined)
    return refuse("usage", `${given} chooses among the issues of github:owner/repo, and ${file} is a file.`, {
      hint: "owp import github:owner/repo",
    });
  const [parse, { place, io }] = [await import("../domain/exchange/parse.ts"), call];
  if (file === "-") return parse.parseImport(await io.readStdin(), input.from);
  try {
    const path = resolve(place.dir, file);
    if (statSync(path).isDirectory()) return readFolder(path, file, parse.parseBacklog);
    const from = input.from ?? (/\.md$/i.test(file) ? "backlog" : undefined);
    return parse.parseImport(readFileSync(path), from, file);
  } catch (error) {
    return unreadable(file, error as NodeJS.ErrnoException);
  }
}

function unreadable(file: string, error: NodeJS.ErrnoException): Refusal {
  const [, kind] = /^([a-z]{2,}):/.exec(file) ?? [];
  if (error.code === "ENOENT" && kind !== undefined) {
    const message = `There is no file ${file}, and owp knows no source ${kind}; it knows github. Nothing was imported.`;
    return refuse("usage", message, { hint: "owp import github:owner/repo", data: { file, field: "file" } });
  }
  const reason = error.code === "ENOENT" ? "it is not there" : error.message;
  return refuse("invalid_input", `${file} cannot be read: ${reason}. Nothing was imported.`, {
    hint: "name another file",
    data: { file },
  });
}

/** A folder of task files, or of a whole Backlog.md project. */
function readFolder(
  path: string,
  name: string,
  parse: typeof import("../domain/exchange/parse.ts").parseBacklog,
): Parsed | Refusal {
  const inner = TASK_FOLDERS.filter((folder) => isFolder(join(path, folder)));
  const files = (inner.length > 0 ? inner : ["."]).flatMap((folder) =>
    readdirSync(join(path, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.md$/i.test(entry.name))
      .map((entry) => join(folder, entry.name))
      .sort(),
  );
  if (files.length === 0 && inner.length === 0) {
    return refuse(
      "invalid_input",
      `${name} holds no task files of Backlog.md (*.md). Nothing was imported.`,
      {
        hint: "name the folder that holds them, such as backlog/tasks",
        data: { file: name },
      },
    );
  }
  return parse(
    files.map((file) => ({ name: join(name, file), bytes: readFileSync(join(path, file)) })),
    true,
  );
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

async function readGithub(call: Call, file: string, input: SourceInput): Promise<Parsed | Refusal> {
  if (input.from !== undefined && input.from !== "github")
    return refuse("usage", `${file} is read from GitHub, and not as ${input.from}.`, {
      hint: `owp import ${file}`,
    });
  const [{ githubPlace }, { fetchIssues }, { parseGithub }] = await Promise.all([
    import("../lib/github/place.ts"),
    import("../lib/github/issues.ts"),
    import("../domain/exchange/parse.ts"),
  ]);
  const { io, globals } = call;
  const place = githubPlace(file, io.env);
  if (!place.ok) return place;
  const labels = input.label ?? [];
  const { onProgress } = call.runOptions();
  const got = await fetchIssues(
    place,
    { state: input.state ?? (input.all ? "all" : "open"), labels },
    {
      fetch,
      sleep: io.sleep,
      now: io.now,
      abort: io.abort,
      ...(globals.timeout_ms !== undefined && { limit_ms: globals.timeout_ms }),
      say: (text) => {
        if (!globals.quiet && !globals.json) io.err(`owp: ${text}\n`);
      },
      onPage: ({ done, page, pages }) =>
        onProgress?.({ stage: `fetching issues (page ${page}${pages ? ` of ${pages}` : ""})`, done }),
    },
  );
  return got.ok ? parseGithub(got.issues, { name: file, labels }) : got;
}
