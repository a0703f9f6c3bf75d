/** Plain data: reading and writing inside it without changing it. */
export type Json = Record<string, unknown>;

export const isMapping = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const readAt = (value: unknown, keys: readonly string[]): unknown =>
  keys.reduce<unknown>((at, key) => (isMapping(at) && Object.hasOwn(at, key) ? at[key] : undefined), value);

/** A copy with a value at a place; mappings on the way are made. */
export function writeAt(value: Json, [key = "", ...rest]: readonly string[], held: unknown): Json {
  if (rest.length === 0) return { ...value, [key]: held };
  const inner = Object.hasOwn(value, key) ? value[key] : undefined;
  return { ...value, [key]: writeAt(isMapping(inner) ? inner : {}, rest, held) };
}

/** The second over the first: mappings are joined, anything else takes the other's place. */
export function merged(base: Json, over: Json): Json {
  const next: Json = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const known = Object.hasOwn(next, key) ? next[key] : undefined;
    next[key] = isMapping(known) && isMapping(value) ? merged(known, value) : value;
  }
  return next;
}

/** Equal as data: absent is undefined, and the order of keys says nothing. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => isSame((a as Json)[key], (b as Json)[key]));
}
