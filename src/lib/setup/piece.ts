/** One thing that setup keeps in one file: two pure functions on the file's text, from which its state follows. */

/** Where a piece lies: the user's checkout, the folder of git's hooks, or the record's branch. */
export type Place = "worktree" | "hooks" | "record";

/** What a piece wants of a file. */
export type Step =
  | { to: "keep" /** Worth telling: why the user's own text was left alone. */; note?: string }
  /** text null: delete the file. edited: someone changed what owp wrote, and that would be lost. */
  | { to: "change"; text: string | null; edited?: true }
  /** Nothing may be written before a person has looked. */
  | { to: "stop"; message: string; hint: string };

export interface Piece {
  place: Place;
  /** Below the place, with forward slashes. */
  path: string;
  /** The file is run. */
  executable?: true;
  /** What would put the piece there. text undefined: there is no file. */
  write(text: string | undefined): Step;
  /** What would take it back. */
  remove(text: string | undefined): Step;
}

export const KEEP: Step = { to: "keep" };

/** Texts are compared and made with line feeds; a file with CRLF stays one. */
export function withLineFeeds(text: string): { text: string; restore: (text: string) => string } {
  const crlf = /\r\n/.test(text) && !/[^\r]\n/.test(text);
  if (!crlf) return { text, restore: (made) => made };
  return { text: text.replaceAll("\r\n", "\n"), restore: (made) => made.replaceAll("\n", "\r\n") };
}

/** Runs a step on line feeds, and gives its text the file's own line ends back. */
export function onLineFeeds(text: string | undefined, step: (text: string | undefined) => Step): Step {
  if (text === undefined) return step(undefined);
  const plain = withLineFeeds(text);
  const made = step(plain.text);
  return made.to === "change" && made.text !== null ? { ...made, text: plain.restore(made.text) } : made;
}
