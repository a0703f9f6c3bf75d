/** From what a person types to a proposal, and its file. */
import type { ObjectRow } from "../../core/object-rows.ts";
import { pathOf, shortId } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Proposal } from "../../generated/types.ts";
import { clip, FRAGMENT_MIN } from "../tasks/find.ts";
import type { ProposalAct } from "./lifecycle.ts";
import { PROPOSAL_STEPS } from "./lifecycle.ts";

const FULL_ID = /^pp_[0-9a-hjkmnp-tv-z]{26}$/;
const CANDIDATE_LIMIT = 20;
const NAMED_LIMIT = 5;

/** (suspends) An id, or a part of one that no other proposal has; the end of an id counts before its middle. */
export function findProposal(snapshot: Snapshot, typed: string): { ok: true; id: string } | Refusal {
  const text = typed.trim().toLowerCase();
  if (FULL_ID.test(text)) return snapshot.object(text) ? { ok: true, id: text } : unknown(text);
  if (text.length < FRAGMENT_MIN)
    return refuse(
      "usage",
      `"${text}" is too short for a part of an id: four characters or more. Nothing was changed.`,
      { hint: "owp proposal list", data: { id: text } },
    );
  const ending = snapshot.objectsEnding(text, "Proposal");
  const fits =
    ending.length > 0 ? ending : [...snapshot.objects("Proposal")].filter(({ id }) => id.includes(text));
  const [first] = fits;
  if (!first) return unknown(text);
  return fits.length === 1 ? { ok: true, id: first.id } : ambiguous(fits, text);
}

const unknown = (text: string): Refusal =>
  refuse("proposal_unknown", `There is no proposal ${text}. Nothing was changed.`, { data: { id: text } });

function ambiguous(fits: ObjectRow[], text: string): Refusal {
  const candidates = fits
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, CANDIDATE_LIMIT)
    .map(({ id, title }) => ({ id, title }));
  const named = candidates.slice(0, NAMED_LIMIT).map(({ id, title }) => `${id} ${clip(title, 40)}`);
  if (fits.length > named.length) named.push(`${fits.length - named.length} more`);
  return refuse(
    "proposal_ambiguous",
    `${fits.length} proposals have ${text} in their id: ${named.join("; ")}. Nothing was changed.`,
    { data: { candidates } },
  );
}

export interface ProposalFile {
  ok: true;
  id: string;
  path: string;
  proposal: Proposal;
}

/** (suspends) The proposal that was typed, as its file says. */
export function readProposal(snapshot: Snapshot, typed: string): ProposalFile | Refusal {
  const found = findProposal(snapshot, typed);
  if (!found.ok) return found;
  const path = pathOf("Proposal", found.id);
  const doc = snapshot.doc<Proposal>(path);
  if (doc) return { ok: true, id: found.id, path, proposal: doc.value };
  const problem = snapshot.problems.get(path);
  return refuse(
    "record_invalid",
    `${path} cannot be read: ${problem?.message ?? "it is missing"}. Nothing was changed.`,
    { hint: `mend the file, then owp validate ${path}`, data: { path, line: problem?.line } },
  );
}

/** `proposal k3f9 "Use Zod"`, for messages and subjects. */
export const called = ({ id, title }: Pick<Proposal, "id" | "title">): string =>
  `proposal ${shortId(id)} "${clip(title, 60)}"`;

const DONE: Readonly<Record<ProposalAct, string>> = {
  edit: "edited",
  open: "opened",
  withdraw: "withdrawn",
  vote: "voted on",
  accept: "accepted",
  reject: "rejected",
  supersede: "superseded",
};

/** What the table of the lifecycle says against an act, and who may take it by hand. */
export function verifyStep(proposal: Proposal, act: ProposalAct, name: string): Refusal | undefined {
  const { id, status, author } = proposal;
  const step = PROPOSAL_STEPS[status][act];
  const data = { id, status, act };
  if (!step) {
    const from = Object.entries(PROPOSAL_STEPS)
      .filter(([, acts]) => acts[act])
      .map(([one]) => one);
    return refuse(
      "proposal_state",
      `${capital(called(proposal))} is ${status}, and only one that is ${from.join(" or ")} can be ${DONE[act]}. Nothing was changed.`,
      { hint: `owp proposal show ${shortId(id)}`, data },
    );
  }
  if (step.by !== "author" || author === name) return undefined;
  return refuse(
    "not_author",
    `${capital(called(proposal))} is ${author}'s, and only its author can have it ${DONE[act]}; you are ${name}. Nothing was changed.`,
    { hint: `owp proposal fork ${shortId(id)}`, data: { ...data, author, worker: name } },
  );
}

export const capital = (text: string): string => `${text[0]?.toUpperCase() ?? ""}${text.slice(1)}`;
