/** Which repository of which GitHub, and with which token: `github:owner/repo` and the environment, read and checked. */
import { type Refusal, refuse } from "../../core/refusal.ts";

export interface GithubPlace {
  /** `owner/repo` as it was typed. */
  repo: string;
  /** The API's address, without a slash at its end. */
  api: string;
  /** The API's host, for messages. */
  host: string;
  /** Never shown. */
  token?: string;
  /** The variable that it came from. */
  tokenFrom?: string;
}

const PREFIX = "github:";
const API = "https://api.github.com";
/** As gh takes them. */
const TOKENS = ["GH_TOKEN", "GITHUB_TOKEN"] as const;

export const isGithubName = (text: string): boolean => text.startsWith(PREFIX);

export function githubPlace(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): ({ ok: true } & GithubPlace) | Refusal {
  const repo = text.slice(PREFIX.length);
  if (!/^[A-Za-z0-9][A-Za-z0-9-]*\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/.test(repo)) {
    return refuse("usage", `${text} names no repository; it must be github:owner/repo.`, {
      hint: "owp import github:owner/repo",
      data: { field: "file", value: text, rule: "github:owner/repo" },
    });
  }
  const api = apiOf(env.GITHUB_API_URL || API);
  if (!api) {
    const rule = "an http or https address without a user's name, such as https://github.example.org/api/v3";
    return refuse("usage", `GITHUB_API_URL must be ${rule}. Nothing was imported.`, {
      hint: "unset GITHUB_API_URL, or correct it",
      data: { field: "GITHUB_API_URL", rule },
    });
  }
  const place = { ok: true as const, repo, api: api.href.replace(/\/+$/, ""), host: api.host };
  const tokenFrom = TOKENS.find((name) => env[name]?.trim());
  const token = tokenFrom && env[tokenFrom]?.trim();
  if (!token) return place;
  // What fetch says of a header that it cannot send would hold the token.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    return refuse("usage", `${tokenFrom} holds characters that no token has. Nothing was imported.`, {
      hint: `set ${tokenFrom} to the token alone`,
      data: { field: tokenFrom, rule: "visible ASCII characters without blanks" },
    });
  }
  return { ...place, token, tokenFrom };
}

function apiOf(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
  return isPlain && url.search === "" && url.hash === "" ? url : undefined;
}
