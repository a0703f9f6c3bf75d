/** `owp setup`: what was written, or how every target stands. */
import type { Look, View } from "./look.ts";
import { type Ink, oneLine, padEnd, paint } from "./paint.ts";

interface Written {
  target: string;
  mode: "write" | "remove";
  files: { path: string; what: "new" | "changed" | "deleted" }[];
  commit?: string;
  next: string[];
}

interface States {
  targets: { name: string; summary: string; state: string; why?: string }[];
}

const INKS: Record<string, Ink> = { "set up": "green", differs: "yellow", blocked: "red" };
const STATE_WIDTH = 12;
const SHORT_OID = 10;

export const setup: View<Written | States> = {
  render: (result, look) => ("targets" in result ? renderStates(result, look) : renderWritten(result)),
  next: (result) => ("targets" in result ? ["owp setup <target>"] : result.next),
  quiet: () => "",
};

function renderStates({ targets }: States, look: Look): string {
  const width = Math.max(...targets.map(({ name }) => name.length)) + 2;
  const lines = targets.map(({ name, summary, state, why }) => {
    const ink = INKS[state] ?? "dim";
    const more = why && state !== "not here" ? `\n${" ".repeat(width + STATE_WIDTH)}${oneLine(why)}` : "";
    return `${padEnd(paint(look, "cyan", name), width)}${padEnd(paint(look, ink, state), STATE_WIDTH)}${summary}${more}`;
  });
  return lines.join("\n");
}

function renderWritten({ target, mode, files, commit }: Written): string {
  if (files.length === 0)
    return mode === "write"
      ? `${target} is set up already; nothing was changed`
      : `there is nothing of ${target} to take back; nothing was changed`;
  const list = files.map(({ path }) => path).join(", ");
  const published = commit ? ` (published as ${commit.slice(0, SHORT_OID)})` : "";
  return mode === "write"
    ? `${target} is set up: ${list}${published}`
    : `${target} is taken back: ${list}${published}`;
}
