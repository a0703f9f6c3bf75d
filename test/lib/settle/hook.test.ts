import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { prepareMessage } from "../../../src/lib/settle/hook.ts";
import { git, tempDir } from "../../helpers/git.ts";

const LINE = "Owp-Task: t_01jh0000000000000000000k3f";
const COMMENTS = "# Please enter the commit message for your changes.\n#\n# On branch main\n";
const IGNORED =
  "# Please enter the commit message for your changes. Lines starting\n# with '#' will be ignored, and an empty message aborts the commit.\n";
const CUT =
  "# ------------------------ >8 ------------------------\n# Do not touch.\ndiff --git a/x b/x\n+Owp-Task: no\n";

let dir: string;

beforeEach(() => {
  dir = tempDir();
  git(dir, "init", "--quiet", "--initial-branch=main");
  mkdirSync(join(dir, ".git/owp/store.git"), { recursive: true });
});

/** The message after the hook. */
async function prepared(text: string, source?: string, line: string | null = LINE): Promise<string> {
  writeFileSync(join(dir, ".git/COMMIT_EDITMSG"), text);
  const what = { dir, file: ".git/COMMIT_EDITMSG", ...(source === undefined ? {} : { source }) };
  await prepareMessage(what, async () => line);
  return readFileSync(join(dir, ".git/COMMIT_EDITMSG"), "utf8");
}

describe("the line is added", () => {
  const rows: [name: string, text: string, expected: string, source?: string][] = [
    ["to a message of one line", "Fix\n", `Fix\n\n${LINE}\n`, "message"],
    ["to a message with a body", "Fix\n\nWhy.\n", `Fix\n\nWhy.\n\n${LINE}\n`, "message"],
    [
      "to the trailers that are there",
      "Fix\n\nSigned-off-by: A <a@x>\n",
      `Fix\n\nSigned-off-by: A <a@x>\n${LINE}\n`,
      "message",
    ],
    ["before comments", `Fix\n${COMMENTS}`, `Fix\n\n${LINE}\n${COMMENTS}`, "message"],
    ["before the scissors of commit -v", `Fix\n${CUT}`, `Fix\n\n${LINE}\n${CUT}`, "message"],
    ["to a message with a line of dashes", "Fix\n\n---\nWhy.\n", `Fix\n\n---\nWhy.\n\n${LINE}\n`, "message"],
    ["below room for the text that is written in the editor", `\n${COMMENTS}`, `\n\n${LINE}\n\n${COMMENTS}`],
    [
      "with a word on how to give up, where git leaves comments out",
      `\n${IGNORED}`,
      `\n\n${LINE}\n# The line above names your task to owp. To give up this commit, delete it as well.\n\n${IGNORED}`,
    ],
    [
      "in the place of a template",
      `Why:\n\nOwp-Task: \n${COMMENTS}`,
      `Why:\n\n${LINE}\n${COMMENTS}`,
      "template",
    ],
    ["to an amended commit without one", "Fix\n", `Fix\n\n${LINE}\n`, "commit"],
  ];
  test.each(rows)("%s", async (_name, text, expected, source) => {
    expect(await prepared(text, source)).toBe(expected);
  });
});

describe("the message stays as it is", () => {
  const rows: [name: string, text: string, source?: string, line?: string | null][] = [
    ["with a trailer, its own or another's", "Fix\n\nOwp-Task: m2x7\n", "message"],
    ["of an amended commit that has one", `Fix\n\n${LINE}\n`, "commit"],
    ["of a merge", "Merge branch 'x'\n", "merge"],
    ["of a squash", "Squashed commit of the following:\n", "squash"],
    ["of a revert", 'Revert "Fix"\n\nThis reverts commit 0123456789.\n', "message"],
    ["of a fixup", "fixup! Fix\n", "message"],
    ["where no one can say which task it is for", "Fix\n", "message", null],
  ];
  test.each(rows)("%s", async (_name, text, source, line = LINE) => {
    expect(await prepared(text, source, line)).toBe(text);
  });

  test.each(["rebase-merge", "sequencer", "MERGE_HEAD", "CHERRY_PICK_HEAD"])(
    "while git is at %s",
    async (name) => {
      writeFileSync(join(dir, ".git", name), "");
      expect(await prepared("Fix\n", "message")).toBe("Fix\n");
    },
  );

  test("where owp was never used, and no one is asked", async () => {
    const bare = tempDir();
    git(bare, "init", "--quiet");
    writeFileSync(join(bare, "msg"), "Fix\n");
    await prepareMessage({ dir: bare, file: "msg" }, () => Promise.reject(new Error("asked")));
    expect(readFileSync(join(bare, "msg"), "utf8")).toBe("Fix\n");
  });
});

test("the branch is told, in a linked worktree too, and an empty one where HEAD is detached", async () => {
  const heads: string[] = [];
  const ask = async (head: string) => {
    heads.push(head);
    return null;
  };
  git(dir, "commit", "--quiet", "--allow-empty", "-m", "first");
  const side = join(tempDir(), "side");
  git(dir, "worktree", "add", "--quiet", "-b", "task/k3f9-fix", side);
  writeFileSync(join(dir, "msg"), "Fix\n");
  for (const at of [dir, side]) await prepareMessage({ dir: at, file: join(dir, "msg") }, ask);
  git(dir, "checkout", "--quiet", "--detach");
  await prepareMessage({ dir, file: "msg" }, ask);
  expect(heads).toEqual(["main", "task/k3f9-fix", ""]);
});
