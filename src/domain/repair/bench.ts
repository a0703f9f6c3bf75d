/** The record while it is being mended: files as they will stand, what was done to them, and what is left to people. */
import { decode, encode } from "../../core/codec.ts";
import { placeOf } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Finding } from "../validate/rule.ts";
import type { FileEvidence, Round } from "./evidence.ts";

/** One thing that was done to a file. */
export interface Mend {
  path: string;
  /** The finding that it answers. */
  code: string;
  /** A sentence without its subject: `restored as it stood at 1234567890 (edit k3f9: title)`. */
  did: string;
}

/** One thing that needs a person. */
export interface Left {
  path: string;
  line?: number;
  code: string;
  message: string;
  todo: string;
}

/** A file that will stand otherwise than it does; a text that is left out: no file. */
export interface Changed {
  path: string;
  now: string | undefined;
  next: string | undefined;
}

/** Who mends, as the outcome of a task names them. */
export interface Mender {
  name: string;
}

export class Bench {
  readonly mends: Mend[] = [];
  readonly left: Left[] = [];
  private readonly drafts = new Map<string, string | undefined>();

  constructor(
    readonly round: Round,
    private readonly snapshot: Snapshot,
    readonly mender: Mender,
    /** What the rounds before made of files. */
    private readonly earlier: ReadonlyMap<string, string | undefined> = new Map(),
  ) {}

  file(path: string): FileEvidence | undefined {
    return this.round.files[path];
  }

  /** The findings with one of these codes. */
  findings(codes: Iterable<string>): Finding[] {
    const wanted = new Set(codes);
    return this.round.findings.filter(({ code }) => wanted.has(code));
  }

  /** (suspends) The file's text as it will stand; undefined: there is none. */
  text(path: string): string | undefined {
    if (this.drafts.has(path)) return this.drafts.get(path);
    const known = this.file(path);
    if (known) return known.now;
    return this.earlier.has(path) ? this.earlier.get(path) : this.snapshot.doc(path)?.text;
  }

  /** (suspends) The file's value as it will stand; undefined where there is none or it cannot be read. */
  value<T>(path: string): T | undefined {
    const text = this.text(path);
    return text === undefined ? undefined : valueIn<T>(path, text);
  }

  /** The file will stand with this text; undefined: it goes. */
  put(path: string, text: string | undefined, code: string, did: string): void {
    this.drafts.set(path, text);
    this.mends.push({ path, code, did });
  }

  /** The file will say this; what does not change in it stays as it is written. */
  edit(path: string, value: object, code: string, did: string, base = this.text(path) ?? ""): void {
    const readable = valueIn(path, base) === undefined ? undefined : base;
    this.put(path, encode(path, value, readable), code, did);
  }

  leave({ path, line, code, message }: Omit<Left, "todo">, todo: string): void {
    this.left.push({ path, ...(line === undefined ? {} : { line }), code, message, todo });
  }

  /** Paths that will stand otherwise than they do, with both texts. */
  changed(): Changed[] {
    return [...this.drafts]
      .map(([path, next]) => ({ path, now: this.file(path)?.now, next }))
      .filter(({ now, next }) => now !== next)
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}

/** What a text says as the file of a path; undefined where it cannot be read as one. */
export function valueIn<T>(path: string, text: string): T | undefined {
  if (!placeOf(path)) return undefined;
  const decoded = decode(path, new TextEncoder().encode(text));
  return decoded.ok ? (decoded.doc.value as T) : undefined;
}
