/** Finds what must never be written into a record that every clone keeps for ever (FEATURES A06, F13, B83). */
import type { Keys } from "./rule.ts";
import { walk } from "./walk.ts";

interface SecretRow {
  name: string;
  pattern: RegExp;
  /** Part of every match, where looking for it first is faster. */
  mark?: string;
}

/** Shapes that hardly anything but a secret has. Order is the order of report. */
const SHAPES: readonly SecretRow[] = [
  { name: "a private key", pattern: /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/ },
  {
    name: "a GitHub token",
    pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{50,255})\b/,
  },
  { name: "a GitLab token", pattern: /\bglpat-[A-Za-z0-9_-]{20,}/ },
  { name: "an npm token", pattern: /\bnpm_[A-Za-z0-9]{36}\b/ },
  { name: "a Slack token", pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/ },
  { name: "an AWS key", pattern: /\b(?:AKIA|ASIA)(?![A-Z0-9]{9}EXAMPLE)[A-Z0-9]{16}\b/ },
  { name: "a Google key", pattern: /\bAIza[A-Za-z0-9_-]{35}/ },
  { name: "a model provider's key", pattern: /\bsk-(?:[a-z]{2,8}-)?(?=[A-Za-z0-9_-]*\d)[A-Za-z0-9_-]{32,}/ },
  {
    name: "a signed token (JWT)",
    pattern: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/,
  },
  {
    name: "a password in a URL",
    mark: "://",
    pattern:
      /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'`]{1,100}:(?!(?:pass(?:word|wd)?|pw|secret|token|x+)@)[^\s/:@"'`<>$*{}[\]()]{3,200}@/i,
  },
];

/** Fields whose value is a secret unless it is a hash: `token_hash` and `secrets_profile` are not among them. */
const FIELD = /^(?:.*[._-])?(?:token|password|passwd|secret|api_?key|private_?key|invite_?code)$/i;
const HASH = /^(?:sha256:)?[0-9a-f]{64}$/;
const SHORTEST_SECRET = 6;

/** What a text gives away: never the secret itself, only what kind and on which line (1-based). */
export function secretsIn(text: string): { name: string; line: number }[] {
  const found: { name: string; line: number }[] = [];
  for (const { name, pattern, mark } of SHAPES) {
    if (mark !== undefined && !text.includes(mark)) continue;
    const at = text.search(pattern);
    if (at !== -1) found.push({ name, line: lineAt(text, at) });
  }
  return found;
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

/** Where fields stand that hold a secret in plain: a token, an invite code, a password. */
export function secretFields(value: unknown): Keys[] {
  const found: Keys[] = [];
  walk(value, (key, inner, keys) => {
    if (typeof inner !== "string") return true;
    if (inner.length >= SHORTEST_SECRET && FIELD.test(key) && !HASH.test(inner)) found.push(keys());
    return false;
  });
  return found;
}
