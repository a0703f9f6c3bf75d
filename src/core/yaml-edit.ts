/**
 * Changes a text only where its value changes: everything else (comments, unknown fields, order, quotes, blank lines)
 * stays byte for byte, because new parts are spliced into the old text and the rest is not written again.
 */
import type { Node, Pair, YAMLMap, YAMLSeq } from "yaml";
import { isCollection, isMap, isPair, isScalar, isSeq, parseDocument } from "yaml";
import type { KeyOrder } from "../generated/key-order.ts";
import { parseSafe, readYaml } from "./yaml-safe.ts";
import { render, renderEntry, renderFlow, renderItem } from "./yaml-write.ts";

type Order = KeyOrder | null | undefined;
type Values = Record<string, unknown>;

/** Replaces text[start, end); an insertion where both are the same. */
interface Splice {
  start: number;
  end: number;
  text: string;
}

/** The text with a new value: the very same text where the value is the same; undefined where the text cannot be read. */
export function editYaml(before: string, value: object, order: Order): string | undefined {
  const old = readYaml(before);
  if (!old.ok) return undefined;
  if (same(old.value, value)) return before;
  const eol = /\r?\n/.exec(before)?.[0] ?? "\n";
  const text = before.endsWith("\n") ? before : before + eol;
  const parsed = parseSafe(text);
  if (!parsed.ok) return undefined;
  const editor = new Editor(text);
  const spliced = editor.map(parsed.root, parsed.value, value as Values, order)
    ? editor.result(eol)
    : undefined;
  if (spliced !== undefined && holds(spliced, value)) return spliced;
  const anew = rewritten(text, old.value, value as Values);
  return holds(anew, value) ? anew : undefined;
}

/** Whether two values make the same file: a key that is undefined is no key, and order of keys does not count. */
export function same(a: unknown, b: unknown): boolean {
  if (isMapping(a) && isMapping(b)) {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) =>
      same(own(a, key), own(b, key)),
    );
  }
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((item, index) => same(item, b[index]));
}

function holds(text: string, value: object): boolean {
  const read = readYaml(text);
  return read.ok && same(read.value, value);
}

/**
 * For the rare text that cannot be spliced (the whole file in braces, keys behind `? `): the library writes the document
 * again, with its comments.
 */
function rewritten(text: string, old: Values, value: Values): string {
  const document = parseDocument(text, { version: "1.2", schema: "core", stringKeys: true });
  for (const key of new Set([...Object.keys(old), ...Object.keys(value)])) {
    const next = own(value, key);
    if (next === undefined) document.delete(key);
    else if (!same(own(old, key), next)) document.set(key, document.createNode(next));
  }
  return document.toString({ lineWidth: 0 });
}

/** Collects splices. A method answers false where a node's form does not allow its change; its caller then replaces the whole node. */
class Editor {
  private splices: Splice[] = [];

  constructor(private readonly text: string) {}

  result(eol: string): string {
    // At one place insertions come first, in the order in which they were made.
    const width = ({ start, end }: Splice) => Number(end > start);
    const ordered = [...this.splices].sort((a, b) => a.start - b.start || width(a) - width(b));
    let out = "";
    let at = 0;
    for (const { start, end, text } of ordered) {
      out += this.text.slice(at, start) + text.replaceAll("\n", eol);
      at = end;
    }
    return out + this.text.slice(at);
  }

  map(node: YAMLMap, old: Values, value: Values, order: Order): boolean {
    const first = node.items[0];
    if (node.flow || !first || node.items.every((pair) => own(value, keyOf(pair)) === undefined))
      return false;
    const column = this.columnOf(startOf(first.key));
    for (const pair of node.items) {
      const next = own(value, keyOf(pair));
      if (next === undefined) {
        if (!this.removeLines(startOf(pair.key), pair)) return false;
      } else if (!this.entry(pair, own(old, keyOf(pair)), next, column, order?.[keyOf(pair)])) return false;
    }
    this.addEntries(node, value, column, order);
    return true;
  }

  /** New keys: each behind the nearest key that comes before it in the schema, unknown ones at the end. */
  private addEntries(node: YAMLMap, value: Values, column: number, order: Order): void {
    const pairs = new Map(node.items.map((pair) => [keyOf(pair), pair]));
    const known = Object.keys(order ?? {});
    const rank = (key: string) => (known.includes(key) ? known.indexOf(key) : known.length);
    const added = Object.keys(value).filter((key) => own(value, key) !== undefined && !pairs.has(key));
    for (const key of added.sort((a, b) => rank(a) - rank(b))) {
      const earlier = known
        .slice(0, rank(key))
        .filter((name) => pairs.has(name))
        .at(-1);
      const anchor = rank(key) === known.length ? node.items.at(-1) : pairs.get(earlier ?? "");
      const top = startOf(node.items[0]?.key);
      const at = !anchor && this.opensLine(top) ? this.lineOf(top) : this.below(anchor ?? node.items[0]);
      this.splice(at, at, renderEntry(key, value[key], column, order?.[key]));
    }
  }

  private entry(pair: Pair, old: unknown, next: unknown, column: number, order: Order): boolean {
    if (same(old, next) || this.inside(pair.value, old, next, order)) return true;
    const keyEnd = endOf(pair.key);
    const colon = /^\s*:/.exec(this.text.slice(keyEnd, this.nextLine(keyEnd)));
    if (colon) this.replace(pair.value, keyEnd + colon[0].length, next, column, order);
    return colon !== null;
  }

  /** Changes within a collection that stays one of its sort; takes its splices back where that fails. */
  private inside(node: unknown, old: unknown, next: unknown, order: Order): boolean {
    const before = this.splices.length;
    const done =
      (isMap(node) && isMapping(old) && isMapping(next) && this.map(node, old, next, order)) ||
      (isSeq(node) && Array.isArray(old) && Array.isArray(next) && this.list(node, old, next, order));
    if (!done) this.splices.length = before;
    return done;
  }

  /** Entries that are equal at both ends stay; between them they are changed one by one, then removed or added. */
  private list(node: YAMLSeq, old: unknown[], next: unknown[], order: Order): boolean {
    const dashes = node.items.map((item) => this.dashBefore(startOf(item)));
    const [top] = dashes;
    if (node.flow || next.length === 0 || top === undefined || !dashes.every((dash) => this.opensLine(dash)))
      return false;
    const shorter = Math.min(old.length, next.length);
    let head = 0;
    while (head < shorter && same(old[head], next[head])) head++;
    let tail = 0;
    while (tail < shorter - head && same(old.at(-1 - tail), next.at(-1 - tail))) tail++;
    const column = this.columnOf(top);
    const changed = shorter - tail;
    for (let index = head; index < changed; index++) {
      this.item(node.items[index], dashes[index] as number, [old[index], next[index]], column, order);
    }
    for (let index = changed; index < old.length - tail; index++)
      this.removeLines(dashes[index] as number, node.items[index]);
    const at = changed > 0 ? this.below(node.items[changed - 1]) : this.lineOf(top);
    const added = next.slice(changed, next.length - tail);
    this.splice(at, at, added.map((item) => renderItem(item, column, order)).join(""));
    return true;
  }

  private item(
    node: unknown,
    dash: number,
    [old, next]: [unknown, unknown],
    column: number,
    order: Order,
  ): void {
    if (same(old, next) || this.inside(node, old, next, order)) return;
    if (isScalar(node) && typeof next !== "object") this.replace(node, dash + 1, next, column, order);
    else this.splice(this.lineOf(dash), this.below(node), renderItem(next, column, order));
  }

  /** Puts a new value behind the colon or dash that ends at `from`; a comment at the end of that line stays. */
  private replace(node: unknown, from: number, next: unknown, column: number, order: Order): void {
    const [start, end] = [startOf(node, from), endOf(node, from)];
    const inFlow = isCollection(node) && node.flow && node.items.length > 0;
    if (inFlow && typeof next === "object" && next !== null && !this.text.slice(start, end).includes("\n")) {
      this.splice(start, end, renderFlow(next));
      return;
    }
    const { head, body } = render(next, column, order);
    const lineEnd = this.nextLine(from);
    const header = /^[|>][-+\d]*/.exec(isScalar(node) ? this.text.slice(start, end) : "")?.[0];
    if (start === end || start >= lineEnd) {
      this.splice(from, from, head && ` ${head}`);
      this.splice(lineEnd, start === end ? lineEnd : this.below(node), body);
    } else {
      const headEnd = header === undefined ? end : start + header.length;
      this.splice(head ? start : from, headEnd, head);
      const bodyStart = this.nextLine(headEnd);
      this.splice(bodyStart, header === undefined ? bodyStart : this.below(node), body);
    }
  }

  private splice(start: number, end: number, text: string): void {
    this.splices.push({ start, end, text });
  }

  private removeLines(start: number, last: unknown): boolean {
    if (!this.opensLine(start)) return false;
    this.splice(this.lineOf(start), this.below(last), "");
    return true;
  }

  /** Where the first line below a node or pair begins. The blank lines below a block belong to what follows. */
  private below(node: unknown): number {
    const end = endOf(node);
    if (this.text[end - 1] !== "\n") return this.nextLine(end);
    const keeps = /^[|>]\d?\+/.test(this.text.slice(startOf(lastOf(node)), end));
    return keeps ? end : this.nextLine(this.text.slice(0, end).trimEnd().length);
  }

  private dashBefore(offset: number): number {
    return this.text.lastIndexOf("-", offset - 1);
  }

  private nextLine(offset: number): number {
    return this.text.indexOf("\n", offset) + 1;
  }

  private lineOf(offset: number): number {
    return this.text.lastIndexOf("\n", offset - 1) + 1;
  }

  private columnOf(offset: number): number {
    return offset - this.lineOf(offset);
  }

  private opensLine(offset: number): boolean {
    return this.text.slice(this.lineOf(offset), offset).trim() === "";
  }
}

const isMapping = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const own = (map: Values, key: string): unknown => (Object.hasOwn(map, key) ? map[key] : undefined);

const keyOf = (pair: Pair): string => String(isScalar(pair.key) ? pair.key.value : pair.key);

/** The scalar, or collection in brackets, that ends a node or pair. */
function lastOf(node: unknown): unknown {
  if (isCollection(node)) return node.flow ? node : lastOf(node.items.at(-1));
  if (!isPair(node)) return node;
  return node.value && startOf(node.value) < endOf(node.value) ? lastOf(node.value) : node.key;
}

function startOf(node: unknown, otherwise = 0): number {
  return (node as Node | null)?.range?.[0] ?? otherwise;
}

function endOf(node: unknown, otherwise = 0): number {
  return (lastOf(node) as Node | null)?.range?.[1] ?? otherwise;
}
