/** Fields that no schema names: kept on every rewrite (a newer version may have written them), and often a slip of the pen. */
import { KEY_ORDER, type KeyOrder } from "../generated/key-order.ts";
import { KINDS, type Kind } from "./paths.ts";

type Keys = readonly (string | number)[];

/** Where they stand. Free fields (meta) and `x-…` are not looked into. */
export function unknownFields(kind: Kind, value: object): Keys[] {
  const found: Keys[] = [];
  collect(value, KEY_ORDER[KINDS[kind].schema], [], found);
  return found;
}

function collect(value: unknown, order: KeyOrder | null | undefined, at: Keys, found: Keys[]): void {
  if (!order || typeof value !== "object" || value === null) return;
  // A list has the order of what it holds.
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) collect(item, order, [...at, index], found);
    return;
  }
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(order, key)) {
      if (!key.startsWith("x-")) found.push([...at, key]);
    } else if (order[key]) collect((value as Record<string, unknown>)[key], order[key], [...at, key], found);
  }
}
