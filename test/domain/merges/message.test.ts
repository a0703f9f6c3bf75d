import { expect, test } from "vitest";
import { readMessage } from "../../../src/domain/merges/message.ts";

const A = "t_01jh0000000000000000000k3f";
const B = "t_01jh0000000000000000000m2x";
const SHA = "4f2a91c04f2a91c04f2a91c04f2a91c04f2a91c0";

const TASKS: [name: string, message: string, tasks: string[]][] = [
  ["a trailer in the last paragraph", `Fix\n\nWhy.\n\nOwp-Task: ${A}\n`, [A]],
  ["beside other trailers", `Fix\n\nOwp-Task: ${A}\nSigned-off-by: Ada <a@example.org>\n`, [A]],
  ["a part of an id, in any case of letters", "Fix\n\nowp-task: K3F9", ["k3f9"]],
  ["two trailers", `Fix\n\nOwp-Task: ${A}\nOwp-Task: ${B}`, [A, B]],
  ["several in one line", `Fix\n\nOwp-Task: ${A}, m2x7`, [A, "m2x7"]],
  ["the same one twice", `Fix\n\nOwp-Task: ${A}\n\nOwp-Task: ${A}`, [A]],
  ["as the record writes it, with an epoch", `Fix\n\nOwp-Task: ${A} epoch=3`, [A]],
  [
    "in the middle of a squash by GitHub",
    `Fix the login (#12)\n\n* Fix the cookie\n\nOwp-Task: ${A}\n\n* Add tests\n\n---------\n\nCo-authored-by: Bob <b@example.org>`,
    [A],
  ],
  [
    "git merge --squash, which indents the messages",
    `Squashed commit of the following:\n\ncommit ${SHA}\nAuthor: Ada\n\n    Fix\n\n    Owp-Task: ${A}\n`,
    [A],
  ],
  [
    "in a request's text, as an item of a list",
    `Merge pull request #12 from acme/fix\n\nFix\n\n- Owp-Task: k3f9\n- Reviewed`,
    ["k3f9"],
  ],
  ["in the markdown of a request", "Merge\n\nOwp-Task: `k3f9`", ["k3f9"]],
  ["below a line without a blank one", `Fix\nOwp-Task: ${A}`, [A]],
  ["with line ends of Windows", `Fix\r\n\r\nOwp-Task: ${A}\r\n`, [A]],
  ["what no record knows, so that it can be told", "Fix\n\nOwp-Task: #12", ["#12"]],
  ["a fence that is never closed hides nothing", `Fix\n\n\`\`\`\n\nOwp-Task: ${A}`, [A]],
  ["none: in the first line", `Owp-Task: ${A}`, []],
  ["none: in a sentence", `Fix\n\nThe line Owp-Task: ${A} ends it.`, []],
  ["none: quoted", `Fix\n\n> Owp-Task: ${A}`, []],
  ["none: in a block of code", `Fix\n\n\`\`\`\nOwp-Task: ${A}\n\`\`\`\n`, []],
  [
    "none: a template that was not filled in",
    "Fix\n\nOwp-Task:\nOwp-Task: <id>\n<!-- Owp-Task: k3f9 -->",
    [],
  ],
  [
    "none: an operation of a record",
    `done k3f9: Fix\n\nOwp-Op: 01jh\nOwp-Event: task.done\nOwp-Task: ${A} epoch=1`,
    [],
  ],
  ["none: another key", `Fix\n\nTask: ${A}\nXOwp-Task: ${A}`, []],
];

test.each(TASKS)("tasks: %s", (_name, message, tasks) => {
  expect(readMessage(message).tasks).toEqual(tasks);
});

const REVERTS: [name: string, message: string, reverts: string[]][] = [
  ["git revert", `Revert "Fix"\n\nThis reverts commit ${SHA}.\n`, [SHA]],
  [
    "of a merge",
    `Revert "Merge"\n\nThis reverts commit ${SHA}, reversing\nchanges made to ${SHA.replaceAll("4", "5")}.`,
    [SHA],
  ],
  [
    "git revert --reference",
    "This is a revert\n\nThis reverts commit 4f2a91c (Fix, 2026-01-01).",
    ["4f2a91c"],
  ],
  ["of a revert", `Reapply "Fix"\n\nThis reverts commit ${SHA}.`, [SHA]],
  [
    "two in a squash",
    `Undo (#9)\n\n* Revert "A"\n\nThis reverts commit ${SHA}.\n\n* Revert "B"\n\nThis reverts commit 0123456.`,
    [SHA, "0123456"],
  ],
  ["none: in a sentence", `Fix\n\nNote that This reverts commit ${SHA}.`, []],
  ["none: too short for an id", "Fix\n\nThis reverts commit 4f2a.", []],
];

test.each(REVERTS)("reverts: %s", (_name, message, reverts) => {
  expect(readMessage(message).reverts).toEqual(reverts);
});

test("a message of a megabyte of fences is read in one go", () => {
  const message = `Fix\n${"```\n".repeat(250_001)}Owp-Task: ${A}`;
  expect(readMessage(message).tasks).toEqual([A]);
});
