/** Finds the commits that a range names, and a place that has them: the clone's store, or the user's own repository. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Refusal, refuse } from "../../core/refusal.ts";
import { BorrowedStore, commitNamed } from "../../engine/git/borrowed.ts";
import type { Repository } from "../../engine/git/locate.ts";
import { GitStore } from "../../engine/git/store.ts";
import { isOid } from "../../engine/objects.ts";
import type { ObjectStore, Oid } from "../../engine/ports.ts";
import { readCommit } from "../../engine/walk.ts";
import type { HubParts } from "../hub.ts";
import type { Span } from "./range.ts";

/** What was typed: `A..B`, `A..`, `..B`, or one commit. */
export interface Asked {
  from?: string;
  to?: string;
  single?: true;
}

export function parseRange(text: string): Asked | Refusal {
  const match = /^(.*?)\.\.(.*)$/s.exec(text);
  const [from, to] = match ? [match[1]?.trim(), match[2]?.trim()] : ["", text.trim()];
  if (text.trim() === "" || to?.startsWith(".")) {
    return refuse("usage", `The range is "${text}"; it must be A..B, A.. (up to the tip), or one commit.`, {
      hint: "owp validate --range origin/owp~20..origin/owp",
    });
  }
  return { ...(from ? { from } : {}), ...(to ? { to } : {}), ...(match ? {} : { single: true }) };
}

/** A span with the store that has its commits. close: ends what was started to read them. */
export interface Found extends Span {
  store: ObjectStore;
  close: () => void;
}

/** Looks in the places of this machine only; undefined: none of them has all of it. */
export async function locate(parts: HubParts, asked: Asked): Promise<Found | undefined> {
  const places = placesOf(parts);
  const named = async (revision: string): Promise<Oid | undefined> => {
    if (isOid(revision)) return revision;
    for (const { gitDir } of places) {
      const oid = gitDir === undefined ? undefined : await commitNamed(gitDir, revision);
      if (oid) return oid;
    }
    return undefined;
  };
  const from = asked.from === undefined ? null : await named(asked.from);
  const tips = asked.to === undefined ? await tipsOf(parts) : [await named(asked.to)];
  if (from === undefined) return undefined;
  for (const place of places) {
    const store = place.open();
    for (const to of tips) {
      if (to && (await hasAll(store, from === null ? [to] : [from, to])))
        return { store, close: place.close, ...(asked.single ? await alone(store, to) : { from, to }) };
    }
    place.close();
  }
  return undefined;
}

/** Looks in the repository itself alone, where both ends are named; undefined: it has not all of it. */
export async function locateIn({ gitDir }: Repository, asked: Asked): Promise<Found | undefined> {
  const named = (revision: string) => (isOid(revision) ? revision : commitNamed(gitDir, revision));
  const to = asked.to === undefined ? undefined : await named(asked.to);
  const from = asked.from === undefined ? null : await named(asked.from);
  if (to === undefined || from === undefined) return undefined;
  const store = new BorrowedStore(gitDir);
  const close = () => store.close();
  if (await hasAll(store, from === null ? [to] : [from, to]))
    return { store, close, ...(asked.single ? await alone(store, to) : { from, to }) };
  close();
  return undefined;
}

/** The user's repository was cloned without its history. */
export const isShallow = ({ repository }: HubParts): boolean =>
  repository !== undefined && existsSync(join(repository.commonDir, "shallow"));

interface Place {
  /** Left out where git is not asked: a record read by URL. */
  gitDir?: string;
  open: () => ObjectStore;
  close: () => void;
}

/** The clone's store has the whole history; a checkout on a build machine may be all there is. */
function placesOf({ store, repository }: HubParts): Place[] {
  const own: Place = {
    open: () => store,
    close: () => undefined,
    ...(store instanceof GitStore ? { gitDir: store.path } : {}),
  };
  if (!repository) return [own];
  let borrowed: BorrowedStore | undefined;
  const open = () => {
    borrowed ??= new BorrowedStore(repository.gitDir);
    return borrowed;
  };
  return [own, { gitDir: repository.gitDir, open, close: () => borrowed?.close() }];
}

/** Where the record stands, as far as this machine knows: what the hub saw last, else the user's refs of the branch. */
async function tipsOf({ view, repository, names }: HubParts): Promise<(Oid | undefined)[]> {
  const refs = [`refs/heads/${names.branch}`, `refs/remotes/${names.remote}/${names.branch}`];
  const known = repository ? await Promise.all(refs.map((ref) => commitNamed(repository.gitDir, ref))) : [];
  return [view.snapshot.tip ?? undefined, ...known];
}

async function hasAll(store: ObjectStore, oids: readonly Oid[]): Promise<boolean> {
  return (await store.read(oids)).every((object) => object?.type === "commit");
}

async function alone(store: ObjectStore, to: Oid): Promise<Span> {
  const [parent = null] = (await readCommit(store, to)).parents;
  return { from: parent, to, single: true };
}
