/** One file by itself: where it lies, whether it can be read, and what must hold inside it. Pure. */
import { decode } from "../../core/codec.ts";
import { KINDS, type Kind, OBJECT_KINDS, placeOf } from "../../core/paths.ts";
import { PLACEHOLDERS, PRIME_PATH, readPrime } from "../../core/prime-file.ts";
import { problemAt } from "../../core/problem.ts";
import { BARE_POLICY, rulesOf } from "../../core/rules.ts";
import type { Rules } from "../../core/snapshot.ts";
import type { Policy } from "../../generated/types.ts";
import { FILE_RULES } from "./file-rules.ts";
import { applyRules, type Finding, judgedBy, type RuleRow, withLines } from "./rule.ts";
import { secretsIn } from "./secrets.ts";

/** What is said of files by their place alone. */
export const PLACE_RULES: readonly RuleRow[] = [
  {
    code: "misplaced",
    severity: "error",
    kinds: ["Worker", "Repo", "Task", "Lease", "JobKey", ...OBJECT_KINDS],
    why: "Each id has exactly one path; a YAML file of owp's folders that lies elsewhere is read by no one.",
  },
  {
    code: "foreign_file",
    severity: "warning",
    kinds: ["Worker", "Repo", "Task", "Lease", "JobKey", ...OBJECT_KINDS],
    why: "Other files may lie in the record, but in owp's own folders they are more likely there by mistake.",
  },
  {
    code: "prime_placeholder",
    severity: "warning",
    kinds: [PRIME_PATH],
    why: "PRIME.md is filled in by owp prime; a word in double braces that it does not know is shown as it stands.",
  },
];

/** Everything wrong with one file, with lines. rules: the record's policy; owp.yaml is judged by its own. */
export const checkFile = (path: string, bytes: Uint8Array, rules?: Rules): Finding[] =>
  judgeFile(path, bytes, rules).findings;

/** The same, with the value where the file is one of a kind and can be read: for those who go on with it. */
export function judgeFile(
  path: string,
  bytes: Uint8Array,
  rules?: Rules,
): { findings: Finding[]; value?: unknown } {
  if (path === PRIME_PATH) return { findings: checkPrime(path, bytes) };
  const place = placeOf(path);
  if (!place) return { findings: checkForeign(path, bytes) };
  const decoded = decode(path, bytes);
  if (!decoded.ok) return { findings: [decoded.problem, ...leaked(path, bytes)] };
  const { text, value } = decoded.doc;
  const own = place.kind === "Policy" ? rulesOf(value as Policy) : (rules ?? rulesOf(BARE_POLICY));
  return {
    findings: judgedBy(
      withLines(applyRules(FILE_RULES, { path, ...place, text, value, rules: own }, path), text),
      own,
    ),
    value,
  };
}

const FOLDERS: ReadonlySet<string> = new Set(
  (Object.keys(KINDS) as Kind[])
    .filter((kind) => kind !== "Policy")
    .map((kind) => KINDS[kind].path("xx").split("/")[0] ?? ""),
);

function checkForeign(path: string, bytes: Uint8Array): Finding[] {
  const folder = path.split("/")[0] ?? "";
  const findings = leaked(path, bytes);
  if (!FOLDERS.has(folder)) return findings;
  const isYaml = /\.ya?ml$/i.test(path);
  const place: Finding = isYaml
    ? {
        path,
        code: "misplaced",
        message: `No object of ${folder}/ has this path, so no one reads the file.`,
        severity: "error",
      }
    : {
        path,
        code: "foreign_file",
        message: `owp writes no such file into ${folder}/.`,
        severity: "warning",
      };
  return [place, ...findings];
}

/** owp prime falls back to its own text where this one cannot be read: whoever wrote it must hear so. */
function checkPrime(path: string, bytes: Uint8Array): Finding[] {
  const read = readPrime(bytes);
  if (!read.ok) return [problemAt(path, read.finding), ...leaked(path, bytes)];
  const known = Object.keys(PLACEHOLDERS).join(", ");
  const strangers = read.unknown.map(({ name, line }): Finding => {
    const message = `{{${name}}} is filled in by no one; there are ${known}.`;
    return { path, line, code: "prime_placeholder", message, severity: "warning" };
  });
  return [...strangers, ...leaked(path, bytes)];
}

/** Larger files are no text of people. */
const MAX_SCANNED_BYTES = 1_048_576;

function leaked(path: string, bytes: Uint8Array): Finding[] {
  if (bytes.length > MAX_SCANNED_BYTES) return [];
  return secretsIn(new TextDecoder().decode(bytes)).map(({ name, line }) => ({
    path,
    line,
    code: "secret",
    message: `This looks like ${name}. Revoke it: clones may have it already.`,
    severity: "error",
  }));
}
