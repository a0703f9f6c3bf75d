/**
 * The full reader: the yaml library behind a fence. What the record never needs (anchors, tags, merge keys, directives,
 * several documents, deep nesting) is refused while the text is still a stream of lexemes, so that no file, however
 * made, costs more than a few seconds or the process's stack.
 */
import type { ParsedNode, YAMLMap } from "yaml";
import { Composer, CST, isMap, isScalar, isSeq, Lexer, Parser } from "yaml";
import { type Finding, finding, lineAt, MAX_DEPTH } from "./problem.ts";
import { readFast } from "./yaml-fast.ts";

/** A text's value with the library's nodes, which know where each part stands. */
export type Parsed =
  | { ok: true; value: Record<string, unknown>; root: YAMLMap }
  | { ok: false; finding: Finding };

export type Read = { ok: true; value: Record<string, unknown> } | { ok: false; finding: Finding };

const CONTROL = /(?![\t\n\r\x85])\p{Cc}/u;
const CONFLICT = /^(?:<{7}|={7}|>{7}|\|{7})(?= |\r?$)/m;
/** The parser's stack holds the document, one entry a collection and a scalar on top. */
const MAX_STACK = 2 * MAX_DEPTH;
/** More than any honest file of 1 MiB has; a hostile one stops here. */
const MAX_LEXEMES = 250_000;
const REFUSED_TOKENS = {
  anchor: "alias",
  alias: "alias",
  tag: "tag",
  "directive-line": "directive",
} as const;
const LIBRARY_CODES: Record<string, Finding["code"]> = {
  NON_STRING_KEY: "bad_key",
  RESOURCE_EXHAUSTION: "too_deep",
};
const OPTIONS = {
  version: "1.2",
  schema: "core",
  strict: true,
  stringKeys: true,
  // The library compares each key with each; the walk below has a set.
  uniqueKeys: false,
  prettyErrors: false,
} as const;

/** A text of the record as a value: the fast reader first, then the full one. */
export function readYaml(text: string): Read {
  const value = readFast(text);
  return value ? { ok: true, value } : parseSafe(text);
}

/** What no text of the record may hold, whatever its form. */
export function textFault(text: string): Finding | undefined {
  const control = CONTROL.exec(text);
  if (control) {
    const name = `U+${control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    const message = `the control character ${name} stands here; in a quoted text it can be written as an escape`;
    return finding("control_character", lineAt(text, control.index), message);
  }
  const conflict = CONFLICT.exec(text);
  if (!conflict) return undefined;
  const message = `a merge conflict is not resolved here (${conflict[0]})`;
  return finding("conflict_marker", lineAt(text, conflict.index), message);
}

/** A text of the record as a value and nodes, or its first reason to be refused. */
export function parseSafe(text: string): Parsed {
  const fault = textFault(text);
  if (fault) return refused(fault);
  const tokens = tokenize(text);
  if ("code" in tokens) return refused(tokens);
  const [document] = [...new Composer(OPTIONS).compose(tokens, true, text.length)];
  const root = document?.contents as ParsedNode | null;
  const walk = new Walk();
  const value = root ? walk.value(root, 0) : null;
  const last = text.trimEnd().length;
  for (const { code, message, pos } of document?.errors ?? []) {
    // A quote that is not closed is found at the end of the text; what helps is where it was opened.
    const at = /^Missing closing ['"]/.test(message) ? walk.lastQuote : Math.min(pos[0], last);
    const named = LIBRARY_CODES[code];
    walk.faults.push(named ? { at, code: named } : { at, code: "yaml_syntax", message: plainWords(message) });
  }
  if (!isMap(root)) walk.faults.push({ at: root?.range[0] ?? 0, code: "not_a_mapping" });
  const first = walk.faults.sort((a, b) => a.at - b.at)[0];
  if (first) return refused(finding(first.code, lineAt(text, first.at), first.message));
  return { ok: true, value: value as Record<string, unknown>, root: root as YAMLMap };
}

/** A finding that knows its offset only: lines are counted for the one that is told. */
interface Fault {
  at: number;
  code: Finding["code"];
  message?: string;
}

const refused = (first: Finding): Parsed => ({ ok: false, finding: first });

/** The library's sentence without its capital letter and full stop, to stand behind `file:line: `. */
function plainWords(message: string): string {
  const words = message.split("\n", 1)[0] as string;
  return `YAML: ${words.charAt(0).toLowerCase()}${words.slice(1)}`;
}

/** The text's tokens, or why the stream was cut off. */
function tokenize(text: string): CST.Token[] | Finding {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let offset = 0;
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    const type = CST.tokenType(lexeme);
    const code = REFUSED_TOKENS[type as keyof typeof REFUSED_TOKENS];
    if (code) return finding(code, lineAt(text, offset));
    tokens.push(...parser.next(lexeme));
    if (++lexemes > MAX_LEXEMES)
      return finding("too_large", lineAt(text, offset), "the file has too many parts");
    if (parser.stack.length > MAX_STACK) return finding("too_deep", lineAt(text, offset));
    if (type !== "scalar" && type !== "doc-mode" && type !== "flow-error-end") offset += lexeme.length;
  }
  tokens.push(...parser.end());
  const second = tokens.filter((token) => token.type === "document")[1];
  return second ? finding("several_documents", lineAt(text, second.offset)) : tokens;
}

/** Turns nodes into plain values and notes what the record does not allow. */
class Walk {
  readonly faults: Fault[] = [];
  /** Where the last text in quotes begins. */
  lastQuote = 0;

  value(node: ParsedNode | null, depth: number): unknown {
    if (node === null) return null;
    if (depth > MAX_DEPTH) return this.note(node.range[0], "too_deep");
    if (isScalar(node)) {
      if (node.type?.startsWith("QUOTE")) this.lastQuote = node.range[0];
      return this.scalar(node.value, node.range[0]);
    }
    if (isSeq(node)) return node.items.map((item) => this.value(item as ParsedNode, depth + 1));
    return isMap(node) ? this.map(node, depth) : this.note(node.range[0], "alias");
  }

  private map(node: YAMLMap.Parsed, depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    for (const { key, value } of node.items) {
      const at = key?.range[0] ?? node.range[0];
      const name = isScalar(key) ? key.value : undefined;
      if (typeof name !== "string" || name === "__proto__") this.note(at, "bad_key");
      else if (name === "<<") this.note(at, "merge_key");
      else if (Object.hasOwn(map, name))
        this.note(at, "duplicate_key", `duplicate key ${JSON.stringify(name)}`);
      else map[name] = this.value(value, depth + 1);
    }
    return map;
  }

  private scalar(value: unknown, at: number): unknown {
    if (typeof value !== "number") return value;
    const exact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
    return exact ? value : this.note(at, "number_range");
  }

  private note(at: number, code: Fault["code"], message?: string): undefined {
    this.faults.push(message === undefined ? { at, code } : { at, code, message });
    return undefined;
  }
}
