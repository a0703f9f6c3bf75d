/** The form of a rule about one file, and the file as its rules see it. */
import type { Kind } from "../../core/paths.ts";
import type { Rules } from "../../core/snapshot.ts";
import type {
  Artifact,
  ConstraintSnapshot,
  ContextPacket,
  DoctrineRef,
  JobKey,
  Lease,
  Policy,
  Repo,
  Run,
  Task,
  Worker,
} from "../../generated/types.ts";
import type { Found, Rule } from "./rule.ts";

/** A file that the codec accepts. */
export interface FileView<Value = unknown> {
  path: string;
  kind: Kind;
  id: string;
  text: string;
  value: Value;
  /** The record's policy, or the defaults. */
  rules: Rules;
}

export type FileRule = Rule<FileView>;

interface Values {
  Policy: Policy;
  Worker: Worker;
  Repo: Repo;
  Task: Task;
  Lease: Lease;
  JobKey: JobKey;
  ContextPacket: ContextPacket;
  ConstraintSnapshot: ConstraintSnapshot;
  DoctrineRef: DoctrineRef;
  Run: Run;
  Artifact: Artifact;
}

/** A check of one kind's files: at most one finding each call of `judge` yields. */
export function about<K extends Kind>(
  kind: K,
  judge: (value: Values[K], file: FileView) => Iterable<Found> | Found | undefined,
): Pick<FileRule, "kinds" | "check"> {
  return {
    kinds: [kind],
    check(file) {
      if (file.kind !== kind) return [];
      const found = judge(file.value as Values[K], file);
      return found === undefined ? [] : isMany(found) ? found : [found];
    },
  };
}

const isMany = (found: Iterable<Found> | Found): found is Iterable<Found> => Symbol.iterator in found;
