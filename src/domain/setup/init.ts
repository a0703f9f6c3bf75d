/** The first commit of a record: its rules, a page for readers, the schemas, the first repo and the first maintainer. */

import { decode } from "../../core/codec.ts";
import type { Change, Ctx, Plan } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import { rulesOf } from "../../core/rules.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { InitInput, Policy, Repo, Worker } from "../../generated/types.ts";
import { publicUrl, slugOf } from "../repos/name.ts";
import { badField, isSlug, oneLine } from "../tasks/fields.ts";
import { reposInOrder } from "../tasks/links.ts";
import { actingWorker, draftWorker } from "../workers/acting.ts";

export interface Initialized {
  /** Slug of the first repo. */
  repo: string;
  /** The caller, who is a maintainer now. */
  worker: string;
  protocol: string;
  /** The record was there; nothing was published. */
  already?: true;
}

const POLICY = "owp.yaml";
/** What a record starts with besides its objects. */
const LITERAL = /^(?:README\.md|\.owp\/schemas\/(?:cwom\/)?[a-z][a-z-]*\.json)$/;

/** Options that change a line of the policy's template: the line's key, and the value as YAML. */
const SETTINGS = {
  registration: "registration",
  default_trust: "default_trust",
  agent_lease: "agent",
  human_lease: "human",
  max_skew: "max_skew",
  max_attempts: "max",
  max_estimate: "max_estimate",
  signals: "signals",
} as const;

export function planInit(snapshot: Snapshot, input: InitInput, ctx: Ctx): Plan<Initialized> {
  const me = actingWorker(snapshot, ctx).name;
  if (snapshot.tip !== null) return isRecord(snapshot) ? there(snapshot, me) : foreign(snapshot.tip);
  const files = readFiles(input);
  if (!files.ok) return files;
  const repo = firstRepo(input, ctx);
  if (!repo.ok) return repo;
  const worker: Worker = {
    ...draftWorker(rulesOf(files.policy), me, ctx),
    id: ctx.newId("w"),
    trust_tier: "maintainer",
  };
  return {
    ok: true,
    changes: [
      ...files.changes,
      { path: pathOf("Repo", repo.value.slug), value: repo.value },
      { path: pathOf("Worker", me), value: worker },
    ],
    event: { type: "record.created", subject: `start the record with repo ${repo.value.slug}`, actor: me },
    result: { repo: repo.value.slug, worker: me, protocol: files.policy.protocol },
  };
}

const isRecord = (snapshot: Snapshot): boolean =>
  snapshot.doc(POLICY) !== undefined || snapshot.problems.has(POLICY);

function there(snapshot: Snapshot, me: string): Plan<Initialized> {
  const repo = reposInOrder(snapshot)[0]?.slug ?? "";
  return {
    ok: true,
    changes: [],
    result: { repo, worker: me, protocol: snapshot.policy.protocol, already: true },
  };
}

function foreign(tip: string): Refusal {
  return refuse(
    "not_a_record",
    "The branch exists and holds something else than an owp record: it has no owp.yaml. Nothing was changed.",
    {
      data: { tip },
    },
  );
}

type Files = { ok: true; policy: Policy; changes: Change[] };

function readFiles({ files, ...input }: InitInput): Files | Refusal {
  const template = files[POLICY];
  const stray = Object.keys(files).find((path) => path !== POLICY && !LITERAL.test(path));
  if (template === undefined || stray !== undefined) {
    return badField(
      "files",
      stray ?? Object.keys(files),
      "owp.yaml, README.md and schemas under .owp/schemas/",
    );
  }
  const text = withSettings(template, input);
  const decoded = decode(POLICY, new TextEncoder().encode(text));
  if (!decoded.ok)
    return badField("files", decoded.problem.message, "texts of which owp.yaml is a valid policy");
  const policy = decoded.doc.value as Policy;
  const literal = Object.keys(files)
    .filter((path) => path !== POLICY)
    .sort()
    .map((path): Change => ({ path, value: {}, text: files[path] ?? "" }));
  return { ok: true, policy, changes: [{ path: POLICY, value: policy, text }, ...literal] };
}

/** The template with other values; its comments stay. Throws where the template lacks a line that an option changes. */
function withSettings(template: string, input: Omit<InitInput, "files">): string {
  let text = template;
  for (const [name, key] of Object.entries(SETTINGS)) {
    const value = input[name as keyof typeof SETTINGS];
    if (value === undefined) continue;
    const line = new RegExp(`^( *)${key}: .*$`, "m");
    if (!line.test(text)) throw new Error(`the template of ${POLICY} has no line "${key}:"`);
    text = text.replace(line, (_whole, indent: string) => `${indent}${key}: ${value}`);
  }
  return text;
}

function firstRepo(input: InitInput, ctx: Ctx): { ok: true; value: Repo } | Refusal {
  const url = input.url === undefined ? undefined : publicUrl(input.url);
  const slug = input.repo ?? slugOf(input.url ?? input.folder ?? "");
  if (!isSlug(slug))
    return badField(
      "repo",
      slug,
      "1 to 100 lower-case letters, digits, dots and dashes, such as app or my-app",
    );
  const name = input.name === undefined ? slug : oneLine(input.name, 200);
  if (name === undefined) return badField("name", input.name, "one line of 1 to 200 characters");
  const branch = input.default_branch === undefined ? undefined : oneLine(input.default_branch, 200);
  const value: Repo = {
    kind: "Repo",
    id: ctx.newId("r"),
    slug,
    name,
    ...(url === undefined ? {} : { source: { system: "git", url } }),
    ...(branch === undefined ? {} : { default_branch: branch }),
    created_at: iso(ctx.now),
  };
  return { ok: true, value };
}
