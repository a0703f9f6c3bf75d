/**
 * An act for which the policy asks work: the plan answers with the challenge, the work is done, and the same operation runs
 * again with the stamp. Solving counts for no deadline. Whoever is interrupted goes on where the search stood: what was
 * searched is kept in the clone, with the operation's id, to which the stamp is bound.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Challenge, Stamp } from "../../core/pow.ts";
import { refuse } from "../../core/refusal.ts";
import { sha256 } from "../../core/sha256.ts";
import type { RecordHub } from "../hub.ts";
import type { Outcome, RunOptions } from "../types.ts";
import { workReporter } from "./reporter.ts";
import { solve } from "./solve.ts";

/** The search of a command that was interrupted. */
interface Kept {
  challenge: Challenge;
  /** Every smaller nonce was tried. */
  next: number;
}

/** A stamp that expires while it is made is made again, so often. */
const TRIES = 3;

export async function runPaid(
  hub: RecordHub,
  name: string,
  input: Record<string, unknown>,
  op: string,
  options: RunOptions,
): Promise<Outcome> {
  if (input.pow !== undefined) return hub.operate(name, input, op, options);
  const file = keptFile(hub, name, input);
  const kept = options.op === undefined ? recall(file, nowOf(hub)) : undefined;
  let from = kept?.next ?? 0;
  let outcome: Outcome | undefined = kept ? undefined : await hub.operate(name, input, op, options);
  let challenge = kept?.challenge ?? challengeIn(outcome);
  for (let tried = 0; challenge && tried < TRIES; tried++) {
    const found = await solve(
      { ...challenge, from },
      { abort: options.abort, onProgress: workReporter(challenge.difficulty, options.onProgress) },
    );
    if ("stoppedAt" in found) {
      keep(file, { challenge, next: found.stoppedAt });
      return { ...stopped(challenge, found.stoppedAt), op: challenge.op };
    }
    const { algorithm, difficulty, commit } = challenge;
    const pow: Stamp = { algorithm, difficulty, commit, op: challenge.op, nonce: found.nonce };
    startClock(hub, options);
    outcome = await hub.operate(name, { ...input, pow }, challenge.op, options);
    from = 0;
    // A stamp that was kept may be for what has changed since; one that expired is made anew.
    const isStale = tried === 0 && kept !== undefined && !outcome.ok && outcome.code === "pow_invalid";
    if (isStale) outcome = await hub.operate(name, input, op, options);
    challenge = challengeIn(outcome);
  }
  if (file) rmSync(file, { force: true });
  return outcome as Outcome;
}

function challengeIn(outcome: Outcome | undefined): Challenge | undefined {
  if (!outcome || outcome.ok || outcome.code !== "pow_required") return undefined;
  return (outcome.data as { challenge?: Challenge }).challenge;
}

const nowOf = ({ parts }: RecordHub): number => parts.clock.now() + parts.clockShiftMs;

/** The time that a caller gives the remote begins when there is something to send. */
function startClock({ parts }: RecordHub, { timeout_ms }: RunOptions): void {
  if (parts.patience && timeout_ms !== undefined) parts.patience.endsAt = parts.clock.now() + timeout_ms;
}

const stopped = ({ difficulty }: Challenge, at: number) =>
  refuse(
    "canceled",
    `Stopped at proof of work of ${difficulty} bits, after ${at} hashes. Nothing was changed.`,
    {
      hint: "run it again within some minutes: it goes on from there",
    },
  );

/** One file a command: what is asked, and who asks. */
function keptFile({ parts }: RecordHub, name: string, input: object): string | undefined {
  if (parts.folder === undefined) return undefined;
  const key = sha256(JSON.stringify([name, input, parts.caller.name])).slice(0, 20);
  return join(parts.folder, "pow", `${key}.json`);
}

function recall(file: string | undefined, now: number): Kept | undefined {
  if (file === undefined) return undefined;
  try {
    const kept = JSON.parse(readFileSync(file, "utf8")) as Kept;
    return kept.challenge.expires_at * 1000 > now && Number.isSafeInteger(kept.next) ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** A cache: where it cannot be written, the search begins anew. */
function keep(file: string | undefined, kept: Kept): void {
  if (file === undefined) return;
  try {
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, JSON.stringify(kept));
  } catch {
    // As said.
  }
}
