/** Who calls: the name, kind and clone of whoever runs this process. */
import { hostname, userInfo } from "node:os";
import { type IdentityFacts, identityOf } from "../core/identity.ts";
import type { Repository } from "../engine/git/locate.ts";
import type { OpenOptions } from "./types.ts";

/** place: the checkout's name. gitUser: user.name of the git config. */
export function callerOf(
  options: OpenOptions,
  place: Pick<IdentityFacts, "worktree" | "main">,
  gitUser?: string,
): ReturnType<typeof identityOf> {
  return identityOf({
    env: options.env ?? {},
    hostname: hostname(),
    os_user: userName(),
    ...place,
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

/** The names by which a repository's checkout is told from others. */
export const placeIn = ({
  worktree,
  linked,
  folder,
}: Repository): Pick<IdentityFacts, "worktree" | "main"> => ({
  worktree,
  ...(linked && { main: folder }),
});
