/** Solves a challenge on all cores: worker threads search one stretch of nonces after another, and can be stopped at any time. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { hasBits } from "../../core/pow.ts";
import { SEARCH, search } from "./search.ts";

export interface Work {
  /** Hex. */
  seed: string;
  /** Leading zero bits. */
  difficulty: number;
  /** Where to begin; every smaller nonce was tried. 0 by default. */
  from?: number;
}

export interface SolveOptions {
  /** Threads; as many as the machine has cores by default. */
  threads?: number;
  abort?: AbortSignal | undefined;
  /** Now and then, and at the end. next: every smaller nonce was tried. */
  onProgress?: (progress: { tried: number; next: number; per_second: number }) => void;
}

export type Solved = { nonce: string } | { stoppedAt: number };

/** A stretch takes a thread some tenths of a second. */
const STRETCH = 100_000;
/** So little work is done before a thread would have started. */
const QUICK_BITS = 14;
const QUICK_STRETCH = 1 << 16;
const PROGRESS_MS = 250;
/** Of a seed of 32 bytes, which the quick search is made for. */
const SEED_DIGITS = 64;
const SLOW_STRETCH = 2000;

/** The smallest nonce from `from` that solves it, or where the search was stopped. */
export async function solve(
  { seed, difficulty, from = 0 }: Work,
  options: SolveOptions = {},
): Promise<Solved> {
  let start = from;
  if (seed.length !== SEED_DIGITS) return searchSlowly(seed, difficulty, start, options);
  if (difficulty <= QUICK_BITS) {
    const found = search(seed, difficulty, start, QUICK_STRETCH);
    if (found >= 0) return { nonce: String(found) };
    start += QUICK_STRETCH;
  }
  if (options.abort?.aborted) return { stoppedAt: start };
  return searchInThreads(seed, difficulty, start, options);
}

/** A seed of another length, as in the specification's example: none of owp's own. */
async function searchSlowly(
  seed: string,
  difficulty: number,
  start: number,
  { abort, onProgress }: SolveOptions,
): Promise<Solved> {
  const began = performance.now();
  for (let nonce = start; ; nonce++) {
    if (hasBits(seed, String(nonce), difficulty)) return { nonce: String(nonce) };
    if ((nonce - start) % SLOW_STRETCH !== SLOW_STRETCH - 1) continue;
    const tried = nonce + 1 - start;
    onProgress?.({ tried, next: nonce + 1, per_second: (tried * 1000) / (performance.now() - began) });
    await new Promise((resolve) => setImmediate(resolve));
    if (abort?.aborted) return { stoppedAt: nonce + 1 };
  }
}

const PROGRAM = `const { parentPort } = require("node:worker_threads");
const search = ${SEARCH};
parentPort.on("message", ({ seed, bits, from, count }) => {
  parentPort.postMessage({ from, found: search(seed, bits, from, count) });
});`;

function searchInThreads(
  seed: string,
  bits: number,
  start: number,
  { threads = availableParallelism(), abort, onProgress }: SolveOptions,
): Promise<Solved> {
  const workers: Worker[] = [];
  const open = new Set<number>();
  const began = performance.now();
  let [next, done, reported] = [start, 0, 0];
  /** Of a stretch that was taken before the one that has it, and may have a smaller one. */
  let best = Number.POSITIVE_INFINITY;
  const lowest = () => Math.min(next, ...open);
  return new Promise<Solved>((resolve, reject) => {
    const end = (settle: () => void) => {
      abort?.removeEventListener("abort", stop);
      for (const worker of workers) void worker.terminate();
      settle();
    };
    const stop = () => end(() => resolve({ stoppedAt: lowest() }));
    const report = () => {
      const per_second = (done * 1000) / Math.max(1, performance.now() - began);
      onProgress?.({ tried: done, next: lowest(), per_second });
    };
    const give = (worker: Worker) => {
      if (next >= best) return;
      open.add(next);
      worker.postMessage({ seed, bits, from: next, count: STRETCH });
      next += STRETCH;
    };
    abort?.addEventListener("abort", stop);
    for (let i = 0; i < threads; i++) {
      const worker = new Worker(PROGRAM, { eval: true });
      workers.push(worker);
      worker.on("error", (error) => end(() => reject(error)));
      worker.on("message", ({ from, found }: { from: number; found: number }) => {
        open.delete(from);
        done += STRETCH;
        if (found >= 0) best = Math.min(best, found);
        if (best < lowest()) {
          report();
          return end(() => resolve({ nonce: String(best) }));
        }
        if (performance.now() - reported > PROGRESS_MS) {
          reported = performance.now();
          report();
        }
        give(worker);
      });
      give(worker);
    }
    if (abort?.aborted) stop();
  });
}
