/** Looks at everything that owp rests on, check by check. A check that fails, or that breaks, never keeps the others. */
import type { OpenOptions } from "../types.ts";
import { type Check, type CheckRow, type DoctorOptions, PARTS, type Patient } from "./check.ts";
import { CLONE_CHECKS } from "./clone-checks.ts";
import { FORK_CHECK } from "./fork-check.ts";
import { LOCAL_CHECKS } from "./local-checks.ts";
import { RECORD_CHECKS } from "./record-checks.ts";
import { REMOTE_CHECKS } from "./remote-checks.ts";
import { SERVER_CHECKS } from "./server-checks.ts";
import { SIGNAL_CHECKS } from "./signal-checks.ts";

/** In the order in which they build on each other. */
const CHECKS: readonly CheckRow[] = [
  ...CLONE_CHECKS,
  ...REMOTE_CHECKS,
  FORK_CHECK,
  ...RECORD_CHECKS,
  ...SIGNAL_CHECKS,
  ...LOCAL_CHECKS,
  ...SERVER_CHECKS,
];

/** Every check's finding, in order. Throws for nothing that a machine, a repository or a remote may be like. */
export async function diagnose(place: OpenOptions, options: DoctorOptions): Promise<Check[]> {
  if (place.hub !== undefined) {
    return [
      {
        name: "clone",
        state: "skipped",
        message: "A record read by URL has no clone to look at; run owp doctor in a clone of it.",
      },
    ];
  }
  const patient: Patient = { place, options };
  const checks: Check[] = [];
  try {
    for (const row of CHECKS) checks.push({ name: row.name, ...(await examine(row, patient)) });
  } finally {
    await patient.hub?.close();
    patient.store?.close();
  }
  return checks;
}

async function examine(row: CheckRow, patient: Patient): Promise<Omit<Check, "name">> {
  const missing = row.needs.find((part) => patient[part] === undefined);
  if (missing) return { state: "skipped", message: `not looked at: it needs ${PARTS[missing]}` };
  try {
    return await row.run(patient);
  } catch (error) {
    return {
      state: "failed",
      message: `the check broke off: ${(error as Error).message}`,
      hint: "run it again with OWP_DEBUG=1 and report what it prints",
    };
  }
}
