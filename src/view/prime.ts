/** `owp prime`: the text that agents read before they start, with its live parts filled in. */
import { BUILT_IN_TEXT, fillIn, PLACEHOLDERS } from "../core/prime-file.ts";
import type { PrimeResult } from "../domain/tasks/prime.ts";
import type { Look, View } from "./look.ts";
import { oneLine, paint, wrap } from "./paint.ts";
import { leaseEnd, stateWord } from "./task-lines.ts";
import { cutTokens } from "./tokens.ts";

/** Of one line; so that six of them in any script leave room for the rest. */
const TITLE_TOKENS = 12;
const NAME_TOKENS = 22;
const REPO_TOKENS = 4;

export const prime: View<PrimeResult> = {
  render: (result, look) =>
    result.as_it_is
      ? asItIs(result)
      : wrap(
          fillIn(result.text ?? BUILT_IN_TEXT, partsOf(result, look)),
          look.compact ? Infinity : look.width,
        ),
  next: ({ held, ready_total, shut_out, as_it_is }) => {
    if (as_it_is || shut_out) return [];
    const [first] = held;
    if (first?.state === "in_progress") return [`owp show ${first.short} --brief`];
    return ready_total > 0 ? ["owp claim"] : [];
  },
};

/** To begin a PRIME.md with: a remark that agents are not shown says what will be filled in. */
function asItIs({ text }: PrimeResult): string {
  if (text !== undefined) return text;
  const places = Object.entries(PLACEHOLDERS).map(([name, means]) => `{{${name}}} ${means}`);
  return `<!-- Filled in: ${places.join("; ")}. Agents are not shown remarks like this one. -->\n${BUILT_IN_TEXT}`;
}

function partsOf(result: PrimeResult, look: Look): Parameters<typeof fillIn>[1] {
  const { worker, shut_out, held, held_total, ready, ready_total, commands } = result;
  const some = (shown: number, total: number) => (total > shown ? ` (${shown} of ${total})` : "");
  const mine = held.map((task) => {
    const facts = [stateWord(task.state), `lease ${leaseEnd(task, look.now)}`];
    return `- ${task.short} ${titleOf(task)} (${facts.join(", ")})`;
  });
  const free = ready.map((task) => `- ${task.short} ${titleOf(task)} (${cutTokens(task.repo, REPO_TOKENS)})`);
  const closed = shut_out === undefined ? [] : [`You cannot claim here yet: ${oneLine(shut_out)}`];
  return {
    worker: cutTokens(worker, NAME_TOKENS),
    held: [
      ...closed,
      held_total > 0 ? `You hold${some(held.length, held_total)}:` : "You hold nothing.",
      ...mine,
    ].join("\n"),
    ready: [
      ready_total > 0
        ? `Ready for you${some(ready.length, ready_total)}:`
        : "Nothing is ready for you now (owp ready --explain says why).",
      ...free,
    ].join("\n"),
    commands: [
      ...commands.map(([command, does]) => `- ${paint(look, "cyan", command)}: ${does}`),
      ...(look.said === undefined ? [] : [`- in every command: ${look.said}`]),
    ].join("\n"),
  };
}

const titleOf = ({ title }: { title: string }): string => cutTokens(oneLine(title), TITLE_TOKENS);
