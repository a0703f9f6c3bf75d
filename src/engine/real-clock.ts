/** The machine's clocks and a cancellable sleep. */
import type { Clock } from "./ports.ts";

/** shiftMs: OWP_NOW, a test's shift of the wall clock; elapsed time is never shifted. */
export function realClock(shiftMs = 0): Clock {
  return {
    now: () => Date.now() + shiftMs,
    // The monotonic clock counts from the machine's start: its processes share it, and clock changes do not touch it.
    elapsed: () => Number(process.hrtime.bigint() / 1000n) / 1000,
    sleep: (ms, abort) =>
      new Promise((resolve) => {
        if (ms <= 0 || abort?.aborted) return resolve();
        const done = () => {
          clearTimeout(timer);
          abort?.removeEventListener("abort", done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        abort?.addEventListener("abort", done);
      }),
  };
}
