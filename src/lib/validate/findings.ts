/** Findings as they leave the library: plain, and each told once. */
import type { Problem } from "../../core/snapshot.ts";
import type { Finding } from "../../domain/validate/rule.ts";

/** In a range with the id of the commit that made it. */
export type ShownFinding = Problem & { commit?: string };

/** A merge is compared with each of its parents, and may be told the same twice. */
export function shown(findings: readonly Finding[]): ShownFinding[] {
  const unique = new Map<string, ShownFinding>();
  for (const { keys: _keys, members: _members, ...finding } of findings) {
    const { path, line, code, message, commit } = finding;
    unique.set(JSON.stringify([commit, path, line, code, message]), finding);
  }
  return [...unique.values()];
}

/** A file that a tree names and the object store has not. */
export const missing = (path: string): Finding => ({
  path,
  code: "missing_blob",
  message: "Its content is missing from the object store.",
  severity: "error",
});
