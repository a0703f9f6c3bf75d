/** What a prepare-commit-msg hook does: the trailer goes into the message, where one can say without asking which task it is for. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readMessage, TRAILER_KEY } from "../../domain/merges/message.ts";
import { faultOf, StoreError } from "../../engine/git/errors.ts";
import { locateRepository, type Repository } from "../../engine/git/locate.ts";
import { runGit } from "../../engine/git/process.ts";

/** What git hands to the hook. */
export interface Prepared {
  dir: string;
  file: string;
  /** message, template, merge, squash, commit; left out: the message is written in the editor. */
  source?: string;
}

/** These put others' commits together, each with the trailer it has. */
const LEFT_ALONE = new Set(["merge", "squash"]);
/** In the git dir while commits are made over again. */
const UNDER_WAY = [
  "rebase-merge",
  "rebase-apply",
  "sequencer",
  "MERGE_HEAD",
  "CHERRY_PICK_HEAD",
  "REVERT_HEAD",
];
/** Messages for git rebase --autosquash, which go into another commit's. */
const FIXUP = /^(?:fixup|squash|amend)! /;
const UNFILLED = new RegExp(`^${TRAILER_KEY}[ \\t]*:[ \\t]*$`, "im");
const SCISSORS = /^.{1,10} -{4,} ?>8 ?-{4,}.*$/m;
const TIMEOUT_MS = 10_000;

/** trailerFor: the line for a commit on this branch (empty: no branch), null where it is open which. */
export async function prepareMessage(
  { dir, file, source }: Prepared,
  trailerFor: (head: string) => Promise<string | null>,
): Promise<void> {
  const repository = locateRepository(dir);
  if (!repository || !hasRecord(repository) || LEFT_ALONE.has(source ?? "") || isUnderWay(repository)) return;
  const path = resolve(dir, file);
  const text = readFileSync(path, "utf8");
  if (isSettled(text)) return;
  const trailer = await trailerFor(branchIn(repository));
  if (trailer === null) return;
  if (source === undefined && text.startsWith("\n"))
    writeFileSync(path, `\n\n${trailer}\n${hintIn(text)}${text}`);
  else if (UNFILLED.test(text)) writeFileSync(path, text.replace(UNFILLED, trailer));
  else await append(path, trailer, repository.toplevel ?? dir);
}

/** A clone in which owp was never used has no record to look at, and gets none of owp's files by a commit. */
const hasRecord = ({ commonDir }: Repository): boolean => existsSync(join(commonDir, "owp", "store.git"));

const isUnderWay = ({ gitDir }: Repository): boolean =>
  UNDER_WAY.some((name) => existsSync(join(gitDir, name)));

/** It names a task already, takes a commit back, or will go into another message. */
function isSettled(text: string): boolean {
  const written = text.split(SCISSORS, 1)[0] ?? "";
  const { tasks, reverts } = readMessage(`\n${written}`);
  return tasks.length > 0 || reverts.length > 0 || FIXUP.test(written);
}

/**
 * An empty message: the text will be written into the first line, apart from the trailer. git makes no commit of a
 * message that stays empty, and with the trailer it is not; where git says that comments are left out, one says so.
 */
function hintIn(text: string): string {
  const comment = /^(\S) with '\1' will be ignored/m.exec(text)?.[1];
  return comment === undefined
    ? ""
    : `${comment} The line above names your task to owp. To give up this commit, delete it as well.\n`;
}

function branchIn({ gitDir }: Repository): string {
  const head = readFileSync(join(gitDir, "HEAD"), "utf8");
  return /^ref: refs\/heads\/(.+?)\s*$/.exec(head)?.[1] ?? "";
}

/** git knows where trailers stand: before comments and the scissors, in the block of those that are there. */
async function append(path: string, trailer: string, cwd: string): Promise<void> {
  const [key, value] = trailer.split(": ") as [string, string];
  const done = await runGit(
    [
      ...["-c", "trailer.separators=:", "interpret-trailers", "--in-place", "--no-divider"],
      ...["--if-exists", "addIfDifferent", "--trailer", `${key}: ${value}`, "--", path],
    ],
    { cwd, timeoutMs: TIMEOUT_MS },
  );
  if (done.code !== 0) throw new StoreError(faultOf(done));
}
