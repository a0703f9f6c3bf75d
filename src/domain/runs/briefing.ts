/** What CWOM's objects say to whoever works on a task, shortened for one page: the chain's part of `owp show --brief`. */
import { readDocs } from "../../core/docs.ts";
import { pathOf, shortId } from "../../core/paths.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { ConstraintSnapshot, ContextPacket, DoctrineRef, Run, Task } from "../../generated/types.ts";
import { newestFirst, pointing } from "../objects/pointing.ts";
import { BRIEF_LIMITS, type Shortener } from "../tasks/shorten.ts";
import { type Governance, governing } from "./inputs.ts";

interface Named {
  id: string;
  short: string;
}

export interface Briefing {
  /** The run of whoever holds the task. */
  run?: Named;
  /** The newest packet that is for the task. */
  packet?: Named &
    Pick<ContextPacket, "version" | "summary" | "instructions" | "inputs" | "assumptions" | "open_questions">;
  /** Packets of other tasks that this one lists. */
  more_packets?: (Named & { summary: string })[];
  constraints?: Named & Pick<ConstraintSnapshot, "scope" | "captured_at" | "constraints">;
  /** What binds most first. */
  doctrine?: (Named &
    Pick<DoctrineRef, "namespace" | "name" | "version" | "type" | "statement" | "rationale"> & {
      priority: NonNullable<DoctrineRef["priority"]>;
      /** ref: the task or its packet names it. scope: it says itself that it holds here. */
      by: Governance["by"];
    })[];
  /** Earlier attempts that left a run, oldest first. */
  runs?: PastRun[];
}

export interface PastRun extends Named, Pick<Run, "status" | "mode"> {
  by: string;
  started_at?: string;
  ended_at?: string;
  category?: NonNullable<Run["failure"]>["category"];
  /** Why it failed, else what came out. */
  message?: string;
}

/** (suspends) undefined: no object says anything. current: the run that goes on. */
export function briefing(
  snapshot: Snapshot,
  task: Task,
  current: string | undefined,
  shorten: Shortener,
): Briefing | undefined {
  const { packets, constraint, doctrine } = governing(snapshot, task);
  const rules = shorten.first("doctrine", doctrine, BRIEF_LIMITS.doctrine);
  const past = pointing(snapshot, task.id, "Run", "for_issue").filter(({ id }) => id !== current);
  const runs = shorten.last("runs", past.sort(newestFirst).reverse(), BRIEF_LIMITS.runs);
  const paths = [
    ...packets,
    ...(constraint ? [constraint] : []),
    ...rules.map(({ row }) => row),
    ...runs,
  ].map(({ kind, id }) => (kind === "Task" ? "" : pathOf(kind, id)));
  const docs = readDocs<object>(snapshot, paths);
  const read = <T>(
    kind: "ContextPacket" | "ConstraintSnapshot" | "DoctrineRef" | "Run",
    ids: readonly { id: string }[],
  ) => ids.flatMap(({ id }) => (docs.get(pathOf(kind, id))?.value as T | undefined) ?? []);
  const read_packets = read<ContextPacket>("ContextPacket", packets);
  const own = read_packets.find(({ for_issue }) => for_issue.id === task.id);
  const others = read_packets.filter((packet) => packet !== own);
  const [limits] = read<ConstraintSnapshot>("ConstraintSnapshot", constraint ? [constraint] : []);
  const by = new Map(rules.map((one) => [one.row.id, one.by]));
  const briefed: Briefing = {
    ...(current ? { run: named(current) } : {}),
    ...(own ? { packet: packetOf(own, shorten) } : {}),
    ...(others.length > 0
      ? {
          more_packets: others.map(({ id, summary }) => ({
            ...named(id),
            summary: shorten.text("other packets", summary),
          })),
        }
      : {}),
    ...(limits ? { constraints: limitsOf(limits) } : {}),
    ...(rules.length > 0
      ? {
          doctrine: read<DoctrineRef>(
            "DoctrineRef",
            rules.map(({ row }) => row),
          ).map((one) => ruleOf(one, by.get(one.id) ?? "ref", shorten)),
        }
      : {}),
    ...(runs.length > 0 ? { runs: read<Run>("Run", runs).map((one) => pastOf(one, shorten)) } : {}),
  };
  return Object.keys(briefed).length > 0 ? briefed : undefined;
}

const named = (id: string): Named => ({ id, short: shortId(id) });

function packetOf(packet: ContextPacket, shorten: Shortener): Briefing["packet"] {
  const { id, version, summary, instructions, inputs, assumptions, open_questions } = packet;
  const some = <T>(name: string, list: readonly T[]) =>
    shorten.first(name, list, BRIEF_LIMITS.packet_entries);
  const lines = (name: string, list: readonly string[] = []) =>
    some(name, list).map((text) => shorten.text(`texts of ${name}`, text));
  const documents = some("documents", inputs?.documents ?? []).map((one) => ({
    ...one,
    uri: shorten.text("addresses", one.uri, BRIEF_LIMITS.address),
    ...(one.excerpt ? { excerpt: shorten.text("excerpts", one.excerpt) } : {}),
  }));
  // What is inline may be large, and is no text to read: it is named.
  const data_blobs = some("data blobs", inputs?.data_blobs ?? []).map(({ inline: _data, ...one }) => one);
  const links = lines("links", inputs?.links);
  const given = {
    ...(documents.length > 0 ? { documents } : {}),
    ...(data_blobs.length > 0 ? { data_blobs } : {}),
    ...(links.length > 0 ? { links } : {}),
  };
  return {
    ...named(id),
    version,
    summary: shorten.text("the packet's summary", summary, BRIEF_LIMITS.summary),
    ...(instructions
      ? { instructions: shorten.text("instructions", instructions, BRIEF_LIMITS.instructions) }
      : {}),
    ...(Object.keys(given).length > 0 ? { inputs: given } : {}),
    ...(assumptions?.length ? { assumptions: lines("assumptions", assumptions) } : {}),
    ...(open_questions?.length ? { open_questions: lines("open questions", open_questions) } : {}),
  };
}

const limitsOf = ({ id, scope, captured_at, constraints }: ConstraintSnapshot): Briefing["constraints"] => ({
  ...named(id),
  scope,
  captured_at,
  constraints,
});

function ruleOf(
  rule: DoctrineRef,
  by: Governance["by"],
  shorten: Shortener,
): NonNullable<Briefing["doctrine"]>[number] {
  const { id, namespace, name, version, type, priority = "should", statement, rationale } = rule;
  const text = (one: string) => shorten.text("texts of doctrine", one, BRIEF_LIMITS.statement);
  return {
    ...named(id),
    ...{ namespace, name, version, type, priority, by, statement: text(statement) },
    ...(rationale ? { rationale: text(rationale) } : {}),
  };
}

function pastOf(
  { id, status, mode, executor, telemetry, failure, outputs }: Run,
  shorten: Shortener,
): PastRun {
  const { started_at, ended_at } = telemetry ?? {};
  const message = failure?.message || outputs?.result_summary;
  return {
    ...named(id),
    ...{ status, mode, by: executor.actor.actor_id },
    ...(started_at ? { started_at } : {}),
    ...(ended_at ? { ended_at } : {}),
    ...(failure ? { category: failure.category } : {}),
    ...(message ? { message: shorten.text("why runs ended", message) } : {}),
  };
}
