/** Prints an outcome in one of the three forms: for a terminal, as compact lines, as JSON. stdout is data, stderr is talk. */
import { ERRORS } from "../core/refusal.ts";
import { spell } from "../core/time.ts";
import type { Outcome, Success } from "../lib/types.ts";
import { clean, cleanText } from "../view/clean.ts";
import type { Look, View } from "../view/look.ts";
import { asSaid } from "../view/words.ts";
import type { Command, Shown } from "./command.ts";
import { envelopeOf, isCommand, toJson } from "./envelope.ts";
import type { Globals } from "./globals.ts";
import type { Io } from "./io.ts";

/** Columns where there is no terminal to ask. */
const PLAIN_WIDTH = 100;
const MIN_WIDTH = 40;

export function lookOf(io: Io, globals: Partial<Globals>, now: number, stream: "out" | "err" = "out"): Look {
  const terminal = io.tty[stream];
  const said = saidOptions(globals);
  return {
    color: wantsColor(io.env, globals.color, terminal),
    width: Math.max(MIN_WIDTH, terminal ? io.columns : PLAIN_WIDTH),
    now,
    compact: !terminal,
    ...(said !== undefined && { said }),
  };
}

/** --no-color beats the environment; NO_COLOR beats FORCE_COLOR (no-color.org). */
function wantsColor(env: Io["env"], option: boolean | undefined, terminal: boolean): boolean {
  if (option === false || env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "")
    return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return terminal && env.TERM !== "dumb";
}

/** Prints, and answers the exit status. */
export async function printOutcome(
  command: Pick<Command, "name"> | null,
  answered: Shown,
  globals: Globals,
  io: Io,
  now: number,
): Promise<number> {
  const outcome = withHint(answered, command?.name, saidOptions(globals));
  if (!outcome.ok && !globals.json) return printRefusal(outcome, globals, io, now);
  const { LANDED } = await import("../view/views.ts");
  const own = answered.shownAs ?? command?.name ?? "";
  const view = await loadViewOf(outcome.ok && outcome.already ? LANDED : own);
  const next = outcome.ok ? nextOf(outcome, view).map((one) => again(one, globals)) : [];
  if (globals.json || !outcome.ok) return printJson(command, outcome, view, next, io);
  const look = { ...lookOf(io, globals, now), ...(outcome.view.tip ? { view: outcome.view } : {}) };
  await printData(outcome, view, globals, look, io);
  if (!globals.quiet) printTalk(outcome, next, io);
  return 0;
}

/** The view of a command, and what it needs. */
export async function loadViewOf(name: string): Promise<View> {
  const { loadView } = await import("../view/views.ts");
  return loadView(name);
}

/** General hints say "<command>", and no plan knows of --as or of which record is meant; here all of it is known. */
function withHint(outcome: Outcome, name: string | undefined, said: string | undefined): Outcome {
  if (outcome.ok) return outcome;
  const hint = name === undefined ? outcome.hint : outcome.hint.replace("<command>", name);
  return { ...outcome, hint: isCommand(hint) && !hint.startsWith("owp help") ? asSaid(hint, said) : hint };
}

/** The options that a command to run next repeats: who acts, and on which record. */
const SAID = ["as", "queue", "branch", "remote"] as const;

/** Commands of git and of hosts stand among owp's own. */
const again = (command: string, globals: Globals): string =>
  command.startsWith("owp ") ? asSaid(command, saidOptions(globals)) : command;

function saidOptions(globals: Partial<Globals>): string | undefined {
  const said = SAID.flatMap((key) => (globals[key] === undefined ? [] : [`--${key} ${globals[key]}`]));
  return said.length > 0 ? said.join(" ") : undefined;
}

function printJson(
  command: Pick<Command, "name"> | null,
  outcome: Outcome,
  view: View,
  next: string[],
  io: Io,
): number {
  if (outcome.ok && view.lines && !outcome.changes && !outcome.queued) {
    for (const line of view.lines(outcome.result)) io.out(`${toJson(line)}\n`);
    return 0;
  }
  const text = `${toJson(envelopeOf(command?.name ?? null, outcome, next))}\n`;
  if (outcome.ok) io.out(text);
  else io.err(text);
  return outcome.ok ? 0 : ERRORS[outcome.code].exit;
}

async function printData(outcome: Success, view: View, globals: Globals, look: Look, io: Io): Promise<void> {
  if (outcome.queued) return;
  const text = await dataOf(outcome, view, globals, look);
  if (text !== "") io.out(`${text.replace(/\n$/, "")}\n`);
}

async function dataOf(outcome: Success, view: View, globals: Globals, look: Look): Promise<string> {
  if (outcome.changes && view.planned) return view.planned(clean(outcome.result), look);
  if (outcome.changes) {
    const { renderChanges } = await import("../view/diff.ts");
    return renderChanges(clean(outcome.changes), look);
  }
  const result = view.raw ? outcome.result : clean(outcome.result);
  if (!outcome.review) return globals.quiet && view.quiet ? view.quiet(result) : view.render(result, look);
  if (globals.quiet) return outcome.review.branch;
  const { renderReview } = await import("../view/review.ts");
  return `${view.render(result, look)}\n${renderReview(clean(outcome.review), look)}`;
}

function printTalk(outcome: Success, next: readonly string[], io: Io): void {
  const say = (text: string) => io.err(`${cleanText(text)}\n`);
  for (const warning of outcome.warnings) say(`owp: warning: ${warning}`);
  if (outcome.changes) say("owp: a dry run: nothing was published");
  if (outcome.queued) say(`owp: queued as ${outcome.op}; owp sync sends it and tells what became of it`);
  if (outcome.already) say("owp: this operation had landed before; nothing was done a second time");
  if (outcome.view.stale) say(`owp: this is how the record stood ${spell(outcome.view.age_ms)} ago`);
  for (const command of next) say(`  next: ${command}`);
}

/** Nothing comes next while it is not known what became of the command. */
function nextOf(outcome: Success, view: View): string[] {
  if (outcome.queued) return ["owp sync"];
  if (outcome.review) return outcome.review.commands;
  return outcome.changes ? [] : (view.next?.(outcome.result) ?? []);
}

/** A refusal on stderr: what happened, and the next command. */
async function printRefusal(
  outcome: Extract<Outcome, { ok: false }>,
  globals: Globals,
  io: Io,
  now: number,
): Promise<number> {
  const look = lookOf(io, globals, now, "err");
  const { paint } = await import("../view/paint.ts");
  const { message, hint } = clean(outcome);
  io.err(`${paint(look, "red", "owp:")} ${message}\n`);
  if (hint) io.err(`  next: ${hint}\n`);
  return ERRORS[outcome.code].exit;
}
