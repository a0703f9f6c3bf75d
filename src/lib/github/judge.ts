/**
 * What an answer of GitHub's API asks for: to read it, to go elsewhere, to wait, to ask once more, or to give up with a
 * refusal. Pure. The rules are those of GitHub's pages "Rate limits" and "Best practices for using the REST API".
 */
import { type Code, type Refusal, refuse } from "../../core/refusal.ts";
import { iso, spell } from "../../core/time.ts";
import type { GithubPlace } from "./place.ts";

/** An answer, as far as it is looked at. */
export interface Answer {
  status: number;
  /** A header by its name in lower case. */
  header(name: string): string | null;
  body: string;
}

export type Verdict =
  | { to: "read" }
  | { to: "follow"; url: string }
  | { to: "wait"; ms: number }
  /** A fault of theirs that may pass; the refusal is for when it does not. */
  | { to: "retry"; refusal: Refusal }
  | { to: "refuse"; refusal: Refusal };

/** Longer than this nobody is kept waiting. */
export const MAX_WAIT_MS = 60_000;
/** GitHub's word for limits that come without a time. */
const UNTIMED_WAIT_MS = 60_000;
const SAID_LIMIT = 200;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

interface StatusRow {
  code: Code;
  /** Goes on after the host. */
  says: (place: GithubPlace) => string;
  hint: (place: GithubPlace) => string;
}

const SET_TOKEN = "set GITHUB_TOKEN to a token that may read the issues";

const STATUSES: Record<number, StatusRow> = {
  401: {
    code: "source_denied",
    says: ({ tokenFrom }) =>
      tokenFrom ? `does not know the token in ${tokenFrom} (401)` : "wants a token (401)",
    hint: () => SET_TOKEN,
  },
  403: {
    code: "source_denied",
    says: ({ repo, tokenFrom }) =>
      `does not let ${tokenFrom ? `the token in ${tokenFrom}` : "anyone without a token"} read the issues of ${repo} (403)`,
    hint: () => SET_TOKEN,
  },
  404: {
    code: "source_unknown",
    says: ({ repo, tokenFrom }) =>
      `has no repository ${repo}, or none that ${tokenFrom ? `the token in ${tokenFrom}` : "anyone without a token"} may see (404)`,
    hint: ({ tokenFrom }) =>
      tokenFrom ? "check the name, and what the token may read" : `check the name, or ${SET_TOKEN}`,
  },
  410: {
    code: "source_unknown",
    says: ({ repo }) => `says that ${repo} has its issues turned off (410)`,
    hint: () => "import from where the work is now",
  },
  422: {
    code: "invalid_input",
    says: () => "did not understand what was asked for (422)",
    hint: () => "check --label and --state",
  },
};

export function judge(answer: Answer, place: GithubPlace, now: number): Verdict {
  const { status } = answer;
  if (status === 200) return { to: "read" };
  if (REDIRECTS.has(status)) return follow(answer, place);
  if (status === 429 || (status === 403 && isLimit(answer))) return limited(answer, place, now);
  if (status >= 500) return { to: "retry", refusal: refusalOf(answer, place, UNKNOWN(status)) };
  return { to: "refuse", refusal: refusalOf(answer, place, STATUSES[status] ?? UNKNOWN(status)) };
}

const UNKNOWN = (status: number): StatusRow => ({
  code: "source_unreachable",
  says: () => `answered with ${status}`,
  hint: () => "run it again later",
});

function refusalOf(answer: Answer, place: GithubPlace, row: StatusRow): Refusal {
  const said = saidIn(answer.body, place.token);
  return refuse(
    row.code,
    `${place.host} ${row.says(place)}${said === "" ? "" : `: ${said}`}. Nothing was imported.`,
    {
      hint: answer.header("x-github-sso")
        ? "authorize the token for the organization's single sign-on"
        : row.hint(place),
      data: { status: answer.status, host: place.host, repo: place.repo },
    },
  );
}

/** A token goes to the host that it was meant for, and to no other. */
function follow(answer: Answer, place: GithubPlace): Verdict {
  const to = answer.header("location");
  const url = to !== null && URL.canParse(to, place.api) ? new URL(to, place.api) : undefined;
  if (url && url.origin === new URL(place.api).origin) return { to: "follow", url: url.href };
  const where = url ? `to ${url.host}` : "and does not say where";
  const message = `${place.host} sends on ${where} (${answer.status}), and owp does not follow there. Nothing was imported.`;
  const data = { status: answer.status, host: place.host, repo: place.repo };
  return {
    to: "refuse",
    refusal: refuse("source_unreachable", message, { hint: "check GITHUB_API_URL", data }),
  };
}

const isLimit = ({ header, body }: Answer): boolean =>
  header("retry-after") !== null ||
  header("x-ratelimit-remaining") === "0" ||
  /rate limit/i.test(body.slice(0, 1000));

function limited(answer: Answer, place: GithubPlace, now: number): Verdict {
  const ms = waitOf(answer, now);
  if (ms <= MAX_WAIT_MS) return { to: "wait", ms };
  return { to: "refuse", refusal: limitRefusal(place, now + ms, now) };
}

/** at: when to try again, in ms since 1970. */
export function limitRefusal(place: GithubPlace, at: number, now: number): Refusal {
  const try_again_at = iso(at);
  const message = `${place.host} allows no more requests until ${try_again_at}, in ${spell(Math.max(0, at - now))}. Nothing was imported.`;
  const more = place.token ? "" : "; with GITHUB_TOKEN set more are allowed";
  return refuse("source_limited", message, {
    hint: `run it again after ${try_again_at}${more}`,
    data: { host: place.host, repo: place.repo, try_again_at },
  });
}

/** From the header that tells seconds, else from the one that tells a moment by GitHub's clock, else a minute. */
function waitOf({ header }: Answer, now: number): number {
  const seconds = Number(header("retry-after") ?? Number.NaN);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1000;
  const reset = Number(header("x-ratelimit-reset") ?? Number.NaN);
  if (header("x-ratelimit-remaining") !== "0" || !Number.isFinite(reset)) return UNTIMED_WAIT_MS;
  const theirs = Date.parse(header("date") ?? "");
  // A second more: the moment is told in whole seconds.
  return Math.max(0, reset * 1000 - (Number.isNaN(theirs) ? now : theirs)) + 1000;
}

/** GitHub's own words in one line, and the token in none of them. */
function saidIn(body: string, token: string | undefined): string {
  let said: unknown;
  try {
    said = (JSON.parse(body) as { message?: unknown } | null)?.message;
  } catch {
    return ""; // Pages of a proxy say nothing in one line.
  }
  if (typeof said !== "string") return "";
  const plain = said
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .replace(/\.$/, "")
    .slice(0, SAID_LIMIT);
  return token ? plain.replaceAll(token, "***") : plain;
}
