/** The stamp that setup leaves in what it writes: by it an older text of owp's is told from one that someone edited. */
import { createHash } from "node:crypto";

const HOLDER = "{{stamp}}";
const LENGTH = 8;
const STAMP = /(\bowp setup [a-z-]+ \()([0-9a-f]{8})(\))/;

export const digest = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, LENGTH);

/** A template's text with its stamp, which holds for all the rest of it. */
export function stamped(template: string): string {
  if (!template.includes(`(${HOLDER})`)) throw new Error("a template without a place for its stamp");
  return template.replace(HOLDER, digest(template));
}

/** undefined: owp did not write this. */
export function stampIn(text: string): "intact" | "edited" | undefined {
  const found = STAMP.exec(text);
  if (!found) return undefined;
  return digest(text.replace(STAMP, `$1${HOLDER}$3`)) === found[2] ? "intact" : "edited";
}
