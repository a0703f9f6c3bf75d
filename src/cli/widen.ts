/** Options that a command has besides its operation's input: known to the command line alone. */
import type { InputCheck } from "../core/operation.ts";
import type { InputSchema } from "./command.ts";

/** The schema with further properties, and without some of its own. */
export function withProperties(
  schema: InputSchema,
  more: Record<string, InputSchema>,
  without: readonly string[] = [],
): InputSchema {
  const properties = { ...schema.properties, ...more };
  for (const name of without) delete properties[name];
  return { ...schema, properties, required: schema.required?.filter((name) => !without.includes(name)) };
}

/** The operation's own check, asked without the command line's options. */
export function checkWithout(check: InputCheck, names: readonly string[]): InputCheck {
  const narrowed: InputCheck = (input) => {
    const entries = Object.entries(input as object).filter(([name]) => !names.includes(name));
    const valid = check(Object.fromEntries(entries));
    narrowed.errors = check.errors;
    return valid;
  };
  return narrowed;
}
