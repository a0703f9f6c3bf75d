/** The record as a whole: what no single file shows. Pure, and linear in tasks and references. */
import { type Kind, placeOf } from "../../core/paths.ts";
import { rulesOf } from "../../core/rules.ts";
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
import { judgeFile } from "./check-file.ts";
import { RECORD_RULES } from "./record-rules.ts";
import { RecordCollector, taskFacts } from "./record-view.ts";
import { applyRules, type Finding, judgedBy } from "./rule.ts";

/**
 * All findings across files. They carry `keys` and no line, since the texts are not kept; `withLines` adds them for
 * a file whose text the caller still has. now: ms since 1970.
 */
export function checkRecord(collected: RecordCollector, now: number): Finding[] {
  const view = collected.view(now);
  return judgedBy(applyRules(RECORD_RULES, view, ""), view.rules);
}

/** The check of a whole record, file by file from any loop: owp.yaml first, since the others are judged by it. */
export class RecordCheck {
  private readonly collector = new RecordCollector();
  private rules: Rules | undefined;

  /** What is wrong with this file by itself. */
  file(path: string, bytes: Uint8Array): Finding[] {
    const { findings, value } = judgeFile(path, bytes, this.rules);
    const kind = placeOf(path)?.kind;
    if (value !== undefined && kind) this.collect[kind](value);
    else this.collector.broken(path);
    return findings;
  }

  /** What is wrong across the files that were given. now: ms since 1970. */
  finish(now: number): Finding[] {
    return checkRecord(this.collector, now);
  }

  private readonly collect: Record<Kind, (value: unknown) => void> = {
    Policy: (value) => {
      this.rules = rulesOf(value as Policy);
      this.collector.policy(value as Policy);
    },
    Worker: (value) => this.collector.worker(value as Worker),
    Repo: (value) => this.collector.repo(value as Repo),
    Task: (value) => this.collector.task(taskFacts(value as Task)),
    Lease: (value) => this.collector.lease((value as Lease).task, value as Lease),
    JobKey: (value) => this.collector.jobKey(value as JobKey),
    ContextPacket: (value) => this.collector.object("ContextPacket", value as ContextPacket),
    ConstraintSnapshot: (value) => this.collector.object("ConstraintSnapshot", value as ConstraintSnapshot),
    DoctrineRef: (value) => this.collector.object("DoctrineRef", value as DoctrineRef),
    Run: (value) => this.collector.object("Run", value as Run),
    Artifact: (value) => this.collector.object("Artifact", value as Artifact),
  };
}
