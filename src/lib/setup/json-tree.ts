/** JSON with the place of every value in its text, so that one can be added or taken out and all else stays. Comments and trailing commas are read too. */

export interface JsonNode {
  value: unknown;
  /** Where its text begins and ends. */
  from: number;
  to: number;
  /** Of an object or a list: its members, in order. from: where the member begins, with its key. */
  members?: { key: string | number; from: number; node: JsonNode }[];
}

/** A place at which the text is no JSON. */
export class NoJson extends Error {
  constructor(readonly at: number) {
    super(`no JSON at ${at}`);
  }
}

/** Deeper than any settings file; a text made to exhaust its reader ends here. */
const MAX_DEPTH = 200;
const SKIPPED = /(?:[\s\ufeff]+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const STRING = /"(?:[^"\\\n]|\\.)*"/y;
const LITERAL = /true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** The text's one value. Throws NoJson. */
export function readJson(text: string): JsonNode {
  const reader = new Reader(text);
  const node = reader.value(0);
  if (reader.skip() < text.length) throw new NoJson(reader.at);
  return node;
}

class Reader {
  at = 0;

  constructor(private readonly text: string) {}

  /** Goes on to the next thing that is neither space nor comment. */
  skip(): number {
    this.take(SKIPPED);
    return this.at;
  }

  value(depth: number): JsonNode {
    const from = this.skip();
    if (depth > MAX_DEPTH) throw new NoJson(from);
    const first = this.text[from];
    if (first === "{") return this.members(depth, "}", () => this.key());
    if (first === "[") return this.members(depth, "]", (index) => index);
    const token = first === '"' ? this.take(STRING) : this.take(LITERAL);
    return { value: this.parsed(token, from), from, to: this.at };
  }

  private members(depth: number, close: string, keyAt: (index: number) => string | number): JsonNode {
    const from = this.at++;
    const members: NonNullable<JsonNode["members"]> = [];
    while (this.text[this.skip()] !== close) {
      const start = this.at;
      const key = keyAt(members.length);
      members.push({ key, from: start, node: this.value(depth + 1) });
      if (this.text[this.skip()] === ",") this.at++;
      else if (this.text[this.at] !== close) throw new NoJson(this.at);
    }
    this.at++;
    const entries = members.map(({ key, node }) => [key, node.value] as const);
    const value = close === "]" ? entries.map(([, one]) => one) : Object.fromEntries(entries);
    return { value, from, to: this.at, members };
  }

  private key(): string {
    const from = this.at;
    const key = this.parsed(this.take(STRING), from);
    if (this.text[this.skip()] !== ":") throw new NoJson(this.at);
    this.at++;
    return key as string;
  }

  private parsed(token: string, from: number): unknown {
    try {
      return JSON.parse(token);
    } catch {
      throw new NoJson(from);
    }
  }

  /** The match that begins here; "" where there is none. */
  private take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }
}
