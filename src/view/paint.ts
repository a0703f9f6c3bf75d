/** Colour and alignment. Width is counted in terminal columns; escape sequences count for none. */
import type { Look } from "./look.ts";

const SGR = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export type Ink = keyof typeof SGR;

/** The text in a colour, where the look has colour. */
export function paint(look: Look, ink: Ink, text: string): string {
  if (!look.color || text === "") return text;
  const [on, off] = SGR[ink];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this looks for.
const PAINT = /\u001b\[\d+m/g;
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;
const NARROWLESS = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Columns that a text takes on a terminal. */
export function columns(text: string): number {
  let count = 0;
  for (const char of text.replace(PAINT, "")) count += NARROWLESS.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return count;
}

/** The text cut to at most `limit` columns, with an ellipsis; only for text without colour. */
export function cut(text: string, limit: number): string {
  if (columns(text) <= limit) return text;
  let out = "";
  let used = 0;
  for (const char of text) {
    used += columns(char);
    if (used > limit - 1) break;
    out += char;
  }
  return `${out.trimEnd()}…`;
}

export const padEnd = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - columns(text)));

/** Text on one line: tabs and newlines become blanks. */
export const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

/** Every line of a text moved to the right. */
export const indent = (text: string, by: number): string => text.replace(/^(?=.)/gm, " ".repeat(by));

/** Words of a text in lines of at most `width` columns; the text's own line breaks stay. */
export function wrap(text: string, width: number): string {
  return text
    .split("\n")
    .map((line) => wrapLine(line, Math.max(20, width)))
    .join("\n");
}

function wrapLine(line: string, width: number): string {
  const lead = /^\s*(?:[-*] )?/.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let current = lead;
  for (const word of line.slice(lead.length).split(" ")) {
    const joined = current.trim() === "" || current === lead ? current + word : `${current} ${word}`;
    if (columns(joined) > width && current !== lead) {
      lines.push(current);
      current = " ".repeat(lead.length) + word;
    } else {
      current = joined;
    }
  }
  return [...lines, current].join("\n");
}
