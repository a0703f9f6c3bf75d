import { describe, expect, it } from "vitest";
import { pathOf } from "../../../src/core/paths.ts";
import { planReact } from "../../../src/domain/governance/react.ts";
import { planProposalSettle } from "../../../src/domain/governance/settle.ts";
import { planVoteList } from "../../../src/domain/governance/vote-list.ts";
import { planRetire } from "../../../src/domain/workers/retire.ts";
import type { VoteReactInput } from "../../../src/generated/types.ts";
import { applied, at, code, ctx, HOUR, MINUTE, NOW, ok, refused, worker } from "../../helpers/record.ts";
import { cast, group, groupUnder, nextOp, ppid, proposal, proposalIn, vote, voteIn } from "./support.ts";

const OPEN = proposal("aaaa");
const react = (state: ReturnType<typeof group>, name: string, input: Partial<VoteReactInput>) =>
  planReact(state, { id: "aaaa", voter: "ada", ...input }, ctx(name, { op: nextOp() }));
const list = (state: ReturnType<typeof group>, name = "ada") =>
  ok(planVoteList(state, { id: "aaaa" }, ctx(name))).result;

describe("C42 C44 a vote", () => {
  it("is a file at the member's path, with what it says and when", () => {
    const state = applied(group(OPEN), cast(group(OPEN), "ada", { value: "up", message: " we need it " }));
    expect(voteIn(state, "aaaa", "ada")).toEqual({
      ...{ kind: "Vote", proposal: ppid("aaaa"), worker: "ada", value: 1, comment: "we need it", at: at(0) },
    });
  });

  it("is one a member: casting again replaces it, with its comment", () => {
    let state = applied(group(OPEN), cast(group(OPEN), "ada", { value: "up", message: "yes" }));
    const again = ok(cast(state, "ada", { value: "up", message: "yes" }));
    expect([again.changes, again.result.already]).toEqual([[], true]);
    state = applied(state, cast(state, "ada", { value: "down" }, NOW + MINUTE));
    expect(voteIn(state, "aaaa", "ada")).toMatchObject({ value: -1, at: at(MINUTE) });
    expect(voteIn(state, "aaaa", "ada")).not.toHaveProperty("comment");
    expect(list(state).tally).toMatchObject({ upvotes: 0, downvotes: 1, score: -1 });
  });

  it.each([
    ["nobody knows the proposal", { id: "zzzz", value: "up" }, "proposal_unknown"],
    ["it says nothing", {}, "invalid_input"],
    ["it is cast and removed at once", { value: "up", remove: true }, "invalid_input"],
    ["there is none to remove", { remove: true }, "vote_unknown"],
  ] as const)("is refused where %s", (_why, input, expected) => {
    expect(code(cast(group(OPEN), "ada", input))).toBe(expected);
  });

  it("C43 is refused to the author", () => {
    expect(code(cast(group(OPEN), "max", { value: "up" }))).toBe("own_proposal");
  });

  it.each(["draft", "accepted", "rejected", "withdrawn", "superseded"] as const)(
    "C45 is refused on one that is %s",
    (status) => {
      const state = group(proposal("aaaa", { status }));
      expect(code(cast(state, "ada", { value: "up" }))).toBe("proposal_state");
    },
  );

  it.each([
    ["not registered", "zoe", "worker_unknown"],
    ["paused", "pat", "worker_retired"],
    ["retired", "ret", "worker_retired"],
  ])("C53 is refused to someone who is %s", (_why, name, expected) => {
    const state = group(OPEN, worker("pat", { status: "paused" }), worker("ret", { status: "retired" }));
    const plan = cast(state, name, { value: "up" });
    expect(code(plan)).toBe(expected);
  });
});

describe("C46 removing a vote", () => {
  it("leaves its file as a trace, and takes it out of the sums", () => {
    let state = applied(group(OPEN), cast(group(OPEN), "ada", { value: "up", message: "yes" }));
    state = applied(state, cast(state, "ada", { remove: true }, NOW + MINUTE));
    expect(voteIn(state, "aaaa", "ada")).toEqual({
      ...{ kind: "Vote", proposal: ppid("aaaa"), worker: "ada", at: at(0), removed_at: at(MINUTE) },
    });
    expect(list(state)).toMatchObject({ mine: null, votes: [], tally: { upvotes: 0 } });
    expect(code(cast(state, "ada", { remove: true }))).toBe("vote_unknown");
    expect(code(cast(state, "ada", { value: "up" }))).toBe("ok");
  });

  it("may decide too: without the vote against it, the others accept it", () => {
    const state = group(
      OPEN,
      ...["ada", "bob", "cy", "dee"].map((name) => vote("aaaa", name)),
      vote("aaaa", "eve", { value: -1 }),
    );
    expect(proposalIn(state, "aaaa").status).toBe("open");
    const removed = applied(state, cast(state, "eve", { remove: true }));
    expect(proposalIn(removed, "aaaa")).toMatchObject({
      status: "accepted",
      decision: { upvotes: 4, vote: "eve" },
    });
  });
});

describe("C49 C52 the vote that crosses the threshold", () => {
  const three = () => group(OPEN, ...["ada", "bob", "cy"].map((name) => vote("aaaa", name)));

  it("carries the decision in its own commit, with the exact probability", () => {
    const plan = ok(cast(three(), "dee", { value: "up" }));
    expect(plan.changes.map(({ path }) => path)).toEqual([
      pathOf("Vote", `${ppid("aaaa")}/dee`),
      pathOf("Proposal", ppid("aaaa")),
    ]);
    expect(plan.event?.type).toBe("proposal.accepted");
    const after = applied(three(), plan);
    expect(proposalIn(after, "aaaa")).toMatchObject({
      status: "accepted",
      decided_at: at(0),
      decision: { upvotes: 4, downvotes: 0, posterior: "31/32", threshold: 0.95, vote: "dee" },
    });
  });

  it("rejects as well", () => {
    const state = group(OPEN, ...["ada", "bob", "cy"].map((name) => vote("aaaa", name, { value: -1 })));
    expect(proposalIn(applied(state, cast(state, "dee", { value: "down" })), "aaaa").status).toBe("rejected");
  });

  it("C47 is none that is neutral", () => {
    const after = applied(three(), cast(three(), "dee", { value: "neutral" }));
    expect(proposalIn(after, "aaaa").status).toBe("open");
    expect(list(after).tally).toMatchObject({ upvotes: 3, neutrals: 1, score: 3, posterior: "15/16" });
  });

  it("C51 waits for min_votes", () => {
    const state = groupUnder(
      { consensus: { min_votes: 6 } },
      OPEN,
      ...["ada", "bob", "cy", "dee"].map((name) => vote("aaaa", name)),
    );
    const five = applied(state, cast(state, "eve", { value: "up" }));
    expect(proposalIn(five, "aaaa").status).toBe("open");
    expect(proposalIn(applied(five, cast(five, "fay", { value: "up" })), "aaaa").status).toBe("accepted");
  });

  it("is the last: later ones are refused, so that the decision stands", () => {
    const after = applied(three(), cast(three(), "dee", { value: "up" }));
    expect(code(cast(after, "eve", { value: "down" }))).toBe("proposal_state");
    expect(code(cast(after, "ada", { remove: true }))).toBe("proposal_state");
  });
});

describe("C28 C43 C45 C53 votes that came by a merge and do not count", () => {
  const four = ["ada", "bob", "cy"].map((name) => vote("aaaa", name));
  it.each([
    ["own_proposal", vote("aaaa", "max"), {}],
    ["not_a_member", vote("aaaa", "zoe"), {}],
    ["not_yet_open", vote("aaaa", "dee", { at: at(-3 * HOUR) }), {}],
    ["after_the_close", vote("aaaa", "dee", { at: at(MINUTE) }), { status: "accepted", decided_at: at(0) }],
    ["misplaced", vote("aaaa", "dee", { worker: "eve" }), {}],
    ["unreadable", [vote("aaaa", "dee")[0], "a: [1\n"] as const, {}],
  ] as const)("%s: it is listed as ignored, and nothing is decided by it", (reason, file, fields) => {
    // A misplaced file would be taken for eve's: it stands at dee's path.
    const placed = reason === "misplaced" ? ([vote("aaaa", "dee")[0], file[1]] as const) : file;
    const state = group(proposal("aaaa", { ...fields }), ...four, placed);
    const { votes, ignored, tally } = list(state);
    expect(votes.map(({ worker: name }) => name)).toEqual(["ada", "bob", "cy"]);
    expect(ignored).toMatchObject([{ ignored: reason, why: expect.stringMatching(/\w/) }]);
    expect(tally.upvotes).toBe(3);
  });

  it("a member who registered only later did not vote before", () => {
    const state = group(OPEN, ...four, worker("new", { created_at: at(HOUR) }), vote("aaaa", "new"));
    expect(list(state).ignored).toMatchObject([{ worker: "new", ignored: "not_a_member" }]);
  });

  it("a member who retires later voted all the same", () => {
    const state = group(OPEN, ...four);
    const after = applied(state, planRetire(state, { name: "ada" }, ctx("ada")));
    expect(list(after)).toMatchObject({ ignored: [], tally: { upvotes: 3 } });
  });

  it("a stamp that does not fit", () => {
    const state = groupUnder({ pow: { required: true, difficulty: 8 } } as object, OPEN, ...four);
    expect(list(state).ignored.map(({ ignored }) => ignored)).toEqual([
      "bad_stamp",
      "bad_stamp",
      "bad_stamp",
    ]);
    expect(list(state).tally.upvotes).toBe(0);
  });
});

describe("C52 votes that came by a merge and decide", () => {
  const merged = () => group(OPEN, ...["ada", "bob", "cy", "dee"].map((name) => vote("aaaa", name)));

  it("are settled by anyone, with the same answer", () => {
    const [one, other] = ["eve", "zoe"].map((name) =>
      applied(merged(), planProposalSettle(merged(), {}, ctx(name, { now: NOW + HOUR, op: nextOp() }))),
    );
    expect(proposalIn(one as never, "aaaa")).toEqual(proposalIn(other as never, "aaaa"));
    expect(proposalIn(one as never, "aaaa")).toMatchObject({
      status: "accepted",
      decided_at: at(-MINUTE),
      decision: { upvotes: 4, posterior: "31/32" },
    });
  });

  it("are settled once", () => {
    const state = applied(merged(), planProposalSettle(merged(), {}, ctx("eve")));
    expect(ok(planProposalSettle(state, {}, ctx("bob")))).toMatchObject({
      changes: [],
      result: { settled: [] },
    });
  });

  it("are settled where votes against it were needed for min_votes", () => {
    const votes = ["ada", "bob", "cy", "dee", "eve", "fay"].map((name) => vote("aaaa", name));
    const state = groupUnder(
      { consensus: { min_votes: 7 } },
      OPEN,
      ...votes,
      vote("aaaa", "gus", { value: -1 }),
    );
    expect(ok(planProposalSettle(state, {}, ctx("eve"))).result.settled).toMatchObject([
      { verdict: "accepted" },
    ]);
  });

  it("go before any further vote, and before a withdrawal", () => {
    expect(refused(cast(merged(), "eve", { value: "down" })).hint).toMatch(/owp sync/);
    expect(code(cast(merged(), "ada", { remove: true }))).toBe("proposal_state");
  });
});

describe("C54 C55 reactions", () => {
  const commented = () => group(OPEN, vote("aaaa", "ada", { comment: "we need it" }), vote("aaaa", "bob"));

  it("are a file of the member's, are changed and removed, and do not count", () => {
    let state = applied(commented(), react(commented(), "cy", { value: "up" }));
    state = applied(state, react(state, "dee", { value: "down" }));
    expect(list(state, "cy").votes[0]).toMatchObject({
      worker: "ada",
      reactions: { up: 1, down: 1, mine: 1 },
    });
    expect(list(state, "cy").tally).toMatchObject({ upvotes: 2, downvotes: 0, score: 2 });
    expect(ok(react(state, "cy", { value: "up" })).result.already).toBe(true);
    state = applied(state, react(state, "cy", { value: "down" }));
    state = applied(state, react(state, "dee", { remove: true }));
    expect(list(state, "cy").votes[0]?.reactions).toEqual({ up: 0, down: 1, mine: -1 });
  });

  it.each([
    ["their own comment", "ada", { value: "up" }, "own_proposal"],
    ["a vote without a comment", "cy", { voter: "bob", value: "up" }, "vote_unknown"],
    ["a vote that is not there", "cy", { voter: "eve", value: "up" }, "vote_unknown"],
    ["nothing", "cy", {}, "invalid_input"],
    ["a reaction that is not there", "cy", { remove: true }, "vote_unknown"],
    ["without being a member", "zoe", { value: "up" }, "worker_unknown"],
  ] as const)("are refused to %s", (_what, name, input, expected) => {
    expect(code(react(commented(), name, input))).toBe(expected);
  });

  it("to members whose names hold a slash never share a path", () => {
    const names = ["a", "a/b", "b/c", "c"];
    const state = group(
      OPEN,
      ...names.map((name) => worker(name)),
      vote("aaaa", "a", { comment: "x" }),
      vote("aaaa", "a/b", { comment: "y" }),
    );
    const paths = [
      ok(react(state, "b/c", { voter: "a", value: "up" })).changes[0]?.path,
      ok(react(state, "c", { voter: "a/b", value: "up" })).changes[0]?.path,
    ];
    expect(new Set(paths).size).toBe(2);
    const after = applied(state, react(state, "c", { voter: "a/b", value: "up" }));
    expect(list(after).votes.find((one) => one.worker === "a/b")?.reactions).toEqual({ up: 1, down: 0 });
  });
});
