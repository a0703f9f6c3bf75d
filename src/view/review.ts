/** A change that was put on a branch for review. */
import type { Look } from "./look.ts";
import { oneLine, paint } from "./paint.ts";

interface Review {
  branch: string;
  url?: string;
  request?: string;
}

/** Lines below what the change's own view says. */
export function renderReview({ branch, url, request }: Review, look: Look): string {
  const where = request ?? url;
  return [
    `  for review on the branch ${paint(look, "cyan", oneLine(branch))}; nothing of it is on the record yet`,
    ...(where === undefined ? [] : [`  ${oneLine(where)}`]),
  ].join("\n");
}
