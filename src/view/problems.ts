/** What `owp validate` found: lines for people and editors, annotations for GitHub's checks, or JSON. */
import type { Problem } from "../core/snapshot.ts";
import { cleanText } from "./clean.ts";

export type ProblemFormat = "text" | "github" | "json";

/** A finding of a range also names its commit. */
export type ShownProblem = Problem & { commit?: string };

const SHORT_OID = 10;

/** The findings in order of path and line, each once, and how many there are. The text ends with a line feed. */
export function renderProblems(problems: readonly ShownProblem[], format: ProblemFormat): string {
  const sorted = inOrder(problems);
  const errors = sorted.filter(({ severity }) => severity === "error").length;
  const warnings = sorted.length - errors;
  if (format === "json")
    return `${JSON.stringify({ errors, warnings, problems: sorted.map(jsonRow) }, null, 2)}\n`;
  const line = format === "github" ? annotation : textLine;
  return `${[...sorted.map(line), countLine(errors, warnings)].join("\n")}\n`;
}

/** `no problems`, `1 error`, `2 errors, 1 warning`. */
export function countLine(errors: number, warnings: number): string {
  const parts = [count(errors, "error"), count(warnings, "warning")].filter((part) => part !== "");
  return parts.join(", ") || "no problems";
}

const count = (number: number, noun: string): string =>
  number === 0 ? "" : `${number} ${noun}${number === 1 ? "" : "s"}`;

/** Commits stay in the order in which they were checked, the oldest first. */
function inOrder(problems: readonly ShownProblem[]): ShownProblem[] {
  const unique = new Map(
    problems.map((one) => [JSON.stringify([one.commit, one.path, one.line, one.code, one.message]), one]),
  );
  const rank = new Map(
    [...new Set(problems.map(({ commit }) => commit))].map((commit, index) => [commit, index]),
  );
  const key = (one: ShownProblem) => rank.get(one.commit) ?? 0;
  return [...unique.values()].sort(
    (a, b) =>
      key(a) - key(b) || compare(a.path, b.path) || (a.line ?? 0) - (b.line ?? 0) || compare(a.code, b.code),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const oneLine = (text: string): string => cleanText(text).replace(/\s+/g, " ").trim();

const inCommit = ({ commit }: ShownProblem): string =>
  commit ? ` (commit ${commit.slice(0, SHORT_OID)})` : "";

/** `path:line: code message`, which editors and compilers' readers understand. */
function textLine(problem: ShownProblem): string {
  const { path, line, code, message, severity } = problem;
  const place = line === undefined ? path : `${path}:${line}`;
  const kind = severity === "warning" ? "warning: " : "";
  return `${oneLine(place)}: ${kind}${code} ${oneLine(message)}${inCommit(problem)}`;
}

/** A workflow command, by the escaping rules of GitHub's actions toolkit. */
function annotation(problem: ShownProblem): string {
  const { path, line, code, message, severity } = problem;
  const properties = [
    `file=${property(path)}`,
    ...(line === undefined ? [] : [`line=${line}`]),
    `title=${property(code)}`,
  ];
  return `::${severity} ${properties.join(",")}::${data(`${code} ${oneLine(message)}${inCommit(problem)}`)}`;
}

const data = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

function jsonRow({ path, line, code, message, severity, commit }: ShownProblem): ShownProblem {
  return {
    path,
    ...(line === undefined ? {} : { line }),
    code,
    severity,
    message,
    ...(commit ? { commit } : {}),
  };
}
