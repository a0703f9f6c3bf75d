/** Violations of a JSON Schema in words: for files of the record, for inputs of operations, for the command line. Pure. */
import { GLOB_RULE } from "./globs.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** One violation as a compiled validator tells it; `instancePath` is a JSON pointer into the data. */
export interface RawViolation {
  instancePath: string;
  keyword: string;
  message?: string;
  params: Record<string, unknown>;
}

/** Where the violation stands: keys and indices. For a missing field that field. */
export const keysOf = (error: RawViolation): string[] => pointersKeys(pointerOf(error));

/** One violation a field: of the branches of an "or null" the first, of the rules of a field the first. */
export function firstOfEach(errors: readonly RawViolation[]): RawViolation[] {
  const byField = new Map<string, RawViolation>();
  for (const error of errors) {
    const field = pointerOf(error);
    if (!byField.has(field)) byField.set(field, error);
  }
  return [...byField.values()];
}

function pointerOf({ instancePath, keyword, params }: RawViolation): string {
  const name = keyword === "required" ? params.missingProperty : NAMES_A_FIELD[keyword]?.(params);
  return name === undefined ? instancePath : `${instancePath}/${name}`;
}

/** Keywords whose violation is about a field that should not be there. */
const NAMES_A_FIELD: Record<string, (params: Record<string, unknown>) => unknown> = {
  additionalProperties: ({ additionalProperty }) => additionalProperty,
};

function pointersKeys(pointer: string): string[] {
  const parts = pointer.split("/").slice(1);
  return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

const TYPES: Record<string, string> = {
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  null: "null",
};

/** One row a keyword of JSON Schema. */
const WORDS: Record<string, (params: Record<string, unknown>) => string> = {
  required: () => "is missing",
  type: ({ type }) =>
    `must be ${[type]
      .flat()
      .map((name) => TYPES[String(name)] ?? name)
      .join(" or ")}`,
  enum: ({ allowedValues }) => `must be one of ${(allowedValues as unknown[]).join(", ")}`,
  const: ({ allowedValue }) => `must be ${JSON.stringify(allowedValue)}`,
  minimum: ({ limit }) => `must be at least ${limit}`,
  maximum: ({ limit }) => `must be at most ${limit}`,
  exclusiveMinimum: ({ limit }) => `must be more than ${limit}`,
  exclusiveMaximum: ({ limit }) => `must be less than ${limit}`,
  minLength: ({ limit }) => (limit === 1 ? "must not be empty" : `must have at least ${limit} characters`),
  maxLength: ({ limit }) => `must have at most ${limit} characters`,
  minItems: ({ limit }) => (limit === 1 ? "must not be empty" : `must have at least ${limit} entries`),
  maxItems: ({ limit }) => `must have at most ${limit} entries`,
  propertyNames: ({ propertyName }) => `must not have the name ${JSON.stringify(propertyName)}`,
  uniqueItems: () => "must not have an entry twice",
  pattern: ({ pattern }) => patternWords(String(pattern)) ?? `must match ${pattern}`,
};

/** What the broken rule asks for: `must be at most 1000`. */
export function demandOf(error: RawViolation): string {
  return WORDS[error.keyword]?.(error.params) ?? error.message ?? "is not valid";
}

/** What a text must look like, by a part of its pattern; a test finds a pattern of schemas/ that no row explains. */
const PATTERNS: [part: string, words: string][] = [
  ["T([01]\\d|2[0-3])", "a UTC timestamp such as 2026-01-31T09:30:00Z"],
  ["^(0s|", "a duration such as 30s or 15m, or 0s"],
  ["(s|m|h|d)", "a duration such as 90s, 15m, 4h or 2d"],
  ["^t_", "a task's id: t_ and a lower-case ULID"],
  ["^w_", "a worker's id: w_ and a lower-case ULID"],
  ["^r_", "a repo's id: r_ and a lower-case ULID"],
  ["^cp_", "a context packet's id: cp_ and a lower-case ULID"],
  ["^cs_", "a constraint snapshot's id: cs_ and a lower-case ULID"],
  ["^dr_", "a doctrine's id: dr_ and a lower-case ULID"],
  ["^rn_", "a run's id: rn_ and a lower-case ULID"],
  ["^ar_", "an artifact's id: ar_ and a lower-case ULID"],
  ["[0-9a-hjkmnp-tv-z]{8,26}", "a clone's id: 8 to 26 digits and lower-case letters"],
  ["(/[a-z0-9][a-z0-9._@+-]*)?", "a worker's name such as ada or claude@box/web"],
  ["^[a-z0-9][a-z0-9._-]*$", "a short name of lower-case letters, digits, dots, dashes and underscores"],
  ["container_image", "a type and where it is, such as report=docs/report.md"],
  ["[A-Za-z0-9+.-]*:", "an address such as https://example.org/pull/7"],
  ["[0-9a-fA-F]{7,64}", "a commit's id: 7 to 64 hexadecimal digits"],
  ["\\.{1,2}", GLOB_RULE],
  ["\\u007f=]", "one line without = and without blanks around it"],
  ["^[0-9a-f]{14}$", "a mark that owp repair shows: 14 hexadecimal digits"],
  ["^iv_", "an invite's id: iv_ and a lower-case ULID"],
  ["^\\d+/\\d+$", "a ratio such as 31/32"],
  ["@[^\\s@<>]", "an address such as ada@example.org"],
  ["^pp_", "a proposal's id: pp_ and a lower-case ULID"],
  ["^pq_", "a pull request's id: pq_ and a lower-case ULID"],
  ["(0|[1-9]\\d{0,19})", "a decimal number"],
  ["^[0-9a-f]{40}$", "a commit's id: 40 hexadecimal digits"],
  ["^[0-9a-hjkmnp-tv-z]{26}$", "an operation's id: a lower-case ULID"],
  ["^(ssh|ecdsa|sk)-", "a public ssh key: its type and its base64"],
  ["^evt_", "an event's id: evt_ and a lower-case ULID"],
  ["^k_", "an idempotency key's id: k_ and a lower-case ULID"],
  ["[^\\s\\u0000", "one word without blanks"],
  ["(\\.[a-z0-9_-]+)*", "a type of job such as rpi.run"],
  ["=(?:owner|write|read)", "a worker's name and its role (owner, write or read), such as ada=write"],
  ["=[^\\u0000", "name=address on one line"],
  ["[^,\\s]", "one word without commas"],
  ["\\u007f,]", "one line without commas"],
  ["\\u007f]", "one line without control characters"],
  ["[0-9a-f]{14}", "a mark of 14 hexadecimal digits, as owp repair shows it"],
  ["sha256:", "sha256: and 64 hexadecimal digits"],
  ["^\\d+\\.\\d+$", 'a version in quotes, such as "0.1"'],
];

/** The sentence for a pattern of the schemas; undefined where the table above lacks it. */
export function patternWords(pattern: string): string | undefined {
  const row = PATTERNS.find(([part]) => pattern.includes(part));
  return row && `must be ${row[1]}`;
}

/** More than these are not told in one refusal. */
const MAX_TOLD = 5;

/**
 * The refusal of an operation's input: a sentence for each violation, with field, value and rule. nameOf: how the
 * reader calls a field, for instance `--estimate`; by default as the library's caller wrote it.
 */
export function inputRefusal(
  errors: readonly RawViolation[] | null | undefined,
  input: unknown,
  nameOf: (keys: readonly string[]) => string = dotted,
): Refusal {
  const found = firstOfEach(errors ?? []);
  const problems = found.map((error) => sentenceOf(error, input, nameOf));
  const told = problems.length > 0 ? problems.slice(0, MAX_TOLD).join(" ") : "The input is not valid.";
  const field = found[0] && dotted(keysOf(found[0]));
  return refuse("invalid_input", `${told} Nothing was changed.`, {
    data: { ...(field ? { field, rule: found[0]?.keyword } : {}), problems },
  });
}

function sentenceOf(
  error: RawViolation,
  input: unknown,
  nameOf: (keys: readonly string[]) => string,
): string {
  const keys = keysOf(error);
  if (error.keyword === "additionalProperties") return `There is no field "${dotted(keys)}".`;
  const name = keys.length === 0 ? "The input" : nameOf(keys);
  if (error.keyword === "required") return `${name} is missing.`;
  return `${name} is ${spellValue(valueAt(input, keys))}; it ${demandOf(error)}.`;
}

/** `skills[1]`. */
export function dotted(keys: readonly string[]): string {
  const text = keys.map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`)).join("");
  return text.replace(/^\./, "");
}

function valueAt(value: unknown, keys: readonly string[]): unknown {
  let at = value;
  for (const key of keys) at = (at as Record<string, unknown> | null | undefined)?.[key];
  return at;
}

const SHOWN = 60;

/** A value as a message shows it: as JSON, cut off where it is long. */
export function spellValue(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  if (text.length <= SHOWN) return text;
  const size = typeof value === "string" ? ` (${[...value].length} characters)` : "";
  return `${text.slice(0, SHOWN)}…${size}`;
}
