/** What a simulation consists of, as plain data: so that a failing one can be made smaller piece by piece. */
import type { FaultPlan } from "./faults.ts";
import type { PersonPlan } from "./people.ts";
import type { Verb } from "./verbs.ts";

export interface Scenario {
  /** Of the order in which calls are carried out, and of everything else that is drawn while it runs. */
  seed: number;
  policy: PolicyPlan;
  tasks: TaskPlan[];
  clones: ClonePlan[];
  faults: FaultPlan[];
  people: PersonPlan[];
}

/** Lengths in the record's notation. */
export interface PolicyPlan {
  lease: string;
  heartbeat_timeout: string;
  max_skew: string;
  backoff: string;
  max_attempts: number;
  capacity_points: number;
  max_concurrent_tasks: number;
  max_open_prs: number | null;
  /** When a claim opens a run. */
  runs: "always" | "never";
}

export interface TaskPlan {
  estimate: number;
  priority: number;
  tier: number;
  area?: string;
  skills: string[];
  /** Indices of earlier tasks. */
  after: number[];
  planned: boolean;
}

export interface ClonePlan {
  /** ms by which its machine's clock is off. */
  clock_ms: number;
  /** Its clock runs so many times too fast. */
  drift: number;
  fetch_ms: number;
  push_ms: number;
  /** It has the id of this clone: the folder was copied. */
  copy_of?: number;
  processes: ProcessPlan[];
}

export interface ProcessPlan {
  worker: string;
  /** false: the name is the default one, which another clone may have too. */
  explicit: boolean;
  /** One process that lives on (the library), or one a command. */
  long_lived: boolean;
  /** ms by which it is off against its machine. */
  clock_ms: number;
  steps: Step[];
}

export interface Step {
  verb: Verb;
  /** Seed of the choices that the verb makes: which task, which message. */
  choice: number;
  /** ms before it. */
  wait_ms: number;
  timeout_ms: number;
  /** Queued for a sync. */
  offline?: true;
  /** The caller gives up after so many ms. */
  abort_ms?: number;
  /** The next step does not wait for this one: a program that does several things at once. */
  beside?: true;
  /** Given up by a crash or an unknown outcome, it is run again with the same operation id. */
  retry?: true;
}
