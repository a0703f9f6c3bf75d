/** `owp init`, `owp import` and `owp export`. */
import type { Imported } from "../domain/exchange/import.ts";
import type { Initialized } from "../domain/setup/init.ts";
import type { View } from "./look.ts";
import { oneLine, paint } from "./paint.ts";
import { count } from "./words.ts";

export const init: View<Initialized> = {
  render: ({ repo, worker, already }, look) => {
    if (already) return `the record is there already; you act as ${paint(look, "cyan", worker)}`;
    return `the record is made: repo ${paint(look, "cyan", repo)}, and you, ${paint(look, "cyan", worker)}, are its first maintainer`;
  },
  next: ({ already }) => (already ? ["owp status"] : ['owp add "<what is to be done>"', "owp import <file>"]),
  quiet: () => "",
};

/** New tasks that are listed by name. */
const MAX_SHOWN = 10;

export const importView: View<Imported> = {
  render: (result, look) => {
    const { created, updated, unchanged, kept, skipped, tasks } = result;
    const parts = [
      `${count(created, "new task")}`,
      updated > 0 && `${updated} updated`,
      unchanged > 0 && `${unchanged} unchanged`,
      kept > 0 && `${kept} changed on both sides and left as they are here`,
      skipped > 0 && `${skipped} over at the source and left out (--all takes them as open work)`,
    ].filter(Boolean);
    const shown = tasks
      .slice(0, MAX_SHOWN)
      .map(
        ({ short, title, external_id }) =>
          `  ${paint(look, "cyan", short)} ${oneLine(title)}${external_id ? paint(look, "dim", ` ${external_id}`) : ""}`,
      );
    const rest = tasks.length - shown.length;
    return [parts.join(", "), ...shown, ...(rest > 0 ? [`  and ${rest} more`] : [])].join("\n");
  },
  next: ({ created }) => (created > 0 ? ["owp ready"] : []),
  quiet: ({ tasks }) => tasks.map(({ short }) => short).join("\n"),
};
