/** `owp init`, `owp import` and `owp export`. */
import type { Imported } from "../domain/exchange/import.ts";
import type { Initialized } from "../domain/setup/init.ts";
import type { Look, View } from "./look.ts";
import { type Ink, oneLine, paint } from "./paint.ts";
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
/** Of each part of a plan; --json has all of them. */
const MAX_PLANNED = 50;

const countsOf = ({ created, updated, unchanged, kept, skipped, gone }: Imported): string =>
  [
    count(created, "new task"),
    updated > 0 && `${updated} updated`,
    unchanged > 0 && `${unchanged} unchanged`,
    kept > 0 && `${kept} changed on both sides and left as they are here`,
    skipped > 0 && `${skipped} over at the source and left out (--all takes them as open work)`,
    gone.length > 0 && `${gone.length} no longer there`,
  ]
    .filter(Boolean)
    .join(", ");

type Line = [word: string, ink: Ink, text: string];

/** What a dry run tells: what would be new, what would change and in which fields, what would stay as it is, and why. */
function linesOf({ tasks, changed, left, gone }: Imported): Line[][] {
  return [
    tasks.map(({ title, external_id }) => [
      "new",
      "green",
      `${title}${external_id ? ` ${external_id}` : ""}`,
    ]),
    changed.map(({ short, title, fields }) => [
      "change",
      "yellow",
      `${short} ${title} (${fields.join(", ")})`,
    ]),
    left.map(({ key, title, why }) => ["skip", "dim", `${key === title ? "" : `${key} `}${title}: ${why}`]),
    gone.map(({ short, title }) => ["gone", "dim", `${short} ${title}: did not come this time, and stays`]),
  ];
}

function planned(result: Imported, look: Look): string {
  const lines = linesOf(result).flatMap((part) => {
    const rest = part.length - MAX_PLANNED;
    const shown = part
      .slice(0, MAX_PLANNED)
      .map(([word, ink, text]) => `  ${paint(look, ink, word.padEnd(6))} ${oneLine(text)}`);
    return rest > 0 ? [...shown, `  and ${rest} more (--json has all)`] : shown;
  });
  return [countsOf(result), ...lines].join("\n");
}

export const importView: View<Imported> = {
  planned,
  render: (result, look) => {
    const { tasks } = result;
    const shown = tasks
      .slice(0, MAX_SHOWN)
      .map(
        ({ short, title, external_id }) =>
          `  ${paint(look, "cyan", short)} ${oneLine(title)}${external_id ? paint(look, "dim", ` ${external_id}`) : ""}`,
      );
    const rest = tasks.length - shown.length;
    return [countsOf(result), ...shown, ...(rest > 0 ? [`  and ${rest} more`] : [])].join("\n");
  },
  next: ({ created }) => (created > 0 ? ["owp ready"] : []),
  quiet: ({ tasks }) => tasks.map(({ short }) => short).join("\n"),
};
