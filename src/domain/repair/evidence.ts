/** What a repair knows besides the snapshot: what is wrong, and what the history says of the files concerned. Plain data. */
import type { Finding } from "../validate/rule.ts";

/** A file as a commit left it. */
export interface Version {
  /** The commit's id. */
  commit: string;
  subject: string;
  /** Its place in the ledger's order; larger is later. */
  order: number;
  /** ms since 1970. */
  at_ms: number;
  /** A commit that is no operation of owp. */
  byHand: boolean;
  /** Left out: the commit deleted the file. */
  text?: string;
}

/** A version that could be read, with the task's epoch at that moment (0 for files of no task). */
export interface Good extends Version {
  text: string;
  epoch: number;
}

export interface FileEvidence {
  /** What stands there now; left out: there is no such file. */
  now?: string;
  /** Something that is wrong names it, so that it is needed where it is gone. */
  needed: boolean;
  /** Oldest first. */
  versions: readonly Version[];
  /** The last version that could be read on each line of history; more than one after a merge. */
  good: readonly Good[];
}

/** One look at the record: at its tip, or as it stands with the mends of the rounds before. */
export interface Round {
  /** Errors of `owp validate`. */
  findings: readonly Finding[];
  files: Readonly<Record<string, FileEvidence>>;
  /** The highest epoch that any version of a task's two files ever showed, by task. */
  epochs: Readonly<Record<string, number>>;
}

/** A mended file may bring to light what was hidden in it, so the record is looked at again until nothing is left to mend. */
export interface Evidence {
  rounds: readonly Round[];
}
