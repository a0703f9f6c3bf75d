/** Where the heartbeats of a record's clones stand on the remote: each record has places of its own. */

/** refs: below refs/owp. branches: for hosts that take nothing but branches. The record's policy says which counts. */
export type SignalsIn = "refs" | "branches";

/**
 * Ref prefixes, without a slash at their end. A branch of a record never ends in `-signals` (see lib/branch.ts), so that
 * no record's branch stands where another one's signals go.
 */
export function signalPrefixes(branch: string): Readonly<Record<SignalsIn, string>> {
  return {
    refs: branch === "owp" ? "refs/owp/signals" : `refs/owp/signals-${branch}`,
    branches: `refs/heads/${branch}-signals`,
  };
}
