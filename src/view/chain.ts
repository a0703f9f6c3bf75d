/** `owp trace`, as a tree and as a Mermaid diagram, and `owp refs`. */
import type { ChainObject } from "../domain/trace/node.ts";
import type { Pointer, RefsFound } from "../domain/trace/refs.ts";
import type { Traced, TraceNode } from "../domain/trace/trace.ts";
import type { Look, View } from "./look.ts";
import { nameOf } from "./objects.ts";
import { oneLine, paint } from "./paint.ts";
import { type Column, renderTable } from "./table.ts";
import { count } from "./words.ts";

export const trace: View<Traced> = {
  render: (result, look) =>
    [
      lineOf(result, look),
      ...part("comes from", result.comes_from, result.more?.comes_from, look),
      ...part("led to", result.led_to, result.more?.led_to, look),
    ].join("\n"),
};

function part(title: string, nodes: readonly TraceNode[], more: TraceNode["more"], look: Look): string[] {
  if (nodes.length === 0) return [`${paint(look, "bold", title)} nothing`];
  return [paint(look, "bold", title), ...nodes.flatMap((node) => lines(node, 1, look)), ...moreLine(more, 1)];
}

function lines(node: TraceNode, depth: number, look: Look): string[] {
  const mark = node.above ? paint(look, "dim", " (see above)") : node.cut ? paint(look, "dim", " …") : "";
  return [
    `${"  ".repeat(depth)}${lineOf(node, look)}${mark}`,
    ...node.next.flatMap((next) => lines(next, depth + 1, look)),
    ...moreLine(node.more, depth + 1),
  ];
}

const moreLine = (more: TraceNode["more"], depth: number): string[] =>
  Object.entries(more ?? {}).map(
    ([kind, number]) => `${"  ".repeat(depth)}and ${number} more: ${nameOf(kind as ChainObject["kind"])}`,
  );

/** `run e001 done: It answers 200.` */
function lineOf(node: ChainObject, look: Look): string {
  const { kind, short, title } = node;
  const facts = factsOf(node);
  const said = title === undefined ? "(not there)" : oneLine(title);
  return `${nameOf(kind)} ${paint(look, "cyan", short)} ${said}${facts ? paint(look, "dim", ` (${facts})`) : ""}`;
}

/** What tells one object of a kind from another, by kind. */
const SHOWN: Partial<Record<ChainObject["kind"], readonly string[]>> = {
  Issue: ["status"],
  ContextPacket: ["version"],
  ConstraintSnapshot: ["captured_at"],
  DoctrineRef: ["priority", "namespace", "name", "version"],
  Run: ["status", "category", "actor"],
  Artifact: ["type", "uri", "verification"],
};

/** What goes without saying, and what says little without its name. */
const UNSAID = "unverified";

function factsOf({ kind, facts }: ChainObject): string {
  const said = (SHOWN[kind] ?? []).flatMap((name) => [facts[name] ?? []].flat(2)).map(oneLine);
  return (kind === "ContextPacket" && said.length > 0 ? ["version", ...said] : said)
    .filter((text) => text !== UNSAID)
    .join(" ");
}

/** `owp trace --mermaid`: the same objects, each once, with an arrow from cause to effect. */
export const mermaid: View<Traced> = {
  render: (result) => {
    const boxes = new Map<string, string>([[result.id, boxOf(result)]]);
    const arrows = new Set<string>();
    const draw = (node: ChainObject, next: readonly TraceNode[], isBack: boolean) => {
      for (const one of next) {
        boxes.set(one.id, boxOf(one));
        arrows.add(isBack ? `${one.id} --> ${node.id}` : `${node.id} --> ${one.id}`);
        draw(one, one.next, isBack);
      }
    };
    draw(result, result.comes_from, true);
    draw(result, result.led_to, false);
    const lines = [...boxes].map(([id, box]) => `${id}["${box}"]`);
    return [
      "flowchart LR",
      ...[...lines, ...arrows, `style ${result.id} stroke-width:3px`].map((one) => `  ${one}`),
    ].join("\n");
  },
};

/** Entities, since Mermaid reads quotes, brackets and the like itself. */
const boxOf = (node: ChainObject): string =>
  [`${nameOf(node.kind)} ${node.short}`, oneLine(node.title ?? "(not there)"), factsOf(node)]
    .filter((text) => text !== "")
    .map((text) => text.replace(/[#&"<>`[\]{}|\\]/g, (char) => `#${char.codePointAt(0)};`))
    .join("<br/>");

export const refs: View<RefsFound> = {
  render: ({ kind, short, refs: pointers, total, offset }, look) => {
    const what = `${nameOf(kind)} ${paint(look, "cyan", short)}`;
    if (total === 0) return `nothing points to ${what}`;
    const last = offset + new Set(pointers.map(({ id }) => id)).size;
    const shown =
      last - offset < total
        ? `${offset + 1}–${last} of ${total} (more with --offset ${last} or --limit)`
        : "";
    const head = `${count(total, "object points", "objects point")} to ${what}${shown && `: ${shown}`}`;
    return [rows(pointers, look), paint(look, "dim", head)].filter((text) => text !== "").join("\n");
  },
};

function rows(pointers: readonly Pointer[], look: Look): string {
  const roleOf = ({ field, role }: Pointer) => (role ? `${field} as ${role}` : field);
  if (look.compact)
    return pointers
      .map((one) => `${nameOf(one.kind)} ${one.short} ${roleOf(one)}: ${oneLine(one.title ?? "")}`)
      .join("\n");
  const columns: Column<Pointer>[] = [
    { head: "kind", cell: ({ kind }) => nameOf(kind) },
    { head: "id", cell: ({ short }) => short, ink: () => "cyan" },
    { head: "field", cell: roleOf },
    { head: "facts", cell: factsOf },
    { head: "title", cell: ({ title }) => title ?? "", stretch: true },
  ];
  return renderTable(pointers, columns, look);
}
