/** Jobs for table tests: plans one after another on a record of plain values. */

import { nthId } from "../../../src/core/ids.ts";
import type { Planned } from "../../../src/core/operation.ts";
import { pathOf } from "../../../src/core/paths.ts";
import { sha256 } from "../../../src/core/sha256.ts";
import type { State } from "../../../src/core/state.ts";
import { planJobClaim } from "../../../src/domain/jobs/claim.ts";
import type { QueueJobState } from "../../../src/domain/jobs/job.ts";
import { taskIdOf } from "../../../src/domain/jobs/places.ts";
import { planJobShow } from "../../../src/domain/jobs/show.ts";
import { planJobSubmit } from "../../../src/domain/jobs/submit.ts";
import type { JobSubmitInput, Lease, Policy, Task } from "../../../src/generated/types.ts";
import { applied, type Called, ctx, NOW, ok, policy, record } from "../../helpers/record.ts";

export const SECOND = 1000;
export const hash = (token: string): string => `sha256:${sha256(token)}`;

/** The n-th operation: later ones have larger ids. */
export const op = (n: number): string => nthId("01kjm0000000000000000000aa", n * 1000);

/** A record with a policy of jobs. */
export const withJobs = (jobs: NonNullable<Policy["jobs"]> = {}): State => record(policy({ jobs }));

/** The record after these submits, one operation each, from the first on. */
export function queue(state: State, ...inputs: Partial<JobSubmitInput>[]): State {
  return inputs.reduce<State>(
    (at, input, n) =>
      applied(at, planJobSubmit(at, { type: "rpi.run", ...input }, ctx("ada", { op: op(n) }))),
    state,
  );
}

/** The record after a claim of this token, whatever it took. */
export function claim(state: State, token: string, called: Called = {}, id?: string): State {
  const input = { token_hash: hash(token), ...(id === undefined ? {} : { id }) };
  return applied(state, planJobClaim(state, input, ctx("ada", { op: op(100), ...called })));
}

/** The job as it shows at a moment; after: ms after NOW. */
export function job(state: State, id: string, after = 0): QueueJobState {
  return ok(planJobShow(state, { id }, ctx("eve", { now: NOW + after }))).result.job;
}

export const fileOf = (state: State, id: string): Task | undefined =>
  state.doc<Task>(pathOf("Task", taskIdOf(id)))?.value;
export const leaseOf = (state: State, id: string): Lease | undefined =>
  state.doc<Lease>(pathOf("Lease", taskIdOf(id)))?.value;

/** The events of a plan: type and what stands behind it. */
export function events(plan: Planned<unknown>): [type: string, event: Record<string, unknown>][] {
  return (plan.event?.trailers ?? []).map(([, value]) => {
    const at = value.indexOf(" ");
    return [value.slice(0, at), JSON.parse(value.slice(at + 1))];
  });
}

export const types = (plan: Planned<unknown>): string[] => events(plan).map(([type]) => type);
