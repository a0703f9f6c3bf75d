/** The last look before an object is written: what owp validate would say of its file, said now (B10: strict writer). */
import { encode } from "../../core/codec.ts";
import { type Kind, pathOf } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { unknownFields } from "../../core/unknown-fields.ts";
import { dotted } from "../../core/violations.ts";
import { judgeFile } from "../validate/check-file.ts";

/** Refuses what breaks a rule; what only should be otherwise comes back as warnings, each with its code. before: what the file says now, whose unknown fields are kept. */
export function judge(
  snapshot: Snapshot,
  kind: Kind,
  id: string,
  value: object,
  before?: object,
): { ok: true; warnings: string[] } | Refusal {
  const known = new Set(before ? unknownFields(kind, before).map((keys) => keys.join(".")) : []);
  const stranger = unknownFields(kind, value).find((keys) => !known.has(keys.join(".")));
  if (stranger)
    return refuse(
      "invalid_input",
      `${dotted(stranger.map(String))} is no field of a ${kind}; free data goes under meta. Nothing was changed.`,
      {
        hint: "docs/fields.md lists the fields",
        data: { field: dotted(stranger.map(String)), rule: "unknown_field" },
      },
    );
  const path = pathOf(kind, id);
  const { findings } = judgeFile(path, new TextEncoder().encode(encode(path, value)), snapshot.rules);
  const error = findings.find(({ severity }) => severity === "error");
  if (error) {
    const message = /[.!?]$/.test(error.message) ? error.message : `${error.message}.`;
    return refuse("invalid_input", `${message} Nothing was changed.`, {
      data: { rule: error.code, ...(error.keys ? { field: dotted(error.keys.map(String)) } : {}) },
    });
  }
  return { ok: true, warnings: findings.map(({ code, message }) => `${code}: ${message}`) };
}
