/** What a worker may do with a repo: owner, write or read (FEATURES C65). A maintainer of the record counts as an owner. */
import type { Repo, Worker } from "../../generated/types.ts";
import { isMaintainer } from "../workers/acting.ts";

export type Role = "owner" | "write" | "read";
export const ROLES: readonly Role[] = ["owner", "write", "read"];

/** undefined: none. Who is no active member has none, whatever the repo's file says. */
export function roleOf(repo: Repo | undefined, worker: Worker | undefined): Role | undefined {
  if (!worker || worker.status === "retired") return undefined;
  if (isMaintainer(worker)) return "owner";
  const roles = repo?.collaborators;
  return roles && Object.hasOwn(roles, worker.name) ? roles[worker.name] : undefined;
}

/** Whether it may move branches of the repo. */
export const mayWrite = (repo: Repo | undefined, worker: Worker | undefined): boolean =>
  ["owner", "write"].includes(roleOf(repo, worker) ?? "");

/** Whether it may give and take roles. */
export const mayOwn = (repo: Repo | undefined, worker: Worker | undefined): boolean =>
  roleOf(repo, worker) === "owner";
