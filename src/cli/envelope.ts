/** The versioned form of every `--json` answer, errors too. Pure. */
import type { Refusal } from "../core/refusal.ts";
import type { FileChange, Outcome, Review, ViewAge } from "../lib/types.ts";

/** Version of the output format, not of the program: a new field raises the minor, a changed one the major. */
export const FORMAT = "1.0";

export interface Envelope {
  owp: string;
  ok: boolean;
  /** The operation's id; null where none was made. */
  op: string | null;
  command: string | null;
  /** "ok", or the error's code. */
  code: string;
  result?: unknown;
  error?: { code: string; message: string; hint: string; data?: Record<string, unknown> };
  warnings: string[];
  /** Commands that usually come next. */
  next: string[];
  view: ViewAge | null;
  commit?: string;
  already?: true;
  queued?: true;
  attempts?: number;
  changes?: FileChange[];
  review?: Review;
}

/** next: commands that usually come next, where the outcome is a success. */
export function envelopeOf(command: string | null, outcome: Outcome, next: string[]): Envelope {
  if (!outcome.ok) return errorEnvelope(command, outcome, outcome.op);
  const { op, result, warnings, view, commit, already, queued, attempts, changes, review } = outcome;
  const envelope: Envelope = {
    owp: FORMAT,
    ok: true,
    op: op || null,
    command,
    code: "ok",
    result,
    warnings,
    next,
    view: view.tip || view.age_ms ? view : null,
  };
  if (commit) envelope.commit = commit;
  if (already) envelope.already = true;
  if (queued) envelope.queued = true;
  if (attempts > 1) envelope.attempts = attempts;
  if (changes) envelope.changes = changes;
  if (review) envelope.review = review;
  return envelope;
}

function errorEnvelope(command: string | null, refusal: Refusal, op: string): Envelope {
  const { code, message, hint, data } = refusal;
  const error = data ? { code, message, hint, data } : { code, message, hint };
  return {
    owp: FORMAT,
    ok: false,
    op: op || null,
    command,
    code,
    error,
    warnings: [],
    next: isCommand(hint) ? [hint] : [],
    view: null,
  };
}

/** The hint is a command, and no prose about one. */
export const isCommand = (hint: string): boolean =>
  /^owp (?:--\w+ \S+ )*[a-z]/.test(hint) && !/[;,?<]| (to|when|finds) /.test(hint);

/** One line of JSON. DEL and the C1 controls, which JSON leaves alone, are escaped: a terminal obeys some of them. */
export function toJson(value: unknown): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029]/g, escaped);
}
