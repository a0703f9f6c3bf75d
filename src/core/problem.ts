/** What can be wrong with a file of the record: a closed table, one row a code. */
import type { Problem } from "./snapshot.ts";

/** The largest file of the record that is read. */
export const MAX_FILE_BYTES = 1_048_576;
/** How deep mappings and lists may lie in each other. */
export const MAX_DEPTH = 50;

/** Why files are refused, for people; a file is refused for its first reason. */
export const PROBLEMS = {
  foreign_path: "no kind of object lives at this path",
  too_large: "the file is larger than 1 MiB",
  not_utf8: "the file is not UTF-8 text",
  text_empty: "PRIME.md says nothing",
  text_too_long: "PRIME.md is longer than 4000 characters",
  control_character:
    "a control character stands in the file; in a quoted text it can be written as an escape",
  conflict_marker: "an unresolved merge conflict stands here",
  yaml_syntax: "the YAML cannot be read",
  directive: "YAML directives (lines that begin with %) are not used in the record",
  several_documents: "the file holds several YAML documents; the record has one in each file",
  not_a_mapping: "the file is no mapping of keys to values",
  duplicate_key: "a key stands twice in one mapping",
  alias: "YAML anchors and aliases are not used in the record",
  tag: "YAML tags are not used in the record",
  merge_key: "YAML merge keys (<<) are not used in the record",
  bad_key: "a key is not plain text",
  number_range: "the number cannot be held exactly",
  too_deep: "mappings and lists lie too deep in each other",
  kind_mismatch: "the object's kind is not the one that lives at this path",
  id_mismatch: "the object's name is not the one in its path",
  schema: "a value breaks a rule of the schema",
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** A finding before it has a file. */
export interface Finding {
  code: ProblemCode;
  message: string;
  /** 1-based. */
  line?: number;
}

/** A finding in the words of the table, unless it has better ones of its own. */
export function finding(code: ProblemCode, line?: number, message: string = PROBLEMS[code]): Finding {
  return line === undefined ? { code, message } : { code, message, line };
}

/** The finding as an error of one file. */
export function problemAt(path: string, { code, message, line }: Finding): Problem {
  const problem: Problem = { path, code, message, severity: "error" };
  if (line !== undefined) problem.line = line;
  return problem;
}

/** One line for people and editors, for instance `tasks/k/3/t_….yaml:12: duplicate key "title"`. */
export function problemText({ path, line, message }: Problem): string {
  return `${path}${line === undefined ? "" : `:${line}`}: ${message}`;
}

/** The 1-based line of an offset in a text. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
