/** Any result as indented `key: value` lines: for results that need no form of their own. */
import type { Look, View } from "./look.ts";
import { indent, oneLine, paint } from "./paint.ts";

export const plain: View = { render: renderPlain };

export function renderPlain(value: unknown, look: Look): string {
  if (typeof value !== "object" || value === null) return String(value ?? "");
  if (Array.isArray(value))
    return value.map((entry) => `- ${indent(renderPlain(entry, look), 2).trimStart()}`).join("\n");
  return Object.entries(value)
    .filter(
      ([, entry]) => entry !== null && entry !== undefined && !(Array.isArray(entry) && entry.length === 0),
    )
    .map(([key, entry]) => renderEntry(key, entry, look))
    .join("\n");
}

function renderEntry(key: string, entry: unknown, look: Look): string {
  const label = `${paint(look, "dim", key.replaceAll("_", " "))}:`;
  if (typeof entry !== "object" || entry === null) {
    const text = String(entry);
    return text.includes("\n") ? `${label}\n${indent(text, 2)}` : `${label} ${text}`;
  }
  if (Array.isArray(entry) && entry.every((item) => typeof item !== "object")) {
    return `${label} ${oneLine(entry.map(String).join(", "))}`;
  }
  return `${label}\n${indent(renderPlain(entry, look), 2)}`;
}
