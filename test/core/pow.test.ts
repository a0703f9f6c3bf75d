/** Proof of work: the seed's vectors, and what a stamp is bound to. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bound, hasBits, seedOf } from "../../src/core/pow.ts";

const VECTOR = "f47ac10b58cc4372a5670e02b2af632e";

function firstNonce(seed: string, bits: number): number {
  let nonce = 0;
  while (!hasBits(seed, String(nonce), bits)) nonce++;
  return nonce;
}

describe("hashcash-sha256", () => {
  it.each([
    [12, 3431],
    [16, 23113],
  ])("C18: finds for %i bits the first nonce %i", (bits, nonce) => {
    expect(firstNonce(VECTOR, bits)).toBe(nonce);
  });

  it("C17: counts zero bits from the most significant one, of the seed's bytes, a colon and the decimal nonce", () => {
    const hex = fc
      .uint8Array({ minLength: 16, maxLength: 32 })
      .map((bytes) => Buffer.from(bytes).toString("hex"));
    fc.assert(
      fc.property(hex, fc.nat(), fc.integer({ min: 0, max: 12 }), (seed, nonce, bits) => {
        const hash = createHash("sha256").update(Buffer.from(seed, "hex")).update(`:${nonce}`).digest("hex");
        const zeros = BigInt(`0x1${hash}`).toString(2).slice(1).indexOf("1");
        expect(hasBits(seed, String(nonce), bits)).toBe(zeros >= bits);
      }),
    );
  });
});

describe("C27: a seed is that of one act alone", () => {
  const bound: Bound = {
    actor: "ada",
    action: "vote.cast",
    target: "pp_1",
    content: { value: 1, note: "x" },
  };
  const seed = seedOf(bound, "a".repeat(40), "01k");

  it.each<[string, Bound, string, string]>([
    ["actor", { ...bound, actor: "bob" }, "a".repeat(40), "01k"],
    ["action", { ...bound, action: "vote.remove" }, "a".repeat(40), "01k"],
    ["target", { ...bound, target: "pp_2" }, "a".repeat(40), "01k"],
    ["content", { ...bound, content: { value: -1, note: "x" } }, "a".repeat(40), "01k"],
    ["commit", bound, "b".repeat(40), "01k"],
    ["operation", bound, "a".repeat(40), "01m"],
  ])("changes with the %s", (_what, other, commit, op) => {
    expect(seedOf(other, commit, op)).not.toBe(seed);
  });

  it("does not depend on the order of a file's lines", () => {
    expect(seedOf({ ...bound, content: { note: "x", value: 1 } }, "a".repeat(40), "01k")).toBe(seed);
  });
});
