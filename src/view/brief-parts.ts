/** The parts of a brief that come from CWOM's objects: packet, limits, doctrine, earlier runs. */
import { ms, spell } from "../core/time.ts";
import type { Briefing, PastRun } from "../domain/runs/briefing.ts";
import { oneLine } from "./paint.ts";
import type { Part } from "./show-parts.ts";
import { relative } from "./words.ts";

export const packet: Part = ({ brief }) => {
  const { packet: own, more_packets = [] } = brief?.chain ?? {};
  const others = more_packets.map(({ short, summary }) => `see also ${short}: ${oneLine(summary)}`);
  const head = own ? [`${own.short}, version ${own.version}: ${own.summary}`] : [];
  return ["packet", [...head, ...others].join("\n")];
};

export const instructions: Part = ({ brief }) => ["instructions", brief?.chain?.packet?.instructions ?? ""];

export const given: Part = ({ brief }) => {
  const { documents = [], data_blobs = [], links = [] } = brief?.chain?.packet?.inputs ?? {};
  return [
    "read",
    [
      ...documents.map(
        ({ title, uri, excerpt }) => `${oneLine(title)}: ${uri}${excerpt ? ` — ${oneLine(excerpt)}` : ""}`,
      ),
      ...data_blobs.map(
        ({ name, media_type, uri }) => `${oneLine(name)} (${media_type}): ${uri ?? "in the packet"}`,
      ),
      ...links,
    ].join("\n"),
  ];
};

const bulleted = (list: readonly string[] = []): string => list.map((one) => `- ${oneLine(one)}`).join("\n");

export const assumptions: Part = ({ brief }) => ["assumptions", bulleted(brief?.chain?.packet?.assumptions)];

export const questions: Part = ({ brief }) => [
  "open questions",
  bulleted(brief?.chain?.packet?.open_questions),
];

export const limits: Part = ({ brief }) => {
  const { constraints: found } = brief?.chain ?? {};
  if (!found) return ["limits", ""];
  const lines = Object.entries(found.constraints).flatMap(([group, values]) => {
    const said = Object.entries((values ?? {}) as Record<string, unknown>).flatMap(([name, value]) => {
      const text = [value ?? []].flat().map(String).join(", ");
      return text ? [`${name.replaceAll("_", " ")} ${oneLine(text)}`] : [];
    });
    return said.length > 0 ? [`${group}: ${said.join("; ")}`] : [];
  });
  return ["limits", [...lines, `(${found.short}, ${found.scope}, as of ${found.captured_at})`].join("\n")];
};

export const doctrine: Part = ({ brief }) => [
  "doctrine",
  (brief?.chain?.doctrine ?? []).map(rule).join("\n"),
];

/** `must: Every service answers a health probe. (policy ops/probes 1; Because …)`. */
function rule(one: NonNullable<Briefing["doctrine"]>[number]): string {
  const why = one.rationale ? `; ${oneLine(one.rationale)}` : "";
  return `${one.priority}: ${oneLine(one.statement)} (${one.type} ${one.namespace}/${one.name} ${one.version}${why})`;
}

export const runs: Part = ({ brief }, { now }) => [
  "runs before",
  (brief?.chain?.runs ?? []).map((run) => pastRun(run, now)).join("\n"),
];

/** `9xw4 by codex@box/api: failed (build) 2h ago, after 25m: the build breaks on arm64`. */
function pastRun(
  { short, by, status, category, started_at, ended_at, message }: PastRun,
  now: number,
): string {
  const kind = category ? ` (${category})` : "";
  const when = ended_at ? ` ${relative(ended_at, now)}` : "";
  const length = ms(ended_at) - ms(started_at);
  const after = length >= 0 ? `, after ${spell(length)}` : "";
  return `${short} by ${by}: ${status}${kind}${when}${after}${message ? `: ${oneLine(message)}` : ""}`;
}
