/**
 * The issues of a repository over GitHub's REST API, page after page; all of them or a refusal. One request at a time, as
 * GitHub asks. Every wait and every loop has a limit.
 */
import { type Refusal, refuse } from "../../core/refusal.ts";
import { spell } from "../../core/time.ts";
import { MAX_ITEMS } from "../../domain/exchange/parse.ts";
import { type Answer, judge, limitRefusal, MAX_WAIT_MS, type Verdict } from "./judge.ts";
import type { GithubPlace } from "./place.ts";

export interface Asked {
  state: "open" | "all";
  /** Issues that have all of them. */
  labels: readonly string[];
}

/** What the world gives, so that tests need not wait. */
export interface World {
  fetch: typeof fetch;
  sleep(ms: number, abort?: AbortSignal): Promise<void>;
  /** ms since 1970. */
  now(): number;
  abort?: AbortSignal;
  /** For one request; 30 s where it is left out. */
  limit_ms?: number;
  /** For people: that owp waits, and how long. */
  say(text: string): void;
  onPage?(progress: { done: number; pages?: number; page: number }): void;
}

export type Issues = { ok: true; issues: unknown[] } | Refusal;

const PAGE = 100;
/** Pull requests come along on the pages, and are skipped later. */
const MAX_PAGES = (2 * MAX_ITEMS) / PAGE;
const REQUEST_LIMIT_MS = 30_000;
const MAX_REDIRECTS = 3;
/** Broken connections and faults of theirs. */
const MAX_RETRIES = 2;
const RETRY_MS = 1000;

export async function fetchIssues(place: GithubPlace, asked: Asked, world: World): Promise<Issues> {
  const patience: Patience = { waited_ms: 0 };
  const found = new Map<number, unknown>();
  let url: string | undefined = firstPage(place, asked);
  for (let page = 1; url !== undefined; page++) {
    if (page > MAX_PAGES) return fault(place, `${place.host} has more than ${MAX_PAGES} pages of issues`);
    const got = await get(url, place, world, patience);
    if (!got.ok) return got;
    const issues = listIn(got.answer.body);
    if (!issues) return fault(place, `What ${place.host} answered is no list of issues`);
    // An issue that slid to the next page meanwhile comes twice.
    for (const issue of issues) found.set(Number(issue.number), slim(issue));
    const links = linksIn(got.answer.header("link"));
    world.onPage?.({ done: found.size, page, ...(links.last !== undefined && { pages: links.last }) });
    url = links.next;
    if (url !== undefined && !isOurs(url, place))
      return fault(place, `${place.host} names a next page on another host`);
  }
  return { ok: true, issues: [...found.values()] };
}

/** Oldest first: what is opened meanwhile comes last, and moves nothing. */
function firstPage({ api, repo }: GithubPlace, { state, labels }: Asked): string {
  const query = new URLSearchParams({ state, sort: "created", direction: "asc", per_page: String(PAGE) });
  if (labels.length > 0) query.set("labels", labels.join(","));
  return `${api}/repos/${repo}/issues?${query}`;
}

const isOurs = (url: string, { api }: GithubPlace): boolean =>
  URL.canParse(url) && new URL(url).origin === new URL(api).origin;

interface Patience {
  /** For limits, of all requests together. */
  waited_ms: number;
}

type Got = { ok: true; answer: Answer } | Refusal;

/** One page, however often it takes to ask for it. */
async function get(first: string, place: GithubPlace, world: World, patience: Patience): Promise<Got> {
  let [url, redirects, retries] = [first, 0, 0];
  for (;;) {
    if (world.abort?.aborted) return stopped();
    const answer = await request(url, place, world);
    if (world.abort?.aborted) return stopped();
    const verdict: Verdict = "refusal" in answer ? answer : judge(answer, place, world.now());
    if (verdict.to === "read") return { ok: true, answer: answer as Answer };
    if (verdict.to === "refuse") return verdict.refusal;
    if (verdict.to === "follow") {
      if (++redirects > MAX_REDIRECTS) return fault(place, `${place.host} sends on without end`);
      url = verdict.url;
    } else if (verdict.to === "retry") {
      if (++retries > MAX_RETRIES) return verdict.refusal;
      await world.sleep(RETRY_MS * retries, world.abort);
    } else {
      const now = world.now();
      if (patience.waited_ms + verdict.ms > MAX_WAIT_MS) return limitRefusal(place, now + verdict.ms, now);
      patience.waited_ms += verdict.ms;
      world.say(`${place.host} allows no more requests for ${spell(verdict.ms)}; waiting`);
      await world.sleep(verdict.ms, world.abort);
    }
  }
}

/** A connection that breaks is asked again; one that says nothing has had its time. */
async function request(
  url: string,
  { token, host }: GithubPlace,
  { fetch, abort, limit_ms = REQUEST_LIMIT_MS }: World,
): Promise<Answer | Extract<Verdict, { refusal: Refusal }>> {
  const limit = new AbortController();
  const stop = () => limit.abort();
  const timer = setTimeout(stop, limit_ms);
  abort?.addEventListener("abort", stop);
  try {
    const response = await fetch(url, {
      redirect: "manual",
      signal: limit.signal,
      headers: {
        accept: "application/vnd.github+json",
        "user-agent": "owp",
        "x-github-api-version": "2022-11-28",
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
    });
    const { status, headers } = response;
    return { status, header: (name) => headers.get(name), body: await response.text() };
  } catch (error) {
    const why = limit.signal.aborted ? `no answer within ${spell(limit_ms)}` : reasonOf(error);
    const message = `${host} could not be reached: ${why}. Nothing was imported.`;
    const refusal = refuse("source_unreachable", message, {
      hint: "run it again, or gh issue list --limit 1000 --json … | owp import -",
      data: { host },
    });
    return { to: limit.signal.aborted ? "refuse" : "retry", refusal };
  } finally {
    clearTimeout(timer);
    abort?.removeEventListener("abort", stop);
  }
}

/** The system's code: longer texts may hold what was sent. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string } };
  return cause?.code ?? "the connection was cut, or could not be made";
}

const stopped = (): Refusal =>
  refuse("canceled", "Stopped while the issues were fetched. Nothing was imported.", {
    hint: "run it again",
  });

const fault = ({ host, repo }: GithubPlace, what: string): Refusal =>
  refuse("source_unreachable", `${what}. Nothing was imported.`, {
    hint: "check GITHUB_API_URL",
    data: { host, repo },
  });

type Issue = Record<string, unknown>;

function listIn(body: string): Issue[] | undefined {
  try {
    const value: unknown = JSON.parse(body);
    const isList = Array.isArray(value) && value.every((one) => typeof one === "object" && one !== null);
    return isList ? (value as Issue[]) : undefined;
  } catch {
    return undefined;
  }
}

/** What is read of an issue: an answer of the API is some ten times as much. */
const KEPT = [
  ...[
    "number",
    "title",
    "body",
    "state",
    "state_reason",
    "html_url",
    "pull_request",
    "created_at",
    "closed_at",
  ],
  ...["labels", "assignees", "milestone", "user", "type"],
];
const KEPT_NAMES = ["name", "login", "title"];

const slim = (issue: Issue): Issue =>
  Object.fromEntries(KEPT.filter((name) => name in issue).map((name) => [name, slimmed(issue[name])]));

function slimmed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(slimmed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => KEPT_NAMES.includes(name)));
}

/** The Link header (RFC 8288), as far as pages need it: the next address, and the last one's number. */
function linksIn(header: string | null): { next?: string; last?: number } {
  const found = new Map(
    [...(header ?? "").matchAll(/<([^>]*)>[^,]*?;\s*rel="?([a-z]+)"?/g)].map(([, url, rel]) => [rel, url]),
  );
  const last = Number(/[?&]page=(\d+)/.exec(found.get("last") ?? "")?.[1] ?? Number.NaN);
  return { ...(found.has("next") && { next: found.get("next") }), ...(last > 0 && { last }) };
}
