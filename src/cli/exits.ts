/** The exit statuses in words, and which of them a command may give. */
import { EXIT } from "../core/refusal.ts";
import type { Command } from "./command.ts";

type ExitName = keyof typeof EXIT;

export const EXIT_MEANS: Record<ExitName, string> = {
  ok: "done",
  internal: "a fault in owp itself",
  usage: "the command line or a value is wrong",
  nothing: "nothing to claim",
  not_found: "no such task, worker, repo or record",
  conflict: "someone else was first, or the rules refuse it",
  lease_lost: "the lease is lost to another holder or a later epoch",
  remote: "the remote could not be reached, or refused",
  unknown: "the outcome is not known yet",
  invalid_record: "the record, or a file of it, is not valid",
};

/** Commands of a holder: they may find their lease lost. */
const HOLDERS = new Set([
  "block",
  "pr",
  "done",
  "fail",
  "release",
  "handoff",
  "heartbeat",
  "unblock",
  "renew",
]);

/** The statuses that a command may end with, lowest first. */
export function exitsOf(command: Pick<Command, "name" | "type">): ExitName[] {
  if (command.type === "local") return ["ok", "internal", "usage"];
  const may = new Set<ExitName>(["ok", "internal", "usage", "not_found", "remote", "invalid_record"]);
  if (command.type === "change") may.add("conflict").add("unknown");
  if (command.name === "claim") may.add("nothing");
  if (HOLDERS.has(command.name)) may.add("lease_lost");
  return [...may].sort((a, b) => EXIT[a] - EXIT[b]);
}
