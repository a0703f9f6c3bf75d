/** A change that became a patch. */
import type { View } from "./look.ts";
import { oneLine } from "./paint.ts";

interface Patched {
  subject: string | null;
  /** null: the patch itself is the answer. */
  file: string | null;
  patch?: string;
}

export const patched: View<Patched> = {
  raw: true,
  render: ({ subject, file, patch }) => {
    if (subject === null) return "the record says so already: there is nothing to write";
    if (file === null) return patch ?? "";
    return `wrote ${oneLine(file)}: ${oneLine(subject)}\nsend it to someone who may push to the record; how to apply it stands in it`;
  },
  quiet: ({ file, patch }) => file ?? patch ?? "",
};
