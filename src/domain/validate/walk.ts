/** Goes through a value once: every entry of every mapping and list in it. */
import type { Keys } from "./rule.ts";

/** `keys` says where the entry stands, for those who found something. Answering false leaves out what lies inside. */
type Visit = (key: string, inner: unknown, keys: () => Keys) => boolean;

export function walk(value: unknown, visit: Visit): void {
  const way: (string | number)[] = [];
  const keys = (): Keys => [...way];
  const enter = (at: unknown): void => {
    if (typeof at !== "object" || at === null) return;
    const isList = Array.isArray(at);
    for (const [key, inner] of Object.entries(at)) {
      way.push(isList ? Number(key) : key);
      if (visit(key, inner, keys)) enter(inner);
      way.pop();
    }
  };
  enter(value);
}
