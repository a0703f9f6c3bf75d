/** The content of an object from a command's input: a file's fields, then the options for common fields, then --set and --add. */
import type { RefKind } from "../../core/refs.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import { badField } from "../tasks/fields.ts";
import { isMapping, type Json, merged, readAt, writeAt } from "./value.ts";
import { type KindWord, wordOfKind } from "./words.ts";

/** Where an option's value goes, by kind. A list is added to; anything else is replaced. */
const OPTIONS: Readonly<Record<string, Partial<Record<RefKind, string>>>> = {
  slug: { Repo: "slug" },
  title: { Issue: "title", Artifact: "title" },
  name: { Repo: "name", DoctrineRef: "name" },
  summary: { ContextPacket: "summary", Run: "outputs.result_summary" },
  description: { Issue: "description" },
  instructions: { ContextPacket: "instructions" },
  version: { ContextPacket: "version", DoctrineRef: "version" },
  issue: { ContextPacket: "for_issue", Run: "for_issue", Artifact: "for_issue" },
  repo: { Issue: "repo", Run: "repo" },
  run: { Artifact: "produced_by" },
  packet: { Issue: "context_packets", Run: "inputs.context_packets" },
  doctrine: { Issue: "doctrine_refs", ContextPacket: "doctrine_refs", Run: "inputs.doctrine_refs" },
  constraint: {
    Issue: "constraints",
    ContextPacket: "constraint_snapshot",
    Run: "inputs.constraint_snapshot",
  },
  artifact: { Run: "outputs.artifacts" },
  scope: { ConstraintSnapshot: "scope" },
  namespace: { DoctrineRef: "namespace" },
  statement: { DoctrineRef: "statement" },
  type: { Issue: "type", DoctrineRef: "type", Artifact: "type" },
  priority: { Issue: "priority", DoctrineRef: "priority" },
  status: { Issue: "status", Run: "status" },
  mode: { Run: "mode" },
  category: { Run: "failure.category" },
  message: { Run: "failure.message" },
  uri: { Artifact: "uri" },
  digest: { Artifact: "digest" },
  verification: { Artifact: "verification.status" },
  tag: {
    ...{ Repo: "tags", Issue: "tags", ContextPacket: "tags", ConstraintSnapshot: "tags" },
    ...{ DoctrineRef: "tags", Run: "tags", Artifact: "tags" },
  },
};

/** Options that may be given more than once and go to a list. */
const LISTS = new Set(["packet", "doctrine", "artifact", "tag"]);

export interface Content {
  value?: Json;
  set?: string[];
  add?: string[];
  [option: string]: unknown;
}

/** Refuses an option that the kind has no field for, and a place that is none. */
export function assemble(kind: RefKind, base: Json, input: Content): { ok: true; value: Json } | Refusal {
  let value = merged(base, input.value ?? {});
  for (const [option, places] of Object.entries(OPTIONS)) {
    const given = input[option];
    if (given === undefined) continue;
    const place = places[kind];
    if (place === undefined) return noSuchOption(kind, option, places);
    const keys = place.split(".");
    const isList = LISTS.has(option) || (option === "constraint" && kind === "Issue");
    value = writeAt(value, keys, isList ? [...listAt(value, keys), ...[given].flat()] : given);
  }
  for (const [name, entries] of [
    ["set", input.set],
    ["add", input.add],
  ] as const) {
    for (const entry of entries ?? []) {
      const read = readEntry(name, entry);
      if (!read.ok) return read;
      value = writeAt(
        value,
        read.keys,
        name === "set" ? read.held : [...listAt(value, read.keys), read.held],
      );
    }
  }
  return { ok: true, value };
}

const listAt = (value: Json, keys: readonly string[]): unknown[] => {
  const held = readAt(value, keys);
  return Array.isArray(held) ? held : [];
};

function noSuchOption(kind: RefKind, option: string, places: Partial<Record<RefKind, string>>): Refusal {
  const word = wordOfKind(kind);
  const others = (Object.keys(places) as RefKind[]).map(wordOfKind);
  return refuse(
    "invalid_input",
    `${word} has no ${option}; ${listed(others)} ${others.length > 1 ? "have" : "has"}. Nothing was changed.`,
    {
      hint: `owp object new ${word} --help, or --set <field>=<value>`,
      data: { field: option, kind },
    },
  );
}

const listed = (words: readonly KindWord[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

const ENTRY = /^([a-z0-9_]+(?:\.[A-Za-z0-9_-]+)*)=(.*)$/s;
/** Text that is meant as JSON: a list, a mapping, a quoted text, a number or one of three words. */
const JSON_LIKE = /^(?:[[{"].*|-?(?:0|[1-9]\d*)(?:\.\d+)?|true|false|null)$/s;

/** `cost.usd=0.4`: a field, dots between mappings, and JSON or plain text. */
function readEntry(name: string, entry: string): { ok: true; keys: string[]; held: unknown } | Refusal {
  const [, place, text = ""] = ENTRY.exec(entry) ?? [];
  if (place === undefined || place.split(".").includes("__proto__"))
    return badField(name, entry, "a field and its value, such as cost.usd=0.4");
  const keys = place.split(".");
  if (!JSON_LIKE.test(text)) return { ok: true, keys, held: text };
  try {
    return { ok: true, keys, held: JSON.parse(text) };
  } catch {
    return badField(name, entry, "JSON behind the =, or plain text");
  }
}

/** A file's content: a mapping, in which kind and id may stand as owp object show prints them. */
export function readValue(kind: RefKind, value: unknown): { ok: true; value: Json } | Refusal {
  if (value === undefined) return { ok: true, value: {} };
  if (!isMapping(value)) return badField("value", value, "a mapping of fields to values");
  const { kind: said, id: _id, created_at: _created, updated_at: _updated, ...content } = value;
  const names: readonly unknown[] = kind === "Issue" ? [undefined, "Issue", "Task"] : [undefined, kind];
  if (!names.includes(said)) return badField("kind", said, kind);
  return { ok: true, value: content };
}
