/** An operation that had landed before: what the ledger says of it. Its own result was told then, and is not kept. */
import { shortId } from "../core/paths.ts";
import type { View } from "./look.ts";
import { listing } from "./words.ts";

interface Landed {
  entry: { event: string; actor: string; tasks: { id: string; epoch?: number }[] };
}

const SHOWN = 3;

export const landed: View<Landed> = {
  render: ({ entry: { event, actor, tasks } }) => {
    const named = tasks.map(({ id, epoch }) => shortId(id) + (epoch === undefined ? "" : ` epoch ${epoch}`));
    return `${event} by ${actor}${named.length > 0 ? `: ${listing(named)}` : ""}`;
  },
  next: ({ entry: { tasks } }) => tasks.slice(0, SHOWN).map(({ id }) => `owp show ${shortId(id)}`),
  quiet: ({ entry: { tasks } }) => tasks.map(({ id }) => shortId(id)).join("\n"),
};
