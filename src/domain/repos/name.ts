/** From an address or a folder to a repo's slug and to what may be written of it. */
import { isSlug } from "../tasks/fields.ts";

const SLUG_LIMIT = 100;

/** `git@host:team/My App.git` or `My App` to `my-app`; `main` where nothing is left. */
export function slugOf(text: string): string {
  const last =
    text
      .trim()
      .replace(/[/\\]+$/, "")
      .replace(/\.git$/i, "")
      .split(/[/\\:]/)
      .at(-1) ?? "";
  const plain = last.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const slug = plain
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+|[-.]+$/g, "")
    .slice(0, SLUG_LIMIT);
  return isSlug(slug) ? slug : "main";
}

const WEB = /^(?:https?|git|ssh):\/\//i;
const SCP = /^(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9.-]+:(?!\/\/)[^\s\\]+$/;

/** An address that others can reach, without user, password or token; undefined for paths of one machine and for what is none. */
export function publicUrl(text: string): string | undefined {
  const url = text.trim();
  if (url.length > 2000 || /[\p{Cc} ]/u.test(url)) return undefined;
  if (WEB.test(url)) {
    if (!URL.canParse(url)) return undefined;
    const parsed = new URL(url);
    const isSsh = parsed.protocol === "ssh:";
    parsed.password = "";
    if (!isSsh) parsed.username = "";
    parsed.search = "";
    parsed.hash = "";
    return parsed.href;
  }
  return SCP.test(url) && !/^[A-Za-z]:/.test(url) ? url : undefined;
}
