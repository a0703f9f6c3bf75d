/** A part of one of git's hooks, which runs before whatever else is in it. */
import { partPiece } from "./part-piece.ts";
import type { Piece, Step } from "./piece.ts";
import { fill } from "./target.ts";

const FIRST_LINE = "#!/bin/sh\n";
const SHELL = /^#!.*\b(?:ba|da|k|z)?sh\b/;

/** name: of the hook, of its template and of its target. */
export const hookPiece = (
  name: string,
  owner: string,
  values: Readonly<Record<string, string>> = {},
): Piece =>
  partPiece({
    place: "hooks",
    path: name,
    executable: true,
    id: name,
    owner,
    comment: "shell",
    text: fill(`hook-${name}.sh`, values),
    fresh: FIRST_LINE,
    // A hook of husky's has no first line; git runs such a file by sh.
    spot: (text) => (text.startsWith("#!") ? text.indexOf("\n") + 1 : 0),
    problem: (text) => hookProblem(name, text),
  });

function hookProblem(name: string, text: string): Extract<Step, { to: "stop" }> | undefined {
  const [first = ""] = text.split("\n");
  if (first.startsWith("#!") && !SHELL.test(first))
    return {
      to: "stop",
      message: `The hook ${name} is there already, and is no shell script (${first}).`,
      hint: `put it into a file of its own, which a shell script ${name} runs, and run owp setup again`,
    };
  if (first.startsWith("#!") && !text.includes("\n"))
    return {
      to: "stop",
      message: `The hook ${name} is a single line without an end.`,
      hint: `add a line break to it, and run it again`,
    };
  return undefined;
}
