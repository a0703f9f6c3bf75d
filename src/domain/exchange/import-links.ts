/** What imported tasks wait for and belong to: keys of the source become ids of the record, and never run in a circle. */
import type { Refusal } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { badField } from "../tasks/fields.ts";
import { LINK_LIMIT, refuseCircle } from "../tasks/links.ts";
import { findCircles } from "../validate/circles.ts";
import type { Ready } from "./import-items.ts";
import type { Match } from "./import-match.ts";

export interface Links {
  blocked_by: string[];
  parent?: string;
}

export interface LinksRead {
  byKey: Map<string, Links>;
  /** References that lead nowhere. */
  warnings: string[];
  refusal?: Refusal;
}

const NAMED_LIMIT = 5;

/** (may suspend) all: also the items that are over at the source; what waits for such a one need not wait. */
export function resolveLinks(
  snapshot: Snapshot,
  system: string,
  fresh: readonly Ready[],
  all: readonly Ready[],
  match: Match,
): LinksRead {
  const over = new Set(all.map(({ item }) => item.key).filter((key) => !match.ids.has(key)));
  const lost: string[] = [];
  const resolve = (ready: Ready, key: string): string | undefined => {
    const id =
      match.ids.get(key) ??
      match.sources.get(`${system} ${key}`) ??
      (onRecord(snapshot, key) ? key : undefined);
    if (id === undefined && !over.has(key)) lost.push(`${placed(ready)} names ${key}`);
    return id;
  };
  const read: LinksRead = { byKey: new Map(), warnings: [] };
  for (const ready of fresh) {
    const ids = (ready.item.blocked_by ?? []).map((key) => resolve(ready, key));
    const blocked_by = [...new Set(ids.filter((id): id is string => id !== undefined))];
    if (blocked_by.length > LINK_LIMIT) {
      const refusal = badField("blocked_by", blocked_by.length, `a list of at most ${LINK_LIMIT} tasks`, {
        line: ready.item.line,
        where: ready.where,
      });
      return { ...read, refusal };
    }
    const parent = ready.item.parent === undefined ? undefined : resolve(ready, ready.item.parent);
    read.byKey.set(ready.item.key, parent === undefined ? { blocked_by } : { blocked_by, parent });
  }
  if (lost.length > 0) {
    const more = lost.length > NAMED_LIMIT ? `; and ${lost.length - NAMED_LIMIT} more` : "";
    read.warnings.push(
      `Left out, because neither the file nor the record has it: ${lost.slice(0, NAMED_LIMIT).join("; ")}${more}.`,
    );
  }
  return read;
}

const placed = ({ item, where }: Ready): string => (item.key === where ? where : `${where} (${item.key})`);

const onRecord = (snapshot: Snapshot, key: string): boolean =>
  /^t_[0-9a-hjkmnp-tv-z]{26}$/.test(key) &&
  (snapshot.openTask(key) ?? snapshot.closedTask(key)) !== undefined;

/** Tasks of the record do not point to new ones, so a circle lies among the new ones alone. It is refused: which link is wrong, people know. */
export function verifyCircles(
  fresh: readonly Ready[],
  links: ReadonlyMap<string, Links>,
  ids: ReadonlyMap<string, string>,
): Refusal | undefined {
  const places = new Map(
    fresh.map(({ item, where }) => [
      ids.get(item.key) ?? "",
      { name: item.key === where ? where : `${item.key} (${where})`, key: item.key },
    ]),
  );
  const name = (id: string) => places.get(id)?.name ?? id;
  const edgesOf: Record<string, (id: string) => string[]> = {
    dependencies: (id) => links.get(places.get(id)?.key ?? "")?.blocked_by ?? [],
    parents: (id) => [links.get(places.get(id)?.key ?? "")?.parent ?? []].flat(),
  };
  const nodes = [...places.keys()];
  for (const [what, edges] of Object.entries(edgesOf)) {
    const self = nodes.find((id) => edges(id).includes(id));
    const circle = self === undefined ? findCircles({ nodes, edges })[0] : [self];
    if (circle) return refuseCircle(what, [...circle, circle[0] ?? ""], name);
  }
  return undefined;
}
