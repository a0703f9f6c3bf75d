/** `owp doctor`: one line a check, and what to do where something is wrong. */
import type { Look } from "./look.ts";
import { type Ink, oneLine, paint } from "./paint.ts";

interface CheckRow {
  name: string;
  state: "ok" | "warning" | "failed" | "skipped";
  message: string;
  hint?: string;
  /** What --fix did. */
  fixed?: string;
}

const SIGNS: Record<CheckRow["state"] | "fixed", [string, Ink]> = {
  ok: ["ok     ", "green"],
  fixed: ["fixed  ", "green"],
  warning: ["warning", "yellow"],
  failed: ["FAILED ", "red"],
  skipped: ["skipped", "dim"],
};

export const renderChecks = (checks: readonly CheckRow[], look: Look): string =>
  checks.map((check) => renderCheck(check, look)).join("\n");

function renderCheck({ name, state, message, hint, fixed }: CheckRow, look: Look): string {
  const [sign, ink] = SIGNS[fixed && state === "ok" ? "fixed" : state];
  const lines = [`${paint(look, ink, sign)} ${name}: ${oneLine(message)}`];
  if (fixed) lines.push(`        ${oneLine(fixed)}`);
  if (hint && (state === "warning" || state === "failed"))
    lines.push(`        ${paint(look, "dim", `next: ${oneLine(hint)}`)}`);
  return lines.join("\n");
}
