/** OWP_NOW: a moment (`2026-01-31T12:00:00Z`) or a shift (`+2h`, `-90s`), for tests and rehearsals. */
import { type Refusal, refuse } from "../core/refusal.ts";
import { parseDuration } from "../core/time.ts";

const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?Z)?$/;

/** How far the command's clock is shifted against the machine's, in ms. A moment keeps running from there. */
export function clockShift(
  text: string | undefined,
  realNow: number,
): { ok: true; shift_ms: number } | Refusal {
  if (!text) return { ok: true, shift_ms: 0 };
  const shift = /^[+-]/.test(text) ? parseDuration(text.slice(1)) : undefined;
  if (shift !== undefined) return { ok: true, shift_ms: text.startsWith("-") ? -shift : shift };
  const moment = MOMENT.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(moment)) return { ok: true, shift_ms: moment - realNow };
  return refuse(
    "usage",
    `OWP_NOW is "${text}"; it must be a UTC moment such as 2026-01-31T12:00:00Z or a shift such as +2h.`,
    {
      hint: "unset OWP_NOW",
    },
  );
}
