import { describe, expect, it } from "vitest";
import { readDocs } from "../../src/core/docs.ts";
import { type Doc, type Snapshot, Suspended } from "../../src/core/snapshot.ts";

/** A snapshot that has loaded some documents; null: there is no such file. */
function lazy(docs: Record<string, string | null>): Snapshot {
  const doc = (path: string): Doc | undefined => {
    const text = docs[path];
    if (text === undefined) throw new Suspended({ docs: [path] });
    return text === null ? undefined : { path, text, value: { text } };
  };
  return { doc } as unknown as Snapshot;
}

describe("readDocs", () => {
  it("asks for all that is missing at once", () => {
    let need: unknown;
    try {
      readDocs(lazy({ b: "B" }), ["a", "b", "c"]);
    } catch (error) {
      need = (error as Suspended).need;
    }
    expect(need).toEqual({ docs: ["a", "c"] });
  });

  it("gives what is there and leaves out what is not", () => {
    expect([...readDocs(lazy({ a: "A", b: null }), ["a", "b"]).keys()]).toEqual(["a"]);
  });

  it("lets other suspensions pass", () => {
    const snapshot = {
      doc: () => {
        throw new Suspended({ closed: "all" });
      },
    } as unknown as Snapshot;
    expect(() => readDocs(snapshot, ["a"])).toThrow(Suspended);
  });
});
