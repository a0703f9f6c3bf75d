/**
 * Where a run's status may go, in one table: used by the command, by the rules of history and by docs/state-machines.md.
 * A run that has ended never opens again: another attempt is another run (CWOM 4.6; FEATURES B36, B65).
 */
import type { Run } from "../../generated/types.ts";

export type RunStatus = Run["status"];

export const RUN_STEPS: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  planned: ["ready", "running", "failed", "canceled"],
  ready: ["planned", "running", "failed", "canceled"],
  running: ["blocked", "done", "failed", "canceled"],
  blocked: ["running", "done", "failed", "canceled"],
  done: [],
  failed: [],
  canceled: [],
};

export const hasEnded = (status: RunStatus): boolean => RUN_STEPS[status].length === 0;

export const mayBecome = (from: RunStatus, to: RunStatus): boolean =>
  from === to || RUN_STEPS[from].includes(to);
