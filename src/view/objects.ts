/** `owp object …`. */
import { renderEntries } from "../core/yaml-write.ts";
import type { ObjectsChecked } from "../domain/objects/check.ts";
import type { ObjectEdited } from "../domain/objects/edit.ts";
import type { ObjectLinked } from "../domain/objects/link.ts";
import type { ListedObject, ObjectsListed } from "../domain/objects/list.ts";
import type { ObjectWritten } from "../domain/objects/new.ts";
import type { ObjectShown } from "../domain/objects/show.ts";
import type { Look, View } from "./look.ts";
import { paint } from "./paint.ts";
import { type Column, renderTable } from "./table.ts";
import { count, listing } from "./words.ts";

/** `context packet`, `doctrine`. */
export const nameOf = (kind: ObjectWritten["kind"]): string =>
  kind
    .replace(/Ref$/, "")
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toLowerCase();

export const objectNew: View<ObjectWritten> = {
  render: ({ kind, id, short, version }, look) => {
    const what = version === undefined ? "" : ` version ${version}`;
    return `${nameOf(kind)} ${paint(look, "cyan", short)}${what} is new: ${id}`;
  },
  quiet: ({ id }) => id,
};

export const objectEdit: View<ObjectEdited> = {
  render: ({ kind, short, changed, already }, look) => {
    const what = already
      ? "it was so before"
      : `${listing(changed.map((name) => name.replaceAll("_", " ")))} changed`;
    return `${nameOf(kind)} ${paint(look, "cyan", short)}: ${what}`;
  },
  quiet: ({ id }) => id,
};

export const objectLink: View<ObjectLinked> = {
  render: ({ from, to, field, linked }, look) => {
    const [one, other] = [from, to].map(
      ({ kind, id }) => `${nameOf(kind)} ${paint(look, "cyan", id.slice(-4))}`,
    );
    const how = field.split(".").at(-1)?.replaceAll("_", " ");
    return linked ? `${one} leads to ${other} (${how})` : `${one} led to ${other} already (${how})`;
  },
  quiet: ({ from }) => from.id,
};

export const objectShow: View<ObjectShown> = {
  // YAML, so that it can be given back with --file.
  render: ({ object }) => renderEntries(object, 0).trimEnd(),
};

/** Facts that are no column of their own. */
const HIDDEN = new Set(["id", "short", "title", "created_at", "digests", "captured_at", "ended_at"]);

export const objectList: View<ObjectsListed> = {
  render: ({ kind, objects, total, offset }, look) => {
    const name = nameOf(kind);
    if (total === 0) return `no ${name}${kind === "DoctrineRef" ? "" : "s"}`;
    const last = offset + objects.length;
    const shown =
      objects.length < total
        ? `${offset + 1}–${last} of ${total} (more with --offset ${last} or --limit)`
        : count(total, name);
    return [rows(objects, look), paint(look, "dim", shown)].join("\n");
  },
};

function rows(objects: readonly ListedObject[], look: Look): string {
  const names = [...new Set(objects.flatMap((row) => Object.keys(row)))].filter((name) => !HIDDEN.has(name));
  const cell = (row: ListedObject, name: string) => [row[name] ?? ""].flat().join(", ");
  if (look.compact)
    return objects
      .map((row) => {
        const facts = names.flatMap((name) =>
          row[name] === undefined ? [] : [`${name} ${cell(row, name)}`],
        );
        return `${row.short} "${row.title}"${facts.length > 0 ? ` ${facts.join(", ")}` : ""}`;
      })
      .join("\n");
  const short = (text: string) =>
    text.replace(/\b[a-z]{1,2}_[0-9a-hjkmnp-tv-z]{22}([0-9a-hjkmnp-tv-z]{4})\b/g, "$1");
  const columns: Column<ListedObject>[] = [
    { head: "id", cell: (row) => row.short, ink: () => "cyan" },
    ...names.map((name) => ({
      head: name.replaceAll("_", " "),
      cell: (row: ListedObject) => short(cell(row, name)),
    })),
    { head: "title", cell: (row) => row.title, stretch: true },
  ];
  return renderTable(objects, columns, look);
}

export const objectCheck: View<ObjectsChecked> = {
  render: ({ checked, ok, unverified, digests }, look) => {
    const elsewhere = digests.filter(({ verdict }) => verdict !== "ok");
    const lines = elsewhere.map(({ id, name, verdict }) => {
      const why = verdict === "unknown" ? "its digest is no SHA-256" : "its content is not here";
      return paint(look, "dim", `${id.slice(-4)} ${name}: ${why}`);
    });
    return [`${count(checked, "digest")}: ${ok} as they say, ${unverified} not verified`, ...lines].join(
      "\n",
    );
  },
};
