/** The one URL to which a repository's remote is pushed, and from which owp therefore also fetches. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Refusal, refuse } from "../../core/refusal.ts";
import { hideCredentials, SWITCHED_OFF } from "./errors.ts";
import type { Repository } from "./locate.ts";
import { type ConfigEntry, type Settings, settingOf } from "./settings.ts";

export interface Target {
  ok: true;
  /** The remote's name; null: there is none, and the repository itself is the remote. */
  name: string | null;
  /** With git's rewrites (insteadOf, pushInsteadOf) already applied; a local path is absolute. */
  url: string;
  /** What the user configured for this remote alone, by the last part of the key: proxy, uploadpack, receivepack. */
  options: ConfigEntry[];
}

const OPTIONS = new Set(["proxy", "proxyauthmethod", "uploadpack", "receivepack", "vcs"]);

/** Chooses the remote: the named one, owp.remote, origin, or the only one; with none the repository itself by path. */
export function remoteUrl(repository: Repository, settings: Settings, remoteName?: string): Target | Refusal {
  const names = remoteNames(settings);
  const wanted = remoteName ?? settingOf(settings, "owp.remote");
  const name = wanted ?? (names.includes("origin") ? "origin" : names[0]);
  if (name === undefined) return { ok: true, name: null, url: repository.commonDir, options: [] };
  if (!names.includes(name)) {
    return refuse("push_url", `There is no remote named ${name}. Nothing was changed.`, {
      hint:
        names.length > 0 ? `name another with --remote: ${names.join(", ")}` : `git remote add ${name} <url>`,
    });
  }
  if (wanted === undefined && name !== "origin" && names.length > 1) {
    return refuse(
      "push_url",
      `There are several remotes (${names.join(", ")}) and none is origin. Nothing was changed.`,
      {
        hint: "git config owp.remote <name>",
      },
    );
  }
  const urls = pushUrls(settings, name).map((url) => (isSwitchedOff(url) ? fetchUrl(settings, name) : url));
  const [url] = urls;
  if (url === undefined || urls.length > 1) {
    const shown = urls.map(hideCredentials);
    const which = url === undefined ? "no push URL" : `${urls.length} push URLs (${shown.join(", ")})`;
    return refuse(
      "push_url",
      `The remote ${name} has ${which}; the record needs exactly one. Nothing was changed.`,
      {
        hint: `git remote set-url --delete --push ${name} <url>, or git config owp.remote <name> for a remote of its own`,
        data: { remote: name, urls: shown },
      },
    );
  }
  const off = valuesOf(settings, `remote.${name}.pushurl`).find(isSwitchedOff);
  const options = optionsOf(settings, name);
  if (off !== undefined) options.push(["pushurl", off]);
  return { ok: true, name, url: absolute(repository, url), options };
}

/** What people put in the place of a push URL, so that nothing is ever pushed there: reading goes on by the other URL. */
const isSwitchedOff = (url: string): boolean => SWITCHED_OFF.test(url);

/** The remotes that the config names, in its order. */
export function remoteNames(settings: Settings): string[] {
  const names = settings.entries.map(([key]) => /^remote\.(.+)\.(?:url|pushurl)$/.exec(key)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** The URL that git fetches from. */
function fetchUrl(settings: Settings, name: string): string {
  const [url = ""] = valuesOf(settings, `remote.${name}.url`);
  return rewrite(settings, "insteadof", url) ?? url;
}

/** As `git remote get-url --push --all` answers: pushurl takes insteadOf; a plain url takes pushInsteadOf first. */
function pushUrls(settings: Settings, name: string): string[] {
  const own = valuesOf(settings, `remote.${name}.pushurl`).map(
    (url) => rewrite(settings, "insteadof", url) ?? url,
  );
  if (own.length > 0) return own;
  return valuesOf(settings, `remote.${name}.url`).map(
    (url) => rewrite(settings, "pushinsteadof", url) ?? rewrite(settings, "insteadof", url) ?? url,
  );
}

/** All values of a key; an empty one forgets those before it. */
function valuesOf(settings: Settings, key: string): string[] {
  const values = settings.entries.filter(([each]) => each === key).map(([, value]) => value);
  return values.slice(values.lastIndexOf("") + 1);
}

/** The URL with the longest prefix that a rule names replaced; undefined where no rule applies. */
function rewrite(settings: Settings, rule: "insteadof" | "pushinsteadof", url: string): string | undefined {
  let best: { base: string; prefix: string } | undefined;
  for (const [key, prefix] of settings.entries) {
    const base =
      key.startsWith("url.") && key.endsWith(`.${rule}`) ? key.slice(4, -rule.length - 1) : undefined;
    if (base === undefined || !url.startsWith(prefix)) continue;
    if (!best || prefix.length > best.prefix.length) best = { base, prefix };
  }
  return best && best.base + url.slice(best.prefix.length);
}

function optionsOf(settings: Settings, name: string): ConfigEntry[] {
  const prefix = `remote.${name}.`;
  return settings.entries
    .filter(([key]) => key.startsWith(prefix) && OPTIONS.has(key.slice(prefix.length)))
    .map(([key, value]) => [key.slice(prefix.length), value]);
}

/** A relative path counts from the checkout's folder; in a linked worktree elsewhere, from the main one's. */
function absolute(repository: Repository, url: string): string {
  const colon = url.indexOf(":");
  const slash = url.indexOf("/");
  const local = url.startsWith(".") || (!url.includes("://") && (colon < 0 || (slash >= 0 && slash < colon)));
  if (!local) return url;
  const here = resolve(repository.toplevel ?? repository.gitDir, url);
  const main = resolve(
    repository.toplevel === null ? repository.commonDir : dirname(repository.commonDir),
    url,
  );
  return existsSync(here) || !existsSync(main) ? here : main;
}
