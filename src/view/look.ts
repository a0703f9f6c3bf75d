/** How a view is asked to look. Views are pure: a result and a look give a text. */

export interface Look {
  color: boolean;
  /** Columns of the terminal. */
  width: number;
  /** ms since 1970. */
  now: number;
  /** Lines for a program that reads text: few, dense, no alignment. */
  compact: boolean;
  /** The options that commands shown to be run next say again: who acts (--as), and on which record. */
  said?: string;
  /** How old the answer is, where it rests on the record. */
  view?: { age_ms: number; stale: boolean };
}

export interface View<R = unknown> {
  /** The result is text that owp itself made, with its own colours: it is printed as it is. */
  raw?: true;
  /** The text without a last newline. */
  render(result: R, look: Look): string;
  /** Of a dry run: the plan in words, where that says more than the files that would change. */
  planned?(result: R, look: Look): string;
  /** Commands that usually come next. */
  next?(result: R): string[];
  /** With --json: the result as one value a line, where it is a stream of things and not one answer. */
  lines?(result: R): unknown[];
  /** What --quiet leaves of a change: ids alone. */
  quiet?(result: R): string;
}
