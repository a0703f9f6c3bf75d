/** Who calls: the name, kind and clone of whoever runs this process. */
import { hostname, userInfo } from "node:os";
import { identityOf } from "../core/identity.ts";
import type { OpenOptions } from "./types.ts";

/** worktree: the checkout's name. gitUser: user.name of the git config. */
export function callerOf(
  options: OpenOptions,
  worktree: string,
  gitUser?: string,
): ReturnType<typeof identityOf> {
  return identityOf({
    env: options.env ?? {},
    hostname: hostname(),
    os_user: userName(),
    worktree,
    ...(options.as !== undefined && { as: options.as }),
    ...(gitUser !== undefined && { git_user: gitUser }),
  });
}

/** A container's user may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "worker";
  }
}
