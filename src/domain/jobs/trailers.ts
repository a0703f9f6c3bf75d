/**
 * The events of one operation on jobs, as its commit carries them: one record each (event.ts), in their order (FEATURES
 * D30, D60, D61). Neither the caller's payload nor a claim token stands there, only what changed.
 */
import type { LedgerEvent } from "../../core/operation.ts";
import { type EventType, eventId, JOB_TRAILER } from "./event.ts";

export type JobEventType = Extract<EventType, `job.${string}`>;

/** Events while an operation makes them; each has its id at once, since files name the last one. */
export class JobEvents {
  private readonly lines: [key: string, value: string][] = [];
  private last: JobEventType | undefined;

  constructor(private readonly op: string) {}

  /** Answers the event's id. */
  add(type: JobEventType, job_id: string, request_id: string, payload: object): string {
    this.lines.push([JOB_TRAILER, `${type} ${oneLine({ job_id, request_id, payload })}`]);
    this.last = type;
    return eventId(this.op, this.lines.length - 1);
  }

  /** What the log says of the operation: its last event gives the commit its name. */
  ledger(said: Omit<LedgerEvent, "type" | "trailers">): LedgerEvent {
    if (!this.last) throw new Error("an operation on jobs has an event");
    return { ...said, type: this.last, trailers: this.lines };
  }
}

/** JSON in which a trailer's single line loses nothing: blanks that such a line folds are escaped. */
function oneLine(value: object): string {
  const escaped = (text: string) =>
    [...text].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
  return JSON.stringify(value).replace(/ {2,}|[\p{Cc}\p{Zl}\p{Zp}]|(?! )\s/gu, escaped);
}
