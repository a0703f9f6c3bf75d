/**
 * GitHub issues as tasks (FEATURES A26–A28): what `gh issue list --json …` prints, and what the REST API answers. The two
 * differ in a few names. What only GitHub has is kept in meta.github.
 */
import type { ImportItem, Task } from "../../generated/types.ts";
import { TEXT_LIMIT } from "../tasks/fields.ts";
import { type ItemRead, isObject, problem } from "./item-read.ts";
import { clashWarnings, fieldsOfLabels } from "./labels.ts";
import { compact, cut, cutTitle, remember, tidyLabels, titleLine, typeOf } from "./tidy.ts";

type Issue = Record<string, unknown>;

/** GitHub's own host; issues of another one carry its name in their external id. */
const HOME = "github.com";

const STATUSES: Record<string, NonNullable<ImportItem["status"]>> = { open: "ready", closed: "ended" };

/** What a file must have been asked for, so that issues are found again. */
export const GH_FIELDS = "number,title,body,labels,state,assignees,milestone,url";

/** An issue in either form: no other list has whole numbers and titles, and no kind, id of a task or type of an issue. */
export const isGithub = (value: unknown): boolean =>
  isObject(value) &&
  Number.isInteger(value.number) &&
  typeof value.title === "string" &&
  value.kind === undefined &&
  value.issue_type === undefined;

export function readGithub(issue: Issue): ItemRead {
  const { number, title } = issue;
  if (!Number.isInteger(number) || Number(number) < 1)
    return problem(`number is ${JSON.stringify(number)}; it must be an issue's number`, "number");
  if (typeof title !== "string" || title.trim() === "") return problem("title is missing", "title");
  const place = placeOf(issue);
  if (!place)
    return problem(`url is no issue's address; ask for it: gh issue list --json ${GH_FIELDS}`, "url");
  // The REST API lists pull requests among the issues.
  if (isObject(issue.pull_request) || place.isPull) return { skipped: "pull request, which is no issue" };
  const word = issue.state === undefined ? "open" : String(issue.state).toLowerCase();
  const status = Object.hasOwn(STATUSES, word) ? STATUSES[word] : undefined;
  if (!status) return problem(`state is ${JSON.stringify(issue.state)}; it must be open or closed`, "state");
  if (issue.body !== undefined && issue.body !== null && typeof issue.body !== "string")
    return problem(`body is ${JSON.stringify(issue.body).slice(0, 60)}; it must be text`, "body");
  const warnings: string[] = [];
  const item = itemOf(issue, { title, status, ...place }, warnings);
  return { item: compact(item), warnings };
}

interface Known {
  title: string;
  status: NonNullable<ImportItem["status"]>;
  id: string;
  url: string;
}

function itemOf(issue: Issue, { title, status, id, url }: Known, warnings: string[]): ImportItem {
  const labels = tidyLabels(namesIn(issue.labels, "name"));
  const said = fieldsOfLabels(labels);
  warnings.push(...clashWarnings(said));
  const shown = titleLine(title, warnings);
  const body = typeof issue.body === "string" ? issue.body.replace(/\r\n?/g, "\n").trim() : "";
  // A26: the address stands first, so that whoever works on it finds the discussion.
  const text = [url, ...cutTitle(title, shown), body].filter(Boolean).join("\n\n");
  const assignees = actorsOf(issue.assignees);
  return {
    ...{ key: id, external_id: id, where: id, url, status, title: shown, labels, skills: said.skills },
    description: cut(text, TEXT_LIMIT, "description", warnings),
    ...(said.priority !== undefined && { priority: said.priority }),
    ...(said.size !== undefined && { size: said.size }),
    ...(said.tier && { tier: said.tier }),
    ...(said.area !== undefined && { area: said.area }),
    type: workOf(issue.type, labels),
    extra: { ...(assignees.length > 0 && { assignees }), meta: { github: remembered(issue) } },
  };
}

/** `owner/repo#12`, and the host before it where it is not GitHub's own; undefined where no address tells. */
function placeOf(issue: Issue): { id: string; url: string; isPull: boolean } | undefined {
  const url = typeof issue.html_url === "string" ? issue.html_url : issue.url;
  if (typeof url !== "string") return undefined;
  const found = /^https?:\/\/([^/\s@]+)\/([^/\s]+\/[^/\s]+)\/(issues|pull)\/(\d+)$/.exec(url);
  const [, host = "", repo = "", kind, number] = found ?? [];
  if (!found || Number(number) !== issue.number) return undefined;
  const scope = host.toLowerCase() === HOME ? repo : `${host.toLowerCase()}/${repo}`;
  return { id: `${scope}#${number}`, url, isPull: kind === "pull" };
}

/** Names in a list of texts, or of objects that hold them. */
function namesIn(list: unknown, key: string): string[] {
  const names = (Array.isArray(list) ? list : []).map((one) => (isObject(one) ? one[key] : one));
  return names.filter((name): name is string => typeof name === "string" && name !== "");
}

/** Accounts there are no workers here, so nobody is kept from claiming; CWOM's assignees say whom it concerns. */
function actorsOf(list: unknown): NonNullable<Task["assignees"]> {
  return namesIn(list, "login").map((actor_id) => ({
    actor_kind: actor_id.endsWith("[bot]") ? "system" : "human",
    actor_id,
  }));
}

/** GitHub's type of the issue, or the first label that is one. */
function workOf(type: unknown, labels: readonly string[]): string | undefined {
  const words = [...namesIn([type], "name"), ...labels];
  return words.map(typeOf).find((found) => found !== undefined);
}

/** One name for each thing, whichever of the two forms it came in. */
function remembered(issue: Issue): Record<string, unknown> {
  const facts = {
    state: issue.state,
    state_reason: issue.state_reason ?? issue.stateReason,
    milestone: namesIn([issue.milestone], "title")[0],
    author: namesIn([issue.user ?? issue.author], "login")[0],
    created_at: issue.created_at ?? issue.createdAt,
    closed_at: issue.closed_at ?? issue.closedAt,
  };
  return remember(facts, Object.keys(facts));
}
