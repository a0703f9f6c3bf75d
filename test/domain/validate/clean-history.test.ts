import { expect, test } from "vitest";
import { encode } from "../../../src/core/codec.ts";
import { nthId } from "../../../src/core/ids.ts";
import type { Ctx, LedgerEvent, Plan } from "../../../src/core/operation.ts";
import { OBJECT_PREFIX, type ObjectKind } from "../../../src/core/paths.ts";
import { State } from "../../../src/core/state.ts";
import { iso } from "../../../src/core/time.ts";
import { planProposalEdit } from "../../../src/domain/governance/edit.ts";
import { planProposalFork } from "../../../src/domain/governance/fork.ts";
import { planProposalNew } from "../../../src/domain/governance/new.ts";
import { planProposalOpen } from "../../../src/domain/governance/open.ts";
import { planReact } from "../../../src/domain/governance/react.ts";
import { planVote } from "../../../src/domain/governance/vote.ts";
import { planProposalWithdraw } from "../../../src/domain/governance/withdraw.ts";
import { planJobCancel } from "../../../src/domain/jobs/cancel.ts";
import { planJobClaim } from "../../../src/domain/jobs/claim.ts";
import { planJobComplete } from "../../../src/domain/jobs/complete.ts";
import { planJobFail } from "../../../src/domain/jobs/fail.ts";
import { planJobHeartbeat } from "../../../src/domain/jobs/heartbeat.ts";
import { taskIdOf } from "../../../src/domain/jobs/places.ts";
import { planJobSubmit } from "../../../src/domain/jobs/submit.ts";
import { planMemberInvite } from "../../../src/domain/members/invite.ts";
import { planMemberRevoke } from "../../../src/domain/members/revoke.ts";
import { planMemberRotate } from "../../../src/domain/members/rotate.ts";
import { planSettle } from "../../../src/domain/merges/settle.ts";
import { planObjectEdit } from "../../../src/domain/objects/edit.ts";
import { planObjectLink } from "../../../src/domain/objects/link.ts";
import { planObjectNew } from "../../../src/domain/objects/new.ts";
import { RUN_STEPS } from "../../../src/domain/objects/run-status.ts";
import { OPERATIONS } from "../../../src/domain/operations.ts";
import { planRepoSet } from "../../../src/domain/repos/set.ts";
import { planInit } from "../../../src/domain/setup/init.ts";
import { planAdd } from "../../../src/domain/tasks/add.ts";
import { planBlock } from "../../../src/domain/tasks/block.ts";
import { planCancel } from "../../../src/domain/tasks/cancel.ts";
import { planClaim } from "../../../src/domain/tasks/claim.ts";
import { planDone } from "../../../src/domain/tasks/done.ts";
import { planEdit } from "../../../src/domain/tasks/edit.ts";
import { planFail } from "../../../src/domain/tasks/fail.ts";
import { planHandoff } from "../../../src/domain/tasks/handoff.ts";
import { planNote } from "../../../src/domain/tasks/note.ts";
import { planPr } from "../../../src/domain/tasks/pr.ts";
import { planRelease } from "../../../src/domain/tasks/release.ts";
import { planRenew } from "../../../src/domain/tasks/renew.ts";
import { planRequeue } from "../../../src/domain/tasks/requeue.ts";
import { planResume } from "../../../src/domain/tasks/resume.ts";
import { checkCommit } from "../../../src/domain/validate/check-commit.ts";
import { RecordCheck } from "../../../src/domain/validate/check-record.ts";
import { LOAD_RULES } from "../../../src/domain/validate/load-rules.ts";
import { planWorkerEdit } from "../../../src/domain/workers/edit.ts";
import { planPause } from "../../../src/domain/workers/pause.ts";
import { planRegister } from "../../../src/domain/workers/register.ts";
import { planRetire } from "../../../src/domain/workers/retire.ts";
import type { Run } from "../../../src/generated/types.ts";
import { fc } from "../../helpers/chance.ts";
import { stateOf } from "../../helpers/state.ts";
import { hashOf, KEYS } from "../members/support.ts";
import { filesIn, NOW } from "./support.ts";

const WORKERS = ["root", "ada", "bob", "cyd"];
/** What a run should name, and the spec leaves to whoever works: a claim pins what there is. */
const SHOULD = new Set(["run_no_constraints", "run_no_packet"]);
const LOAD = new Set(LOAD_RULES.map(({ code }) => code));
const AREAS = ["a", "b", undefined];
const MINUTE = 60_000;

/** One draw of chance: who does what to which task, and how much later. */
interface Draw {
  act: keyof typeof ACTS;
  who: number;
  task: number;
  other: number;
  minutes: number;
  force: boolean;
}

interface World {
  state: State;
  files: Record<string, string>;
  now: number;
  count: number;
  ids: string[];
}

type Act = (world: World, draw: Draw, ctx: Ctx) => Plan;
const pick = (world: World, n: number): string => world.ids[n % Math.max(1, world.ids.length)] ?? "";
/** The n-th object of a kind; where there is none an id that leads nowhere. */
const object = ({ state }: World, kind: ObjectKind, n: number): string => {
  const ids = [...state.objects(kind)].map(({ id }) => id).sort();
  return ids[n % Math.max(1, ids.length)] ?? `${OBJECT_PREFIX[kind]}_${"0".repeat(26)}`;
};
const proposal = ({ state }: World, n: number): string => {
  const ids = [...state.objects("Proposal")].map(({ id }) => id).sort();
  return ids[n % Math.max(1, ids.length)] ?? `pp_${"0".repeat(26)}`;
};
const inviteIn = ({ state }: World, n: number): string => {
  const ids = [...state.objects("Invite")].map(({ id }) => id).sort();
  return ids[n % Math.max(1, ids.length)] ?? "zzzz";
};
const RUN_STATUSES = Object.keys(RUN_STEPS);
const on = ({ ids }: World, { task, force }: Draw) => ({
  id: ids[task % Math.max(1, ids.length)] ?? "",
  ...(force ? { force } : {}),
});

/** What the job's worker would show. */
const fence = ({ state }: World, { task }: Draw) => {
  const lease = state.openTask(taskIdOf(`j-${task}`))?.lease;
  const held = lease && "job" in lease ? lease : undefined;
  return { id: `j-${task}`, token_hash: held?.job?.token_hash ?? "", epoch: held?.epoch ?? 1 };
};

const ACTS = {
  add: (world, { task, other }, ctx) =>
    planAdd(
      world.state,
      {
        title: `Task ${task}`,
        estimate: (task % 5) + 1,
        area: AREAS[other % 3],
        planned: other % 5 === 0,
        ...(other % 4 === 0 && world.ids.length > 0 ? { blocked_by: [pick(world, other)] } : {}),
      },
      ctx,
    ),
  claim: ({ state }, { task }, ctx) =>
    planClaim(state, task % 3 === 0 ? { count: 2 } : { another: true }, ctx),
  claimThis: (world, draw, ctx) => planClaim(world.state, on(world, draw), ctx),
  done: (world, draw, ctx) => planDone(world.state, { ...on(world, draw), commit: "0123456" }, ctx),
  fail: (world, draw, ctx) => planFail(world.state, { ...on(world, draw), message: "no" }, ctx),
  block: (world, draw, ctx) => planBlock(world.state, { ...on(world, draw), message: "stuck" }, ctx),
  resume: (world, draw, ctx) => planResume(world.state, on(world, draw), ctx),
  pr: (world, draw, ctx) =>
    planPr(world.state, { ...on(world, draw), url: "https://example.org/pull/1" }, ctx),
  release: (world, draw, ctx) => planRelease(world.state, on(world, draw), ctx),
  renew: (world, draw, ctx) => planRenew(world.state, draw.force ? {} : { id: on(world, draw).id }, ctx),
  handoff: (world, draw, ctx) =>
    planHandoff(world.state, { ...on(world, draw), to: WORKERS[draw.other % 4] ?? "ada" }, ctx),
  requeue: (world, { task }, ctx) => planRequeue(world.state, { id: pick(world, task) }, ctx),
  cancel: (world, { task }, ctx) => planCancel(world.state, { id: pick(world, task) }, ctx),
  settle: (world, { task, other, minutes }, ctx) => {
    const mention = (n: number, reverts: boolean) => ({
      task: pick(world, n),
      commit: String(n % 10).repeat(40),
      at: iso(world.now - minutes * MINUTE),
      ...(reverts ? { reverts } : {}),
    });
    const merged = world.ids.length === 0 ? [] : [mention(task, other % 3 === 0), mention(other, false)];
    return planSettle(world.state, { merged }, ctx);
  },
  note: (world, { task }, ctx) => planNote(world.state, { id: pick(world, task), text: "so far" }, ctx),
  edit: (world, { task, other }, ctx) =>
    planEdit(
      world.state,
      {
        id: pick(world, task),
        ...(other % 2
          ? { status: other % 3 ? "ready" : "planned" }
          : { add_blocked_by: [pick(world, other)] }),
      },
      ctx,
    ),
  reparent: (world, { task, other }, ctx) =>
    planEdit(world.state, { id: pick(world, task), parent: pick(world, other) }, ctx),
  register: ({ state }, { who }, ctx) => planRegister(state, { name: WORKERS[who], skills: ["x"] }, ctx),
  trust: ({ state }, { other, task }, ctx) =>
    planWorkerEdit(state, { name: WORKERS[other % 4], trust_tier: task % 2 ? "trusted" : "maintainer" }, ctx),
  pause: ({ state }, { force }, ctx) => (force ? planRetire : planPause)(state, {}, ctx),
  invite: ({ state }, { task }, ctx) => planMemberInvite(state, { code_hash: hashOf(`code ${task}`) }, ctx),
  revoke: (world, { other }, ctx) => planMemberRevoke(world.state, { id: inviteIn(world, other) }, ctx),
  join: ({ state }, { task, other, force }, ctx) =>
    planRegister(
      state,
      {
        ...{ name: `new${other}`, invite_hash: hashOf(`code ${task}`) },
        ...(force ? { ssh_key: KEYS[other % 3] ?? "" } : {}),
      },
      ctx,
    ),
  rotate: ({ state }, { other }, ctx) => planMemberRotate(state, { ssh_key: KEYS[other % 3] ?? "" }, ctx),
  jobSubmit: ({ state }, { task, other }, ctx) =>
    planJobSubmit(
      state,
      {
        type: "rpi.run",
        job_id: `j-${task}`,
        ...(other % 2 ? { idempotency_key: `k-${other}` } : { request_id: `r-${other}` }),
      },
      ctx,
    ),
  jobClaim: ({ state, count }, { task, other, force }, ctx) =>
    planJobClaim(
      state,
      {
        token_hash: `sha256:${String(count).padStart(64, "0")}`,
        ...(force ? { id: `j-${task}` } : {}),
        ...(other % 2 ? { request_id: `r-${other}` } : {}),
      },
      ctx,
    ),
  jobHeartbeat: (world, draw, ctx) =>
    planJobHeartbeat(world.state, { ...fence(world, draw), artifacts: [`a${draw.other}=x`] }, ctx),
  jobComplete: (world, draw, ctx) =>
    planJobComplete(world.state, { ...fence(world, draw), artifacts: ["report=x"] }, ctx),
  jobFail: (world, draw, ctx) => planJobFail(world.state, { ...fence(world, draw), code: "lost" }, ctx),
  jobCancel: ({ state }, { task, force }, ctx) =>
    planJobCancel(state, { id: `j-${task}`, ...(force ? { reason: "stop" } : {}) }, ctx),
  limits: ({ state }, _draw, ctx) =>
    planObjectNew(state, { kind: "constraint-snapshot", scope: "repo" }, ctx),
  doctrine: ({ state }, { task, other }, ctx) =>
    planObjectNew(
      state,
      {
        ...{ kind: "doctrine", namespace: "house", name: `r${task % 2}`, version: String(other % 4) },
        ...{ type: "policy", statement: "So." },
      },
      ctx,
    ),
  packet: (world, { task, other, force }, ctx) =>
    planObjectNew(
      world.state,
      {
        ...{ kind: "context-packet", issue: pick(world, task), summary: "x" },
        ...(force ? { doctrine: [object(world, "DoctrineRef", other)] } : {}),
      },
      ctx,
    ),
  run: (world, { task, other }, ctx) =>
    planObjectNew(
      world.state,
      {
        ...{ kind: "run", issue: pick(world, task), packet: [object(world, "ContextPacket", other)] },
        ...{
          constraint: object(world, "ConstraintSnapshot", other),
          status: other % 2 ? "running" : "planned",
        },
      },
      ctx,
    ),
  runOn: (world, { task, other }, ctx) => {
    const status = RUN_STATUSES[other % RUN_STATUSES.length] as Run["status"];
    const failure = status === "failed" ? { category: "test" as const, message: "no" } : {};
    const more = { summary: `summary ${other}`, add: ["outputs.decision_log=went on"] };
    return planObjectEdit(world.state, { id: object(world, "Run", task), status, ...failure, ...more }, ctx);
  },
  artifact: (world, { task }, ctx) =>
    planObjectNew(
      world.state,
      { kind: "artifact", run: object(world, "Run", task), type: "link", title: "x", uri: "y" },
      ctx,
    ),
  verify: (world, { task, other }, ctx) =>
    planObjectEdit(
      world.state,
      { id: object(world, "Artifact", task), verification: other % 2 ? "passed" : "failed" },
      ctx,
    ),
  link: (world, { task, other, force }, ctx) =>
    planObjectLink(
      world.state,
      force
        ? { from: pick(world, task), to: pick(world, other), relation: other % 3 ? "blocks" : "duplicates" }
        : { from: object(world, "Run", task), to: object(world, "Artifact", other) },
      ctx,
    ),
  issue: (world, { task, other, force }, ctx) =>
    planObjectNew(
      world.state,
      {
        ...{ kind: "issue", title: "An issue", status: other % 2 ? "ready" : "planned" },
        ...(force ? { value: { relationships: { blocks: [pick(world, task)] } } } : {}),
      },
      ctx,
    ),
  repo: ({ state }, { task }, ctx) => planRepoSet(state, { slug: "web", max_open_prs: task % 5 }, ctx),
  propose: ({ state }, { task, other }, ctx) =>
    planProposalNew(
      state,
      { title: `Proposal ${task}`, repo: "web", ...EFFECTS[other % EFFECTS.length] },
      ctx,
    ),
  reword: (world, { task, other }, ctx) =>
    planProposalEdit(world.state, { id: proposal(world, task), body: `Because ${other}.` }, ctx),
  open: (world, { task, other, force }, ctx) =>
    planProposalOpen(
      world.state,
      { id: proposal(world, task), ...(force ? { supersedes: proposal(world, other) } : {}) },
      ctx,
    ),
  withdraw: (world, { task }, ctx) => planProposalWithdraw(world.state, { id: proposal(world, task) }, ctx),
  fork: (world, { task }, ctx) => planProposalFork(world.state, { id: proposal(world, task) }, ctx),
  vote: (world, { task, other }, ctx) =>
    planVote(
      world.state,
      {
        id: proposal(world, task),
        value: VALUES[other % 5] ?? "up",
        ...(other % 2 ? { message: "So." } : {}),
      },
      ctx,
    ),
  unvote: (world, { task }, ctx) => planVote(world.state, { id: proposal(world, task), remove: true }, ctx),
  react: (world, { task, other, force }, ctx) =>
    planReact(
      world.state,
      {
        ...{ id: proposal(world, task), voter: WORKERS[other % 4] ?? "" },
        ...(force ? { remove: true } : { value: "up" }),
      },
      ctx,
    ),
} satisfies Record<string, Act>;

const VALUES = ["up", "down", "neutral"] as const;
/** What an acceptance does besides. */
const EFFECTS = [
  {},
  { effect: { tasks: [{ title: "What was decided" }, { title: "And the rest" }] } },
  { effect: { policy: { max_estimate: 5, governance: { consensus: { min_votes: 1 } } } } },
  {
    effect: {
      doctrine: { namespace: "house", name: "voted", version: "1", type: "policy", statement: "So." },
    },
  },
];

/** Publishes a plan as a commit, and checks it as `owp validate --range` would. */
function publish(world: World, plan: Plan): string[] {
  if (!plan.ok || plan.changes.length === 0) return [];
  const files = { ...world.files };
  for (const { path, value, text } of plan.changes) {
    if (value === null) delete files[path];
    else files[path] = text ?? encode(path, value, files[path]);
  }
  const changed = plan.changes.map(({ path }) => ({ path, before: world.files[path], after: files[path] }));
  const { type, actor, tasks = [] } = plan.event as LedgerEvent;
  const entry = { op: nthId("0".repeat(26), world.count), event: type, actor, tasks };
  const commit = {
    oid: String(world.count),
    parents: world.count === 0 ? [] : ["p"],
    at_ms: world.now,
    subject: "",
    entry,
    author: "",
  };
  const found = checkCommit(filesIn(world.files), filesIn(files), changed, commit, {
    now: world.now,
    operations: OPERATIONS,
  });
  world.files = files;
  world.state = stateOf(files, String(world.count));
  for (const { path, value } of plan.changes) {
    const { kind, id } = (value ?? {}) as { kind?: string; id?: string };
    if (kind === "Task" && id && !world.ids.includes(id)) world.ids.push(id);
    if (path === "") throw new Error("no path");
  }
  return found.filter(({ code }) => !SHOULD.has(code)).map(({ code, message }) => `${code}: ${message}`);
}

function context(world: World, who: string, minutes: number): Ctx {
  world.now += minutes * MINUTE;
  world.count++;
  return contextOf(who, world);
}

function contextOf(name: string, { now, count }: Pick<World, "now" | "count">): Ctx {
  const op = nthId("01kjm0000000000000000000aa", count * 100);
  let asked = 0;
  const caller = { name, explicit: true, actor_kind: "agent", clone: "c10ne001" } as const;
  return { now, op, pulses: [], caller, newId: (prefix) => `${prefix}_${nthId(op, asked++)}` };
}

/** Two votes for it decide. */
const POLICY = `kind: Policy
protocol: "1.0"
merge:
  reverts_reopen: true
governance:
  consensus: { threshold: 0.8 }
  effects: [doctrine, policy, tasks]
`;

function begin(): World {
  const world: World = { state: State.empty(), files: {}, now: NOW, count: 0, ids: [] };
  const files = {
    "owp.yaml": POLICY,
    "README.md": "# Work\n",
    ".owp/schemas/task.json": "{}\n",
  };
  expect(publish(world, planInit(world.state, { files, repo: "web" }, contextOf("root", world)))).toEqual([]);
  return world;
}

const draws = fc.array(
  fc.record({
    act: fc.constantFrom(...(Object.keys(ACTS) as (keyof typeof ACTS)[])),
    who: fc.nat(3),
    task: fc.nat(7),
    other: fc.nat(11),
    minutes: fc.constantFrom(0, 1, 30, 150, 300),
    force: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60, size: "max" },
);

const step = (act: Draw["act"], who: number, task: number, other: number): Draw => ({
  act,
  who,
  task,
  other,
  minutes: 0,
  force: false,
});
/** A part is done, and its whole is made a part of it: the way to the top leads through ended tasks too. */
const PARENTS = [
  step("add", 0, 0, 1),
  step("add", 0, 0, 1),
  step("claimThis", 1, 1, 0),
  step("reparent", 0, 1, 0),
  step("done", 1, 1, 0),
  step("reparent", 0, 0, 1),
];
/** A task waits for a canceled one, which waited for it: requeue must not close the circle. */
const REQUEUED = [
  step("add", 0, 0, 1),
  step("add", 0, 0, 0),
  step("add", 0, 0, 1),
  step("cancel", 0, 1, 0),
  step("edit", 0, 0, 4),
  step("requeue", 0, 1, 0),
];

/** Three attempts run out, and the fourth claim ends the job. */
const SPENT = [
  step("jobSubmit", 0, 0, 0),
  ...[1, 2, 1, 2].map((who) => ({ ...step("jobClaim", who, 0, 0), minutes: 1 })),
];
/** A job that is in time to be given back. */
const JOBS = ["jobHeartbeat", "jobComplete"] as const;
const WORKED = [
  step("jobSubmit", 0, 0, 1),
  step("jobClaim", 1, 0, 1),
  ...JOBS.map((act) => step(act, 1, 0, 1)),
];
const GIVEN_UP = [step("jobSubmit", 0, 0, 1), step("jobClaim", 1, 0, 1), step("jobFail", 1, 0, 1)];
/** Chance does not always bring a worker who holds something and another one to give it to. */
const HANDED = [step("add", 1, 0, 1), step("claimThis", 0, 0, 0), step("handoff", 0, 0, 1)];

/** From limits and a packet to an artifact that was checked. */
const CHECKED = [
  ...(["add", "limits", "packet", "run", "artifact", "verify"] as const).map((act) => step(act, 0, 0, 1)),
  step("runOn", 0, 0, RUN_STATUSES.indexOf("done")),
];

/** What a holder may do with a task. */
const HELD = [
  ...(["add", "claimThis"] as const).map((act) => step(act, 1, 0, 1)),
  { ...step("renew", 1, 0, 0), minutes: 150 },
  ...(["block", "resume", "fail"] as const).map((act) => step(act, 1, 0, 0)),
];

/** Proposals through all that may become of them; the last one takes the place of the first. */
const MEMBERS = [1, 2, 3].map((who) => step("register", who, 0, 0));
const decided = (n: number, effect: number): Draw[] => [
  step("propose", 0, n, effect),
  step("reword", 0, n, 1),
  { ...step("open", 0, n, 0), force: n > 0 },
  step("vote", 1, n, 5),
  step("react", 2, n, 1),
  { ...step("react", 2, n, 1), force: true },
  step("unvote", 1, n, 0),
  step("vote", 1, n, 0),
  step("vote", 2, n, 0),
];
const VOTED = [...MEMBERS, ...[0, 1, 2, 3].flatMap((n) => decided(n, n))];
const DROPPED = [
  ...MEMBERS,
  step("propose", 1, 0, 0),
  step("open", 1, 0, 0),
  step("vote", 2, 0, 1),
  step("vote", 3, 0, 1),
  step("fork", 3, 0, 0),
  step("propose", 1, 0, 0),
  ...[0, 1, 2].map((n) => step("withdraw", 1, n, 0)),
];

/** One invite makes a member, another is taken back; keys come and go. */
const INVITED: Draw[] = [
  step("invite", 0, 1, 0),
  { ...step("join", 1, 1, 5), force: true },
  step("invite", 0, 2, 0),
  step("revoke", 0, 0, 1),
  step("rotate", 0, 0, 0),
  step("rotate", 0, 0, 1),
  step("add", 0, 0, 1),
  step("claim", 0, 1, 0),
  step("release", 0, 0, 0),
];

/** Work goes on in a run that its lease names. */
const RUNNING: Draw[] = [step("add", 0, 0, 1), step("packet", 0, 0, 0), step("claim", 0, 1, 0)];

test("any history of commands is accepted, commit by commit and as a whole", () => {
  const accepted = new Map<string, number>();
  const runsSeen = new Set<string>();
  fc.assert(
    fc.property(draws, (history) => {
      const world = begin();
      // A maintainer may force a worker or an area beyond its load; nothing else leads there.
      let forced = false;
      for (const draw of history) {
        const who = WORKERS[draw.who] ?? "root";
        const plan = (ACTS[draw.act] as Act)(world, draw, context(world, who, draw.minutes));
        if (plan.ok && plan.changes.length > 0) accepted.set(draw.act, (accepted.get(draw.act) ?? 0) + 1);
        forced ||= plan.ok && draw.force && who === "root";
        expect(publish(world, plan)).toEqual([]);
      }
      const record = new RecordCheck();
      for (const [path, text] of Object.entries(world.files))
        record.file(path, new TextEncoder().encode(text));
      const found = record.finish(world.now).filter(({ code }) => !forced || !LOAD.has(code));
      expect(found.map(({ code, message }) => `${code}: ${message}`)).toEqual([]);
      // A task that someone holds may have one open run that its lease names; none names another's or an ended one.
      const named = [...world.state.open()].flatMap(({ lease }) =>
        lease && !("broken" in lease) ? (lease.run ?? []) : [],
      );
      expect(new Set(named).size).toBe(named.length);
      for (const id of named) runsSeen.add(id);
    }),
    {
      numRuns: 150,
      examples: [
        [PARENTS],
        [REQUEUED],
        [HANDED],
        [SPENT],
        [WORKED],
        [GIVEN_UP],
        [CHECKED],
        [HELD],
        [VOTED],
        [DROPPED],
        [INVITED],
        [RUNNING],
      ],
    },
  );
  // A history in which nothing happens would prove nothing.
  expect(Object.keys(ACTS).filter((act) => !accepted.has(act))).toEqual([]);
  expect(runsSeen.size).toBeGreaterThan(0);
});
