/** What an attempt cost, as its holder says (CWOM 4.6, `cost`). */
import type { Run } from "../../generated/types.ts";

export function costOf({ cost_usd, tokens }: { cost_usd?: number; tokens?: number }): { cost?: Run["cost"] } {
  const cost = {
    ...(cost_usd === undefined ? {} : { usd: cost_usd }),
    ...(tokens === undefined ? {} : { tokens }),
  };
  return Object.keys(cost).length > 0 ? { cost } : {};
}
