/** Forged histories of members, invites, proposals, votes and stamps: each caught by one rule alone; and sound ones beside them. */
import { pathOf } from "../../../../src/core/paths.ts";
import { hasBits, type PowAction, type Stamp, seedOf } from "../../../../src/core/pow.ts";
import type {
  Invite,
  Policy,
  Proposal,
  PullRequest,
  PullVote,
  Reaction,
  Vote,
  Worker,
} from "../../../../src/generated/types.ts";
import {
  type File,
  type Forged,
  filesOf,
  id,
  policy,
  type Row,
  repo,
  task,
  ULID,
  worker,
} from "../support.ts";

const AT = "2026-01-02T12:00:00Z";
const EARLIER = "2026-01-02T09:00:00Z";
const P1 = id("pp", 1);
const P2 = id("pp", 2);
const Q1 = id("pq", 1);
const I1 = id("iv", 1);

const DECISION = { upvotes: 4, downvotes: 0, posterior: "31/32", threshold: 0.95 };
/** What a proposal of a status has. */
const STANDING: Readonly<Record<Proposal["status"], Partial<Proposal>>> = {
  draft: {},
  open: { opened_at: EARLIER },
  accepted: { opened_at: EARLIER, decided_at: AT, decision: DECISION },
  rejected: { opened_at: EARLIER, decided_at: AT, decision: DECISION },
  withdrawn: { decided_at: AT },
  superseded: { superseded_by: P2 },
};
const proposal = (more: Partial<Proposal> = {}): File => {
  const value: Proposal = {
    ...{ kind: "Proposal", id: P1, title: "Cache it", body: "Why not.", author: "ann", status: "open" },
    ...{ repo: "main", created_at: EARLIER },
    ...STANDING[more.status ?? "open"],
    ...more,
  };
  return [pathOf("Proposal", value.id), value];
};
const vote = (name: string, value: 1 | 0 | -1 | null = 1, more: Partial<Vote> = {}): File => [
  pathOf("Vote", `${more.proposal ?? P1}/${name}`),
  {
    kind: "Vote",
    proposal: P1,
    worker: name,
    ...(value === null ? {} : { value }),
    at: AT,
    ...more,
  } satisfies Vote,
];
const reaction = (voter: string, name: string, more: Partial<Reaction> = {}): File => [
  pathOf("Reaction", `${P1}/${voter}/${name}`),
  { kind: "Reaction", proposal: P1, voter, worker: name, value: 1, at: AT, ...more } satisfies Reaction,
];
const pull = (more: Partial<PullRequest> = {}): File => [
  pathOf("PullRequest", `${P1}/${Q1}`),
  {
    ...{ kind: "PullRequest", id: Q1, proposal: P1, title: "Do it", author: "ann", status: "open" },
    ...{ source_branch: "cache", target_branch: "main", created_at: EARLIER },
    ...(more.status === undefined ? {} : { closed_at: AT }),
    ...(more.status === "merged" ? { merged_as: "c".repeat(40) } : {}),
    ...more,
  } satisfies PullRequest,
];
const pullVote = (name: string, more: Partial<PullVote> = {}): File => [
  pathOf("PullVote", `${P1}/${Q1}/${name}`),
  { kind: "PullVote", proposal: P1, pr: Q1, worker: name, value: 1, at: AT, ...more } satisfies PullVote,
];
const invite = (more: Partial<Invite> = {}): File => {
  const value: Invite = {
    ...{ kind: "Invite", id: I1, code_hash: `sha256:${"a".repeat(64)}`, by: "ann" },
    ...{ created_at: EARLIER, expires_at: "2026-01-05T09:00:00Z" },
    ...more,
  };
  return [pathOf("Invite", value.id), value];
};
const at = (more: Partial<NonNullable<Policy["governance"]>>): Policy => policy({ governance: more });

const MEMBERS = ["ann", "bea", "cal", "dov", "eli"];
const ROOT = worker("root", 9, { trust_tier: "maintainer" });
const BASE: readonly (File | ReturnType<typeof worker> | ReturnType<typeof repo>)[] = [
  repo("main", { collaborators: { bea: "write", cal: "read", dov: "owner" } }),
  ROOT,
  ...MEMBERS.map((name, n) => worker(name, 10 + n)),
];

interface Scene extends Partial<Omit<Forged, "before" | "after">> {
  policy?: Policy;
}

/** What someone did to some files; those of the first list that the second has no more stay. */
function did(
  by: string | undefined,
  before: readonly Forged["before"][number][],
  after: readonly Forged["after"][number][],
  scene: Scene = {},
): Forged {
  const { policy: rules = policy(), ...more } = scene;
  const pathOfOne = (one: Forged["before"][number]) => Object.keys(filesOf(one))[0];
  const fresh = new Set(after.map(pathOfOne));
  const old = [rules, ...BASE, ...before];
  return {
    before: old,
    after: [...old.filter((one) => !fresh.has(pathOfOne(one))), ...after],
    ...(by === undefined ? {} : { entry: { actor: by } }),
    ...more,
  };
}

/** bea, cal and dov are for it; eli's vote would decide. */
const THREE = ["bea", "cal", "dov"].map((name) => vote(name, 1, { at: EARLIER }));
const accepted = (more: Partial<Proposal> = {}) => proposal({ status: "accepted", decided_at: AT, ...more });
const applied = (effect: "applied" | "failed" = "applied"): Partial<Proposal> => ({
  decision: { ...DECISION, effect },
});
const MAY = at({ effects: ["policy", "tasks"] });
const PATCH = { policy: { governance: { consensus: { min_votes: 3 } } } };
const PATCHED = at({ effects: ["policy", "tasks"], consensus: { min_votes: 3 } });
const TASKS = { tasks: [{ title: "Add /healthz", repo: "main" }] };

/** Stamps of eight bits, on a commit of the same minute. */
const COMMIT = "b".repeat(40);
const PAID = at({ pow: { required: true, difficulty: 8 } });
const RECENT: NonNullable<Forged["past"]> = {
  since: (oid) =>
    oid === COMMIT ? { until_ms: Date.parse("2026-01-02T11:58:00Z"), ops: new Set(["x"]) } : undefined,
};
const past = (until_ms: number, ...ops: string[]): NonNullable<Forged["past"]> => ({
  since: () => ({ until_ms, ops: new Set(ops) }),
});
function stamped([path, value]: File, action: PowAction, target: string, more: Partial<Stamp> = {}): File {
  const content = value as { worker?: string; author?: string; name?: string };
  const actor = content.worker ?? content.author ?? content.name ?? "";
  const stamp: Stamp = {
    algorithm: "hashcash-sha256",
    difficulty: 8,
    commit: COMMIT,
    op: ULID,
    nonce: "0",
    ...more,
  };
  const seed = seedOf({ actor, action, target, content }, stamp.commit, stamp.op);
  let nonce = 0;
  while (!hasBits(seed, String(nonce), stamp.difficulty)) nonce++;
  return [path, { ...content, pow: { ...stamp, nonce: String(nonce) } }];
}
const asStamped = { policy: PAID, past: RECENT };
/** A record in which the last vote has the stamp's operation of the one before. */
export const STAMPED_TWICE = [
  PAID,
  ...BASE,
  proposal(),
  stamped(vote("bea"), "vote.cast", P1),
  stamped(vote("cal"), "vote.cast", P1),
];
const newcomer = (more: Partial<Worker> = {}) => worker("fay", 30, more);
const used = (more: Partial<Invite> = {}) => invite({ used_by: "fay", used_at: AT, ...more });
const INVITED = at({ invites: { required: true } });
const REQUIRED = { signatures: { required: true } };
const key = (name: string) => `ssh-ed25519 ${Buffer.from(name.padEnd(40, "=")).toString("base64")}`;
const withKeys = BASE.map((one) =>
  "kind" in one && one.kind === "Worker" ? { ...one, ssh_key: key(one.name) } : one,
);
/** An edit by hand that a member signed, where the policy asks for it. */
const signedEdit = (by: string, before: readonly File[], after: readonly File[]): Forged => {
  const old = [at(REQUIRED), ...withKeys, ...before];
  const paths = new Set(after.map(([path]) => path));
  const kept = old.filter((one) => !Array.isArray(one) || !paths.has(one[0]));
  return { before: old, after: [...kept, ...after], signed: { key: key(by) } };
};

export const GOVERNANCE_SOUND: readonly [name: string, forged: Forged][] = [
  ["a proposal begins as a draft", did("ann", [], [proposal({ status: "draft" })])],
  [
    "its author edits the draft",
    did("ann", [proposal({ status: "draft" })], [proposal({ status: "draft", body: "More." })]),
  ],
  ["its author opens it", did("ann", [proposal({ status: "draft" })], [proposal({ opened_at: AT })])],
  ["its author withdraws it", did("ann", [proposal()], [proposal({ status: "withdrawn", decided_at: AT })])],
  ["a vote", did("bea", [proposal()], [vote("bea")])],
  ["the same, cast again", did("bea", [proposal(), vote("bea", 1, { at: EARLIER })], [vote("bea", -1)])],
  [
    "a vote removed",
    did(
      "bea",
      [proposal(), vote("bea", 1, { at: EARLIER })],
      [vote("bea", null, { at: EARLIER, removed_at: AT })],
    ),
  ],
  ["the vote that decides", did("eli", [proposal(), ...THREE], [vote("eli"), accepted()])],
  [
    "four against",
    did(
      "eli",
      [proposal(), ...["bea", "cal", "dov"].map((name) => vote(name, -1, { at: EARLIER }))],
      [vote("eli", -1), proposal({ status: "rejected", decided_at: AT })],
    ),
  ],
  [
    "votes that came by a merge are settled by anyone",
    did("cal", [proposal(), ...THREE, vote("eli")], [accepted()]),
  ],
  [
    "a vote that decides nothing, since one of the four is neutral",
    did("eli", [proposal(), ...THREE.slice(1), vote("bea", 0, { at: EARLIER })], [vote("eli")]),
  ],
  [
    "a vote of an author counts for nothing",
    did("eli", [proposal({ author: "bea" }), ...THREE], [vote("eli")]),
  ],
  ["a merge brings a whole life", did(undefined, [], [accepted(), ...THREE, vote("eli")], { parents: 2 })],
  [
    "a reaction",
    did("cal", [proposal(), vote("bea", 1, { comment: "So.", at: EARLIER })], [reaction("bea", "cal")]),
  ],
  [
    "an acceptance that supersedes",
    did(
      "eli",
      [proposal({ supersedes: P2 }), ...THREE, proposal({ id: P2, status: "accepted" })],
      [
        vote("eli"),
        accepted({ supersedes: P2 }),
        proposal({ id: P2, status: "superseded", superseded_by: P1 }),
      ],
    ),
  ],
  [
    "an effect that the policy allows: another policy",
    did(
      "eli",
      [proposal({ effect: PATCH }), ...THREE],
      [vote("eli"), accepted({ effect: PATCH, ...applied() }), PATCHED],
      { policy: MAY },
    ),
  ],
  [
    "an effect of tasks",
    did(
      "eli",
      [proposal({ effect: TASKS }), ...THREE],
      [vote("eli"), accepted({ effect: TASKS, ...applied() }), task()],
      { policy: MAY },
    ),
  ],
  [
    "an effect that failed",
    did(
      "eli",
      [proposal({ effect: TASKS }), ...THREE],
      [vote("eli"), accepted({ effect: TASKS, ...applied("failed") })],
      { policy: MAY },
    ),
  ],
  ["a pull request of an accepted proposal", did("ann", [accepted()], [pull()])],
  [
    "who may write merges it",
    did("bea", [accepted(), pull()], [pull({ status: "merged", closed_at: AT, closed_by: "bea" })]),
  ],
  ["a vote on a pull request", did("cal", [accepted(), pull()], [pullVote("cal")])],
  ["an owner changes the roles", did("dov", [], [repo("main", { collaborators: { bea: "owner" } })])],
  ["a member invites", did("ann", [], [invite()])],
  ["and takes it back", did("ann", [invite()], [invite({ revoked_at: AT })])],
  ["an invite is used", did("fay", [invite()], [used(), newcomer({ invite: I1 })], { policy: INVITED })],
  ["a stamped vote", did("bea", [proposal()], [stamped(vote("bea"), "vote.cast", P1)], asStamped)],
  [
    "a stamped registration",
    did("fay", [], [stamped([pathOf("Worker", "fay"), newcomer()], "register", "fay")], asStamped),
  ],
  [
    "what asks for no work has no stamp: a withdrawal",
    did("ann", [proposal()], [proposal({ status: "withdrawn" })], asStamped),
  ],
  ["a vote by hand that its member signed", signedEdit("bea", [proposal()], [vote("bea")])],
];

export const GOVERNANCE_ROWS: readonly Row[] = [
  ["not_own", "a vote in another's name", did("bea", [proposal()], [vote("cal")])],
  [
    "not_own",
    "another's vote rewritten",
    did("bea", [proposal(), vote("cal", 1, { at: EARLIER })], [vote("cal", -1)]),
  ],
  [
    "not_own",
    "another's vote removed",
    did("bea", [proposal(), vote("cal", 1, { at: EARLIER })], [vote("cal", null, { removed_at: AT })]),
  ],
  ["not_own", "a proposal in another's name", did("bea", [], [proposal({ status: "draft" })])],
  ["not_own", "another's proposal withdrawn", did("bea", [proposal()], [proposal({ status: "withdrawn" })])],
  [
    "not_own",
    "a reaction in another's name",
    did("bea", [proposal(), vote("bea", 1, { comment: "So.", at: EARLIER })], [reaction("bea", "cal")]),
  ],
  ["not_own", "an invite in another's name", did("bea", [], [invite()])],
  ["not_own", "another's invite taken back", did("bea", [invite()], [invite({ revoked_at: AT })])],
  [
    "not_own",
    "another's pull request closed by a reader",
    did("cal", [accepted(), pull()], [pull({ status: "closed" })]),
  ],
  ["not_own", "a vote by hand that another signed", signedEdit("bea", [proposal()], [vote("cal")])],
  ["by_hand", "a vote", did(undefined, [proposal()], [vote("bea")])],
  [
    "by_hand",
    "a rewritten vote",
    did(undefined, [proposal(), vote("bea", 1, { at: EARLIER })], [vote("bea", -1)]),
  ],
  ["by_hand", "an invite", did(undefined, [], [invite()])],
  [
    "merge_decides",
    "a vote that neither side has",
    did(undefined, [proposal()], [vote("bea")], { parents: 2, decided: [vote("bea")[0]] }),
  ],
  [
    "file_deleted",
    "a vote",
    { ...did("bea", [proposal()], []), before: [...did("bea", [proposal()], []).before, vote("bea")] },
  ],
  [
    "immutable_field",
    "an invite that ends later",
    did("ann", [invite()], [invite({ expires_at: "2026-01-06T09:00:00Z" })]),
  ],
  ["vote_closed", "after the acceptance", did("eli", [accepted()], [vote("eli")])],
  ["vote_closed", "on a draft", did("eli", [proposal({ status: "draft" })], [vote("eli")])],
  [
    "vote_closed",
    "on a pull request that was merged",
    did("cal", [accepted(), pull({ status: "merged" })], [pullVote("cal")]),
  ],
  ["vote_own_proposal", "by its author", did("ann", [proposal()], [vote("ann")])],
  ["vote_not_member", "by a stranger", did("zoe", [proposal()], [vote("zoe")])],
  [
    "vote_not_member",
    "by one who has retired",
    did("bea", [proposal()], [vote("bea"), worker("bea", 11, { status: "retired" })]),
  ],
  [
    "vote_time",
    "an older copy comes back by a merge",
    did(undefined, [proposal(), vote("bea")], [vote("bea", -1, { at: EARLIER })], { parents: 2 }),
  ],
  ["vote_time", "dated before its commit", did("bea", [proposal()], [vote("bea", 1, { at: EARLIER })])],
  [
    "reaction_baseless",
    "to a vote without a comment",
    did("cal", [proposal(), vote("bea", 1, { at: EARLIER })], [reaction("bea", "cal")]),
  ],
  [
    "proposal_step",
    "a withdrawn one is opened again",
    did("ann", [proposal({ status: "withdrawn" })], [proposal()]),
  ],
  ["proposal_step", "one that begins open", did("ann", [], [proposal()])],
  [
    "proposal_step",
    "an acceptance taken back by a merge",
    did(undefined, [accepted()], [proposal()], { parents: 2 }),
  ],
  [
    "proposal_step",
    "a closed pull request merged",
    did("bea", [accepted(), pull({ status: "closed" })], [pull({ status: "merged" })]),
  ],
  [
    "proposal_rewritten",
    "the text, while it is voted on",
    did("ann", [proposal()], [proposal({ body: "Something else." })]),
  ],
  [
    "verdict_forged",
    "accepted by three",
    did("dov", [proposal(), ...THREE.slice(1)], [vote("dov"), accepted()]),
  ],
  [
    "verdict_forged",
    "rejected, and four are for it",
    did("eli", [proposal(), ...THREE], [vote("eli"), proposal({ status: "rejected" })]),
  ],
  [
    "verdict_forged",
    "the policy before it asks for more votes",
    did("eli", [proposal(), ...THREE], [vote("eli"), accepted()], {
      policy: at({ consensus: { min_votes: 5 } }),
    }),
  ],
  ["verdict_missing", "the fourth vote leaves it open", did("eli", [proposal(), ...THREE], [vote("eli")])],
  [
    "supersede_forged",
    "superseded by none",
    did(
      "eli",
      [proposal({ id: P2, status: "accepted" })],
      [proposal({ id: P2, status: "superseded", superseded_by: P1 })],
    ),
  ],
  [
    "supersede_forged",
    "its successor is accepted, and it stays",
    did(
      "eli",
      [proposal({ supersedes: P2 }), ...THREE, proposal({ id: P2, status: "accepted" })],
      [vote("eli"), accepted({ supersedes: P2 })],
    ),
  ],
  [
    "supersede_forged",
    "opened to supersede a rejected one",
    did(
      "ann",
      [proposal({ status: "draft" }), proposal({ id: P2, status: "rejected" })],
      [proposal({ supersedes: P2 })],
    ),
  ],
  [
    "supersede_forged",
    "another successor, while it is voted on",
    did("ann", [proposal(), proposal({ id: P2, status: "accepted" })], [proposal({ supersedes: P2 })]),
  ],
  [
    "effect_unasked",
    "a task that the proposal does not name",
    did("eli", [proposal(), ...THREE], [vote("eli"), accepted(), task()]),
  ],
  [
    "effect_unasked",
    "an effect that the policy does not allow",
    did(
      "eli",
      [proposal({ effect: { policy: {} } }), ...THREE],
      [vote("eli"), accepted({ effect: { policy: {} } }), at({ consensus: { min_votes: 1 } })],
    ),
  ],
  [
    "not_maintainer",
    "the policy beside a vote that decides nothing",
    did("eli", [proposal()], [vote("eli"), at({ consensus: { min_votes: 1 } })]),
  ],
  [
    "effect_unlike",
    "another policy than the patch makes",
    did(
      "eli",
      [proposal({ effect: PATCH }), ...THREE],
      [
        vote("eli"),
        accepted({ effect: PATCH, ...applied() }),
        at({ effects: ["policy", "tasks"], consensus: { min_votes: 4 } }),
      ],
      { policy: MAY },
    ),
  ],
  [
    "effect_unlike",
    "done, and said to have failed",
    did(
      "eli",
      [proposal({ effect: PATCH }), ...THREE],
      [vote("eli"), accepted({ effect: PATCH, ...applied("failed") }), PATCHED],
      { policy: MAY },
    ),
  ],
  [
    "effect_unlike",
    "a task with another title",
    did(
      "eli",
      [proposal({ effect: TASKS }), ...THREE],
      [vote("eli"), accepted({ effect: TASKS, ...applied() }), task({ title: "Add /admin" })],
      { policy: MAY },
    ),
  ],
  [
    "effect_unlike",
    "said to be done, and not done",
    did(
      "eli",
      [proposal({ effect: TASKS }), ...THREE],
      [vote("eli"), accepted({ effect: TASKS, ...applied() })],
      { policy: MAY },
    ),
  ],
  ["pull_unaccepted", "of an open proposal", did("ann", [proposal()], [pull()])],
  [
    "pull_not_writer",
    "merged by its author, who may only read",
    did("ann", [accepted(), pull()], [pull({ status: "merged" })]),
  ],
  [
    "not_maintainer",
    "roles given by one who has no right to",
    did("bea", [], [repo("main", { collaborators: { bea: "owner" } })]),
  ],
  [
    "registration_closed",
    "by the worker itself",
    did("fay", [], [newcomer()], { policy: policy({ registration: "closed" }) }),
  ],
  ["invite_missing", "a worker without one", did("fay", [], [newcomer()], { policy: INVITED })],
  [
    "invite_missing",
    "a worker that names one which it does not use",
    did("fay", [invite()], [newcomer({ invite: I1 })], { policy: INVITED }),
  ],
  [
    "invite_spent",
    "used by another before",
    did("ann", [used({ used_by: "bea" })], [used({ used_by: "cal" })]),
  ],
  [
    "invite_spent",
    "used after its end",
    did(
      "fay",
      [invite({ expires_at: "2026-01-02T11:00:00Z" })],
      [used({ expires_at: "2026-01-02T11:00:00Z" }), newcomer({ invite: I1 })],
      { policy: INVITED },
    ),
  ],
  [
    "invite_spent",
    "used after it was taken back",
    did("fay", [invite({ revoked_at: EARLIER })], [used({ revoked_at: EARLIER }), newcomer({ invite: I1 })], {
      policy: INVITED,
    }),
  ],
  ["invite_spent", "used up for no one", did("ann", [invite()], [used()])],
  [
    "invite_credits",
    "the third of two",
    did("ann", [invite({ id: id("iv", 2) }), invite({ id: id("iv", 3) })], [invite()]),
  ],
  [
    "invite_credits",
    "for longer than the policy gives",
    did("ann", [], [invite({ expires_at: "2026-02-05T09:00:00Z" })]),
  ],
  ["invite_credits", "by a stranger", did("zoe", [], [invite({ by: "zoe" })])],
  [
    "key_taken",
    "another's key",
    {
      ...did("fay", [], [newcomer({ ssh_key: key("bea") })]),
      before: [policy(), ...withKeys],
      after: [policy(), ...withKeys, newcomer({ ssh_key: key("bea") })],
    },
  ],
  ["stamp_wrong", "no stamp", did("bea", [proposal()], [vote("bea")], asStamped)],
  [
    "stamp_wrong",
    "a stamp for the other value",
    did(
      "bea",
      [proposal()],
      [
        [
          vote("bea")[0],
          { ...(vote("bea")[1] as Vote), pow: (stamped(vote("bea", -1), "vote.cast", P1)[1] as Vote).pow },
        ],
      ],
      asStamped,
    ),
  ],
  [
    "stamp_wrong",
    "of fewer bits",
    did("bea", [proposal()], [stamped(vote("bea"), "vote.cast", P1, { difficulty: 7 })], asStamped),
  ],
  [
    "stamp_wrong",
    "of the right difficulty for the wrong vote",
    did("bea", [proposal()], [stamped(vote("bea"), "vote.cast", P2)], asStamped),
  ],
  [
    "stamp_stale",
    "on a commit of another history",
    did("bea", [proposal()], [stamped(vote("bea"), "vote.cast", P1, { commit: "d".repeat(40) })], asStamped),
  ],
  [
    "stamp_stale",
    "on a commit of an hour ago",
    did("bea", [proposal()], [stamped(vote("bea"), "vote.cast", P1)], {
      policy: PAID,
      past: past(Date.parse("2026-01-02T11:00:00Z")),
    }),
  ],
  [
    "stamp_reused",
    "of an operation that was there before",
    did("bea", [proposal()], [stamped(vote("bea"), "vote.cast", P1)], {
      policy: PAID,
      past: past(Date.parse("2026-01-02T11:58:00Z"), ULID),
    }),
  ],
  [
    "stamp_reused",
    "of another operation",
    did(
      "bea",
      [proposal()],
      [stamped(vote("bea"), "vote.cast", P1, { op: ULID.replace("01jh", "01jj") })],
      asStamped,
    ),
  ],
];
