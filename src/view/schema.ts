/** `owp schema`. */
import type { PublishedSchema } from "../core/published-schemas.ts";
import type { View } from "./look.ts";
import { paint } from "./paint.ts";

type Result = { kinds: PublishedSchema[] } | (PublishedSchema & { schema: object });

export const schema: View<Result> = {
  render: (result, look) => {
    if (!("kinds" in result)) return JSON.stringify(result.schema, null, 2);
    const width = Math.max(...result.kinds.map(({ kind }) => kind.length));
    return result.kinds
      .map(({ kind, description }) => `${paint(look, "cyan", kind.padEnd(width))}  ${description}`)
      .join("\n");
  },
};
