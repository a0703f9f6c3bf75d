/** Snapshots from whole files, texts or values. */
import { decode, encode } from "../../src/core/codec.ts";
import { type FileChange, State } from "../../src/core/state.ts";

export function stateOf(files: Record<string, string | object>, tip: string | null = null): State {
  const changes = Object.entries(files).map(([path, content]): FileChange => {
    const text = typeof content === "string" ? content : encode(path, content);
    const decoded = decode(path, new TextEncoder().encode(text));
    return decoded.ok ? { path, doc: decoded.doc, added: true } : { path, problem: decoded.problem };
  });
  return State.empty().apply(changes, tip);
}
