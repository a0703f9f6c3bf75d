/** What people write of a proposal: title, text, repo and effect, from options or from a file (FEATURES C29, C34). */
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Effect, Proposal } from "../../generated/types.ts";
import { badField } from "../tasks/fields.ts";

export const TITLE_LIMIT = 200;
export const BODY_LIMIT = 100_000;

export interface Content {
  title?: string;
  body?: string;
  repo?: string;
  effect?: Effect;
}

/** What an input may say of the content; value: the fields of a file, over which the others go. */
export interface Given {
  title?: string;
  body?: string;
  repo?: string;
  effect?: object;
  value?: object;
}

const FIELDS = ["title", "body", "repo", "effect"] as const satisfies readonly (keyof Content)[];
/** What a shown proposal has besides, so that it can be given back. */
const IGNORED = new Set(["kind", "id", "status", "author", "created_at", "updated_at", "forked_from"]);

/** (suspends never) The content that was given, each field by its rule. */
export function readContent(snapshot: Snapshot, given: Given): { ok: true; content: Content } | Refusal {
  const { value = {}, ...options } = given;
  const stranger = Object.keys(value).find(
    (name) => !FIELDS.some((field) => field === name) && !IGNORED.has(name),
  );
  if (stranger !== undefined)
    return refuse("invalid_input", `There is no field "${stranger}" of a proposal. Nothing was changed.`, {
      hint: `a proposal has ${FIELDS.join(", ")}`,
      data: { field: stranger },
    });
  const all = { ...value, ...options } as Record<string, unknown>;
  const content: Content = {};
  if (all.title !== undefined) {
    const title = lineOf(all.title);
    if (title === undefined)
      return badField("title", all.title, `one line of 1 to ${TITLE_LIMIT} characters`);
    content.title = title;
  }
  if (all.body !== undefined) {
    if (typeof all.body !== "string" || [...all.body].length > BODY_LIMIT)
      return badField("body", all.body, `a text of at most ${BODY_LIMIT} characters`);
    content.body = all.body.trimEnd();
  }
  if (all.repo !== undefined) {
    const slug = typeof all.repo === "string" ? all.repo.trim().toLowerCase() : "";
    if (!snapshot.repos.has(slug))
      return refuse("repo_unknown", `There is no repo ${slug || String(all.repo)}. Nothing was changed.`, {
        data: { field: "repo", value: all.repo },
      });
    content.repo = slug;
  }
  if (all.effect !== undefined) {
    const effect = effectOf(all.effect);
    if (!effect) return badField("effect", all.effect, "a mapping with doctrine, policy or tasks");
    content.effect = effect;
  }
  return { ok: true, content };
}

function lineOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  const fits = text !== "" && [...text].length <= TITLE_LIMIT && !/\p{Cc}/u.test(text);
  return fits ? text : undefined;
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const PARTS: Readonly<Record<string, (value: unknown) => boolean>> = {
  doctrine: isMapping,
  policy: isMapping,
  tasks: (value) => Array.isArray(value) && value.length > 0 && value.length <= 50 && value.every(isMapping),
};

function effectOf(value: unknown): Effect | undefined {
  if (!isMapping(value)) return undefined;
  return Object.entries(value).every(([name, part]) => PARTS[name]?.(part)) ? (value as Effect) : undefined;
}

/** The fields of the content in which two proposals differ. */
export const changedIn = (before: Partial<Proposal>, after: Partial<Proposal>): string[] =>
  FIELDS.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
