/** `owp object repo tree|blob|commits|branches|tags|compare|merge`: the repository itself, which the hub reads with git. */
import type { Command, InputSchema } from "../command.ts";

const REPO: InputSchema = {
  type: "string",
  description: "The repo, by slug; the record's first by default.",
};
const REF: InputSchema = {
  type: "string",
  description: "A branch of the remote, a tag or a commit; the repo's default branch by default.",
};
const path = (description: string): InputSchema => ({ type: "string", description });

interface Row {
  name: string;
  summary: string;
  type: "query" | "change";
  args: string[];
  examples: string[];
  properties: Record<string, InputSchema>;
  required?: string[];
}

const ROWS: readonly Row[] = [
  {
    name: "tree",
    summary: "The files of a folder of the repository at a branch, tag or commit",
    type: "query",
    args: ["path?"],
    examples: [
      "owp object repo tree",
      "owp object repo tree src --ref v1.0",
      "owp object repo tree --recursive",
    ],
    properties: {
      path: path("The folder; the root by default."),
      ref: REF,
      recursive: { type: "boolean", description: "The files of all folders below it." },
      repo: REPO,
    },
  },
  {
    name: "blob",
    summary: "One file of the repository; --json: binary content as base64",
    type: "query",
    args: ["path"],
    examples: ["owp object repo blob README.md", "owp object repo blob logo.png --ref main --json"],
    properties: { path: path("The file."), ref: REF, repo: REPO },
    required: ["path"],
  },
  {
    name: "commits",
    summary: "Commits of the repository, the newest first, page by page",
    type: "query",
    args: [],
    examples: ["owp object repo commits --limit 50", "owp object repo commits --ref topic --path src"],
    properties: {
      ref: REF,
      path: path("Only commits that change this file or folder."),
      limit: { type: "integer", minimum: 1, maximum: 1000, description: "At most so many; 25 by default." },
      cursor: { type: "string", description: "next_cursor of the page before." },
      repo: REPO,
    },
  },
  {
    name: "branches",
    summary: "The branches that the repository's remote has",
    type: "query",
    args: [],
    examples: ["owp object repo branches", "owp object repo branches --repo web --json"],
    properties: { repo: REPO },
  },
  {
    name: "branches new",
    summary: "Make a branch on the remote (role write)",
    type: "change",
    args: ["name"],
    examples: ["owp object repo branches new cache --from main"],
    properties: {
      name: { type: "string", description: "The new branch." },
      from: {
        ...REF,
        description: "Where it begins: a branch, tag or commit; the default branch by default.",
      },
      repo: REPO,
    },
    required: ["name"],
  },
  {
    name: "branches delete",
    summary: "Delete a branch on the remote (role write); never the default branch or the record",
    type: "change",
    args: ["name"],
    examples: ["owp object repo branches delete cache"],
    properties: { name: { type: "string", description: "The branch." }, repo: REPO },
    required: ["name"],
  },
  {
    name: "tags",
    summary: "The tags that the repository's remote has",
    type: "query",
    args: [],
    examples: ["owp object repo tags"],
    properties: { repo: REPO },
  },
  {
    name: "compare",
    summary: "What a branch has that another lacks: commits, files, lines",
    type: "query",
    args: ["range"],
    examples: ["owp object repo compare main...cache", "owp object repo compare v1.0...main --patch"],
    properties: {
      range: { type: "string", description: "base...head: branches, tags or commits." },
      patch: { type: "boolean", description: "The difference itself too." },
      repo: REPO,
    },
    required: ["range"],
  },
  {
    name: "merge",
    summary: "Move a branch on the remote to another: a fast-forward, or a refusal (role write)",
    type: "change",
    args: ["source", "target?"],
    examples: ["owp object repo merge cache main"],
    properties: {
      source: { type: "string", description: "The branch with the commits." },
      target: { type: "string", description: "The branch that is moved; the default branch by default." },
      repo: REPO,
    },
    required: ["source"],
  },
];

export const repoGit: readonly Command[] = ROWS.map(
  ({ name: verb, summary, type, args, examples, properties, required = [] }): Command => {
    const name = `object repo ${verb}`;
    return {
      ...{ name, group: "plan", summary, type, args, examples, offline: false },
      load: async () => ({
        schema: { properties, required },
        run: (call) => call.withHub((hub) => hub.run(name, call.input, call.runOptions())),
      }),
    };
  },
);
