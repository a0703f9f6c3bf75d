/**
 * Holds what a page shows against what a command printed. Ids, hashes, times and lengths of time differ from run to run:
 * any will do, but the same id on a page is the same one throughout, and two ids are two.
 */

const CROCKFORD = "[0-9a-hjkmnp-tv-z]";
const LENGTH = String.raw`\d+[smhd](?: \d+[smhd])?`;
const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`;
/** On a page an id or a hash has a letter and a digit, so that no word is taken for one. */
const MIXED = String.raw`(?=[a-z]*\d)(?=\d*[a-z])`;

/** What stands for something else on a page, the longest first. */
const TOKENS = new RegExp(
  [
    `(?<shards>\\b[0-9a-z]/[0-9a-z]/(?=t_))`,
    `(?<long>\\b[a-z]{1,2}_${CROCKFORD}{26}\\b)`,
    `(?<time>\\b${TIME})`,
    `(?<id>\\b${MIXED}(?:${CROCKFORD}{4}|[0-9a-f]{7,40}|${CROCKFORD}{16}|${CROCKFORD}{26})\\b)`,
    `(?<length>(?<=\\b(?:in|for|after) )${LENGTH}|\\b${LENGTH}(?= ago))`,
    `(?<lines>^…$\\n?)`,
    `(?<rest>…)`,
  ].join("|"),
  "gm",
);

const SHARDED = new RegExp(`[0-9a-z]/[0-9a-z]/([a-z]{1,2}_${CROCKFORD}{26})`, "g");

/** The ids of a page, and what they are in this run. */
export class Names {
  private readonly real: Map<string, string>;

  constructor(known: Iterable<[string, string]> = []) {
    this.real = new Map(known);
  }

  /** A text of the page with this run's ids. */
  inThisRun(text: string): string {
    return text.replace(TOKENS, (token) => this.real.get(token) ?? token);
  }

  /** What was printed, with the page's ids. */
  onThePage(printed: string): string {
    let text = printed;
    const longestFirst = [...this.real].sort(([, a], [, b]) => b.length - a.length);
    for (const [token, real] of longestFirst) text = text.replaceAll(real, token);
    return text.replace(SHARDED, (_, id: string) => `${id.at(-2)}/${id.at(-1)}/${id}`);
  }

  /** Where a line begins as one on the page does, up to the word behind an id, that id is known. */
  learn(shown: string, printed: string): void {
    for (const line of shown.split("\n")) {
      const [start] = new RegExp(`^.*?(?:${TOKENS.source})\\W+\\w+`, "m").exec(line) ?? [];
      const like = start && printed.split("\n").find((one) => new Names(this.real).matches(`${start}…`, one));
      if (like) this.matches(`${start}…`, like);
    }
  }

  /** Is this what the page shows? Remembers the ids that it met for the first time. */
  matches(shown: string, printed: string): boolean {
    const pattern = new Pattern(this.real);
    const found = pattern.of(tidy(shown)).exec(tidy(printed));
    if (!found) return false;
    const met = pattern.met(found);
    const all = [...this.real.values(), ...met.map(([, real]) => real)];
    if (new Set(all).size < all.length) return false;
    for (const [token, real] of met) this.real.set(token, real);
    return true;
  }
}

const tidy = (text: string): string => `${text.replace(/[ \t]+$/gm, "").trimEnd()}\n`;
const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** A page's text as a regular expression in which each new id is a group. */
class Pattern {
  private readonly groups: string[] = [];

  constructor(private readonly real: ReadonlyMap<string, string>) {}

  of(shown: string): RegExp {
    let source = "";
    let end = 0;
    for (const found of shown.matchAll(TOKENS)) {
      source += literal(shown.slice(end, found.index)) + this.part(found);
      end = found.index + found[0].length;
    }
    return new RegExp(`^${source}${literal(shown.slice(end))}$`);
  }

  met(found: RegExpExecArray): [token: string, real: string][] {
    return this.groups.map((token, i) => [token, found.groups?.[`g${i}`] ?? ""]);
  }

  private part({ 0: token, groups = {} }: RegExpMatchArray): string {
    if (groups.shards) return "[0-9a-z]/[0-9a-z]/";
    if (groups.time) return TIME;
    if (groups.length) return `(?:${LENGTH}|now)`;
    if (groups.lines) return "(?:.*\\n)*?";
    if (groups.rest) return ".*";
    if (groups.long) return this.long(token);
    const letters = /^[0-9a-f]{7,}$/.test(token) ? "[0-9a-f]" : CROCKFORD;
    return this.id(token, `${letters}{${token.length}}`);
  }

  /** A whole id ends in what people call it. */
  private long(token: string): string {
    const known = this.known(token);
    if (known) return known;
    const group = this.group(token);
    return `(?<${group}>${token.slice(0, -26)}${CROCKFORD}{22}${this.id(token.slice(-4), `${CROCKFORD}{4}`)})`;
  }

  private id(token: string, letters: string): string {
    return this.known(token) ?? `(?<${this.group(token)}>${letters})`;
  }

  private known(token: string): string | undefined {
    const real = this.real.get(token);
    if (real) return literal(real);
    const at = this.groups.indexOf(token);
    return at < 0 ? undefined : `\\k<g${at}>`;
  }

  private group = (token: string): string => `g${this.groups.push(token) - 1}`;
}
