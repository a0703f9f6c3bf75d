/** Small wordings that several views share. */
import { ms, spell } from "../core/time.ts";

/** `in 3h 20m`, `5m ago`, `now`; empty where there is no moment. */
export function relative(timestamp: string | null | undefined, now: number): string {
  const moment = ms(timestamp);
  if (Number.isNaN(moment)) return "";
  const away = moment - now;
  if (Math.abs(away) < 1000) return "now";
  return away > 0 ? `in ${spell(away)}` : `${spell(-away)} ago`;
}

/** `1 task`, `3 tasks`. */
export const count = (number: number, noun: string, plural = `${noun}s`): string =>
  `${number} ${number === 1 ? noun : plural}`;

/** `a, b and c`. */
export function listing(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** A command that is shown to be run as it stands: it acts as whom this one acted as, on the same record. */
export const asSaid = (command: string, said: string | undefined): string =>
  said === undefined ? command : command.replace(/(?= -- |$)/, ` ${said}`);
