/** How hard proof of work is under the policy in force, act by act (FEATURES C25, C26). */
import type { Plan } from "../../core/operation.ts";
import { difficultyOf, expectedWork, POW_ACTIONS, POW_ALGORITHM, type PowAction } from "../../core/pow.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { PowDifficultyInput } from "../../generated/types.ts";

export interface PowDifficulty {
  algorithm: string;
  /** Leading zero bits where the policy says nothing else of an act. */
  difficulty: number;
  expected_work_human: string;
  /** false: the policy asks for none. */
  required: boolean;
  /** Bits by act; 0: none. */
  actions: Record<PowAction, number>;
}

export function planPowDifficulty({ rules }: Snapshot, _input: PowDifficultyInput): Plan<PowDifficulty> {
  const { difficulty, required } = rules.pow;
  const actions = Object.fromEntries(POW_ACTIONS.map((action) => [action, difficultyOf(rules, action)]));
  const result: PowDifficulty = {
    algorithm: POW_ALGORITHM,
    difficulty,
    expected_work_human: expectedWork(difficulty),
    required,
    actions: actions as Record<PowAction, number>,
  };
  return { ok: true, changes: [], result };
}
