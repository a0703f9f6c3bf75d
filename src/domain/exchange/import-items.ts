/** The first look at each item of an import: values, repos, and that no two are the same. */
import type { Ctx } from "../../core/operation.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { ImportInput, ImportItem } from "../../generated/types.ts";
import { badField, type Fields, oneLine, readFields } from "../tasks/fields.ts";
import { resolveRepo } from "../tasks/links.ts";
import { placeName } from "./item-read.ts";

/** An item with its values as they will be stored. */
export interface Ready {
  item: ImportItem;
  fields: Fields;
  /** For messages: `line 7`. */
  where: string;
}

const EXTERNAL_ID_LIMIT = 256;

export function readItems(
  snapshot: Snapshot,
  input: ImportInput,
  ctx: Ctx,
): { ok: true; items: Ready[] } | Refusal {
  const items: Ready[] = [];
  const places = new Map<string, string>();
  for (const [index, item] of input.items.entries()) {
    const where = placeName(item, index, input.file);
    const place = { line: item.line, where };
    const twice = places.get(item.key);
    if (twice !== undefined) return refuseTwice(item, twice, where);
    places.set(item.key, where);
    const read = readFields(sized(item, snapshot.rules.max_estimate), snapshot.rules, ctx, place);
    if (!read.ok) return read;
    if (read.fields.repo !== undefined) {
      const repo = resolveRepo(snapshot, read.fields.repo, where);
      if (!repo.ok) return { ...repo, data: { ...repo.data, line: item.line } };
    }
    if (item.external_id !== undefined && oneLine(item.external_id, EXTERNAL_ID_LIMIT) !== item.external_id) {
      return badField("external_id", item.external_id, "one line of 1 to 256 characters", place);
    }
    items.push({ item, fields: read.fields, where });
  }
  return { ok: true, items };
}

/** A size that the source only suggests is cut to the policy's cap; an estimate is not. */
function sized(item: ImportItem, cap: number): ImportItem {
  if (item.estimate !== undefined || item.size === undefined) return item;
  return { ...item, estimate: Math.min(cap, Math.max(1, Math.round(item.size))) };
}

function refuseTwice(item: ImportItem, first: string, second: string): Refusal {
  const isTitle = item.external_id?.startsWith("title:") === true && item.key === item.title;
  const what = isTitle
    ? `has the title of ${first} and no id`
    : `has the id of ${first}, ${JSON.stringify(item.key)}`;
  return refuse("invalid_input", `${second} ${what}. Nothing was imported.`, {
    hint: isTitle ? "give both an id" : "keep one of them",
    data: {
      field: isTitle ? "title" : "id",
      value: item.key,
      ...(item.line === undefined ? {} : { line: item.line }),
    },
  });
}
