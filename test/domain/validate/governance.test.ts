/** The rules about proposals, votes and reactions: each broken in one way, which that rule alone says. */
import { describe, expect, test } from "vitest";
import { encode } from "../../../src/core/codec.ts";
import { pathOf, pullId, pullVoteId } from "../../../src/core/paths.ts";
import { RecordCheck } from "../../../src/domain/validate/check-record.ts";
import {
  GOVERNANCE_FILE_RULES,
  GOVERNANCE_RECORD_RULES,
} from "../../../src/domain/validate/governance-rules.ts";
import { at, type File, maintainer, NOW, policy, repo, worker } from "../../helpers/record.ts";
import { ppid, proposal, vote } from "../governance/support.ts";

const BASE = [policy(), repo("web"), maintainer("max"), worker("ada"), worker("bob")];
const decision = { upvotes: 4, downvotes: 0, posterior: "31/32", threshold: 0.95 };
const ACCEPTED = { status: "accepted", decided_at: at(0), decision } as const;

function codes(...files: File[]): string[] {
  const check = new RecordCheck();
  const found = [...BASE, ...files].flatMap(([path, value]) => {
    const text = typeof value === "string" ? value : encode(path, value);
    return check.file(path, new TextEncoder().encode(text));
  });
  return [...found, ...check.finish(NOW)].map(({ code }) => code);
}

function reaction(fields: object = {}): File {
  const value = {
    kind: "Reaction",
    proposal: ppid("aaaa"),
    voter: "ada",
    worker: "bob",
    value: 1,
    at: at(0),
    ...fields,
  };
  return [pathOf("Reaction", `${ppid("aaaa")}/ada/bob`), JSON.parse(JSON.stringify(value))];
}

const PR = `pq_${"0".repeat(22)}aaaa`;
/** A pull request of an accepted proposal. */
const pull = (fields: object = {}, id = PR): File => [
  pathOf("PullRequest", pullId(ppid("aaaa"), id)),
  {
    ...{ kind: "PullRequest", id: PR, proposal: ppid("aaaa"), title: "Do it", author: "ada", status: "open" },
    ...{ source_branch: "cache", target_branch: "main", created_at: at(0), ...fields },
  },
];
const pullVote = (fields: object = {}, by = "bob"): File => [
  pathOf("PullVote", pullVoteId(ppid("aaaa"), PR, by)),
  JSON.parse(
    JSON.stringify({
      ...{ kind: "PullVote", proposal: ppid("aaaa"), pr: PR, worker: "bob", value: 1, at: at(0), ...fields },
    }),
  ),
];
const DONE = proposal("aaaa", ACCEPTED);

const OPEN = proposal("aaaa");
const COMMENT = vote("aaaa", "ada", { comment: "yes" });

test("a sound record has no findings", () => {
  const files = [
    COMMENT,
    reaction(),
    vote("aaaa", "bob", { value: undefined, removed_at: at(0) }),
    proposal("bbbb", { ...ACCEPTED, status: "superseded", superseded_by: ppid("cccc") }),
    proposal("cccc", { ...ACCEPTED, supersedes: ppid("bbbb"), forked_from: ppid("aaaa") }),
  ];
  expect(codes(OPEN, ...files)).toEqual([]);
});

const elsewhere = (file: File, name: string): File => [pathOf("Vote", `${ppid("aaaa")}/${name}`), file[1]];

const ROWS: [code: string, name: string, files: File[]][] = [
  ["governance_place", "a vote in another's place", [OPEN, elsewhere(vote("aaaa", "ada"), "bob")]],
  [
    "reaction_place",
    "a reaction in another's place",
    [
      OPEN,
      vote("aaaa", "bob", { comment: "x" }),
      [reaction()[0], reaction({ voter: "bob", worker: "ada" })[1]],
    ],
  ],
  ["vote_form", "a vote without a value (C42)", [OPEN, vote("aaaa", "ada", { value: undefined })]],
  ["vote_form", "a removed vote with a value (C46)", [OPEN, vote("aaaa", "ada", { removed_at: at(0) })]],
  ["reaction_form", "a reaction without a value", [OPEN, COMMENT, reaction({ value: undefined })]],
  ["proposal_form", "open without a repo (C31)", [proposal("aaaa", { repo: undefined })]],
  ["proposal_form", "accepted by no votes", [proposal("aaaa", { ...ACCEPTED, decision: undefined })]],
  ["proposal_form", "open and decided", [proposal("aaaa", { decided_at: at(0) })]],
  ["proposal_reference", "an author who is no member", [proposal("aaaa", { author: "zoe" })]],
  ["proposal_reference", "a repo that is not there", [proposal("aaaa", { repo: "gone" })]],
  [
    "proposal_reference",
    "a parent that is not there (C40)",
    [proposal("aaaa", { forked_from: ppid("zzzz") })],
  ],
  ["pull_place", "a pull request in another's place (C56)", [DONE, pull({}, `pq_${"0".repeat(22)}bbbb`)]],
  ["pull_form", "a branch into itself", [DONE, pull({ source_branch: "main" })]],
  ["pull_form", "closed, and not said when (C60)", [DONE, pull({ status: "closed" })]],
  ["pull_form", "merged as nothing (C60)", [DONE, pull({ status: "merged", closed_at: at(0) })]],
  ["pull_vote_place", "a vote in another's place (C57)", [DONE, pull(), pullVote({}, "ada")]],
  ["pull_vote_form", "a vote without a value", [DONE, pull(), pullVote({ value: undefined })]],
  ["pull_references", "an author who is no member", [DONE, pull({ author: "zoe" })]],
  ["vote_stray", "a vote on nothing", [vote("aaaa", "ada")]],
  ["vote_ignored", "a vote of the author (C43)", [OPEN, vote("aaaa", "max")]],
  ["vote_ignored", "a vote of no member (C53)", [OPEN, vote("aaaa", "zoe")]],
  ["reaction_unfounded", "a reaction to no comment (C55)", [OPEN, vote("aaaa", "ada"), reaction()]],
  [
    "superseded_unfounded",
    "superseded by one that does not say so (C38)",
    [
      proposal("bbbb", { ...ACCEPTED, status: "superseded", superseded_by: ppid("cccc") }),
      proposal("cccc", ACCEPTED),
    ],
  ],
];

describe("each rule finds what it is for, and nothing else does", () => {
  test.each(ROWS)("%s: %s", (code, _name, files) => expect(codes(...files)).toEqual([code]));

  test("every rule has a row", () => {
    const covered = new Set(ROWS.map(([code]) => code));
    const rules = [...GOVERNANCE_FILE_RULES, ...GOVERNANCE_RECORD_RULES].map(({ code }) => code);
    expect(rules.filter((code) => !covered.has(code))).toEqual([]);
  });
});
