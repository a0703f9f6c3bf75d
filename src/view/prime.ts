/** `owp prime`: what an agent must know before it starts, in under 400 tokens. */
import type { PrimeResult } from "../domain/tasks/prime.ts";
import type { View } from "./look.ts";
import { oneLine, paint, wrap } from "./paint.ts";
import { relative } from "./words.ts";

export const prime: View<PrimeResult> = {
  render: ({ worker, held, held_total, ready, ready_total, commands }, look) => {
    const mine = held.map(
      ({ short, title, state, epoch, expires_at }) =>
        `- ${short} ${oneLine(title)} (${state}, epoch ${epoch}, lease ends ${relative(expires_at, look.now) || "never"})`,
    );
    const free = ready.map(({ short, title, repo }) => `- ${short} ${oneLine(title)} (${repo})`);
    const more = (shown: number, total: number) => (total > shown ? ` (${shown} of ${total})` : "");
    return [
      wrap(
        `Work here is shared by owp, a queue on a git branch. You are ${worker}. Claim a task before you work on it; a claim is a lease that runs out.`,
        look.compact ? Number.POSITIVE_INFINITY : look.width,
      ),
      held_total > 0 ? `You hold${more(held.length, held_total)}:` : "You hold nothing.",
      ...mine,
      ready_total > 0
        ? `Ready for you${more(ready.length, ready_total)}:`
        : "Nothing is ready for you (owp ready --explain says why).",
      ...free,
      "Commands:",
      ...commands.map(([command, does]) => `- ${paint(look, "cyan", command)}: ${does}`),
      "Any command takes --json. Exit status 3: nothing to claim; 6: the lease is lost, stop working on it.",
    ].join("\n");
  },
};
