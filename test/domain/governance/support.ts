/** Records of members and proposals for table tests. */
import { nthId } from "../../../src/core/ids.ts";
import { pathOf } from "../../../src/core/paths.ts";
import type { State } from "../../../src/core/state.ts";
import { planVote } from "../../../src/domain/governance/vote.ts";
import type { Policy, Proposal, Vote, VoteInput } from "../../../src/generated/types.ts";
import {
  at,
  bare,
  ctx,
  type File,
  HOUR,
  MINUTE,
  maintainer,
  NOW,
  policy,
  record,
  repo,
  worker,
} from "../../helpers/record.ts";

/** The whole id of a proposal that people call by these last characters. */
export const ppid = (short: string): string => `pp_${short.padStart(26, "0")}`;

export const MEMBERS = ["ada", "bob", "cy", "dee", "eve", "fay", "gus", "hal", "ivy", "joe", "kim", "lea"];

/** An open proposal of max about repo web; any field may differ. */
export function proposal(short: string, fields: Partial<Omit<Proposal, "kind" | "id">> = {}): File {
  const id = ppid(short);
  const value: Proposal = {
    ...{
      kind: "Proposal",
      id,
      title: `Proposal ${short}`,
      body: "",
      author: "max",
      status: "open",
      repo: "web",
    },
    ...{ created_at: at(-2 * HOUR), opened_at: at(-HOUR) },
    ...fields,
  };
  return [pathOf("Proposal", id), JSON.parse(JSON.stringify(value))];
}

export function vote(short: string, name: string, fields: Partial<Omit<Vote, "kind">> = {}): File {
  const proposal = ppid(short);
  const value: Vote = { kind: "Vote", proposal, worker: name, value: 1, at: at(-MINUTE), ...fields };
  return [pathOf("Vote", `${proposal}/${name}`), JSON.parse(JSON.stringify(value))];
}

/** Twelve members besides max, who proposes; repo web. */
export const group = (...files: File[]): State =>
  record(...MEMBERS.slice(1).map((name) => worker(name)), ...files);

export const groupUnder = (governance: NonNullable<Policy["governance"]>, ...files: File[]): State =>
  bare(
    policy({ governance }),
    repo("web"),
    maintainer("max"),
    ...MEMBERS.map((name) => worker(name)),
    ...files,
  );

let made = 0;
/** Another operation each time. */
export const nextOp = (): string => nthId("01kjm000000000000000000000", 1000 + made++);

export const cast = (state: State, name: string, input: Omit<VoteInput, "id"> & { id?: string }, now = NOW) =>
  planVote(state, { id: "aaaa", ...input }, ctx(name, { now, op: nextOp() }));

export const proposalIn = (state: State, short: string): Proposal =>
  state.doc<Proposal>(pathOf("Proposal", ppid(short)))?.value as Proposal;

export const voteIn = (state: State, short: string, name: string): Vote | undefined =>
  state.doc<Vote>(pathOf("Vote", `${ppid(short)}/${name}`))?.value;
