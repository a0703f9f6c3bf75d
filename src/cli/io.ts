/** The world as a command sees it. main.ts makes the real one, tests make a small one. */
export interface Io {
  /** Data. */
  out(text: string): void;
  /** Talk: errors, warnings, progress. */
  err(text: string): void;
  /** All of standard input. */
  readStdin(): Promise<Uint8Array>;
  /** Asks on the terminal, and answers the line that was typed. */
  ask(question: string): Promise<string>;
  env: Record<string, string | undefined>;
  cwd: string;
  /** Which streams are a terminal. */
  tty: { in: boolean; out: boolean; err: boolean };
  /** Columns of the terminal. */
  columns: number;
  /** ms since 1970, without OWP_NOW. */
  now(): number;
  sleep(ms: number, abort?: AbortSignal): Promise<void>;
  /** A command begins work that takes long enough to report progress. */
  longWork(): void;
  /** 0 up to 1. */
  random(): number;
  /** Aborts on Ctrl-C. */
  abort: AbortSignal;
}
