/** The text of a Backlog.md task file: front matter, sections, checklists. */
import { readYaml } from "../../core/yaml-safe.ts";

export interface BacklogText {
  fields: Record<string, unknown>;
  sections: Section[];
}

export interface Section {
  heading: string;
  text: string;
}

export type TextRead =
  | { ok: true; text: BacklogText }
  | { ok: false; message: string; line: number; field?: string };

const FENCE = /^\s*(```|~~~)/;
/** Backlog.md's own marks around what it writes, which hold headings that belong to the text. */
const MARK = /^<!--\s*(?:SECTION:)?([A-Z_]+):(BEGIN|END)\s*-->\s*$/;

export function readBacklogText(raw: string): TextRead {
  const lines = raw.replace(/\r\n?/g, "\n").split("\n");
  if (lines[0]?.trimEnd() !== "---")
    return { ok: false, line: 1, message: "has no front matter: its first line must be ---" };
  const end = lines.findIndex((line, at) => at > 0 && line.trimEnd() === "---");
  if (end < 0)
    return { ok: false, line: 1, message: "has front matter that does not end: a second line must be ---" };
  const read = readYaml(lines.slice(1, end).join("\n"));
  if (!read.ok)
    return {
      ok: false,
      line: (read.finding.line ?? 1) + 1,
      message: `has front matter that cannot be read: ${read.finding.message}`,
    };
  return { ok: true, text: { fields: read.value, sections: sectionsOf(lines.slice(end + 1)) } };
}

/** Headings of the second level part the text, where they stand in no code and between no marks. */
function sectionsOf(lines: readonly string[]): Section[] {
  const sections: { heading: string; lines: string[] }[] = [{ heading: "", lines: [] }];
  let fence: string | undefined;
  let mark: string | undefined;
  for (const line of lines) {
    const [, opened] = FENCE.exec(line) ?? [];
    if (opened !== undefined && (fence === undefined || fence === opened))
      fence = fence === undefined ? opened : undefined;
    const [, name, edge] = (fence === undefined && MARK.exec(line)) || [];
    const [, heading] = (fence === undefined && mark === undefined && /^## +(.+?)\s*$/.exec(line)) || [];
    if (edge === "BEGIN") mark ??= name;
    else if (edge === "END") mark = mark === name ? undefined : mark;
    else if (heading !== undefined) sections.push({ heading, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections
    .map((section) => ({ heading: section.heading, text: section.lines.join("\n").trim() }))
    .filter(({ text }) => text !== "");
}

/** A box on any level, or a bullet that stands at the margin. */
const ENTRY = /^(?:\s*[-*+]\s+\[[ xX]\]\s*(?:#\d+\s+)?|[-*+]\s+)(.*)$/;

/** The entries of a checklist, done or not, without their numbers; what stands between goes with the one before. */
export function checklist(text: string): string[] {
  const entries: string[] = [];
  for (const line of text.split("\n")) {
    const [, entry] = ENTRY.exec(line) ?? [];
    if (entry !== undefined) entries.push(entry.trim());
    else if (line.trim() !== "" && entries.length > 0) entries.push(`${entries.pop()}\n${line.trim()}`);
    else if (line.trim() !== "") entries.push(line.trim());
  }
  return entries.filter(Boolean);
}
