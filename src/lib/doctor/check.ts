/** What a check of the doctor is, and what the checks know of the patient. */
import type { Refusal } from "../../core/refusal.ts";
import type { Repository } from "../../engine/git/locate.ts";
import type { GitRemote } from "../../engine/git/remote.ts";
import type { Settings } from "../../engine/git/settings.ts";
import type { GitStore } from "../../engine/git/store.ts";
import type { Target } from "../../engine/git/url.ts";
import type { RemoteView } from "../../engine/ports.ts";
import type { RecordHub } from "../hub.ts";
import type { OpenOptions } from "../types.ts";

export interface Check {
  name: string;
  /** warning: owp works, but not as well as it could. skipped: it could not be looked at. */
  state: "ok" | "warning" | "failed" | "skipped";
  message: string;
  /** The next command, or what to do by hand. */
  hint?: string;
  /** What --fix did. The state is then the one after it. */
  fixed?: string;
}

export type Finding = Omit<Check, "name">;

export interface DoctorOptions {
  /** Mend what loses nothing. */
  fix: boolean;
  /** Follow a record whose history was replaced. */
  accept_rewrite: boolean;
  /** Ask no remote. */
  offline: boolean;
  /** ms since 1970, the caller's clock. */
  now: number;
}

/** What is known so far. Each part is there when the check that looks for it has found it. */
export interface Patient {
  place: OpenOptions;
  options: DoctorOptions;
  repository?: Repository;
  store?: GitStore;
  settings?: Settings;
  target?: Target;
  /** The record's branch, without refs/heads/. */
  branch?: string;
  /** owp's folder of this record. */
  folder?: string;
  remote?: GitRemote;
  /** Where the remote stands now. */
  fetched?: RemoteView;
  hub?: RecordHub;
  /** Another remote that has the record, where this one has none. */
  elsewhere?: string;
  /** When this clone looked at the remote before (ms since 1970), and when the doctor did (elapsed ms). */
  looked?: { previous: number | undefined; from: number };
  /** The hub's view stands where the remote does, and it is a record. */
  record?: true;
}

/** Parts that a check may need, with the words for when they are missing. */
export const PARTS = {
  repository: "a git repository",
  store: "owp's own store",
  settings: "git's settings",
  target: "a remote",
  branch: "a remote",
  folder: "a remote",
  remote: "a remote",
  fetched: "a look at the remote",
  hub: "an open record",
  record: "a record",
} as const satisfies Partial<Record<keyof Patient, string>>;

export type Part = keyof typeof PARTS;

export interface CheckRow {
  name: string;
  needs: readonly Part[];
  run(patient: Patient): Promise<Finding>;
}

/** A row of the table; its function sees the parts it needs as present. */
export function row<K extends Part>(
  name: string,
  needs: readonly K[],
  run: (patient: Patient & Required<Pick<Patient, K>>) => Promise<Finding>,
): CheckRow {
  return { name, needs, run: run as CheckRow["run"] };
}

export const fine = (message: string): Finding => ({ state: "ok", message });

/** A refusal of the engine, as what a check found. */
export const failing = ({ message, hint }: Refusal): Finding => ({ state: "failed", message, hint });

/** `1 task`, `3 tasks`. */
export const count = (number: number, noun: string, nouns = `${noun}s`): string =>
  `${number} ${number === 1 ? noun : nouns}`;
