import { createHash } from "node:crypto";
import { expect, it, test } from "vitest";
import { idOfText } from "../../src/core/ids.ts";
import { sha256 } from "../../src/core/sha256.ts";
import { fc } from "../helpers/chance.ts";

const nodes = (text: string) => createHash("sha256").update(text).digest("hex");

// The example of FIPS 180-4, and lengths around the end of a block.
test.each(["", "abc", ...[54, 55, 56, 63, 64, 65, 119, 120, 128].map((length) => "é".repeat(length))])(
  "the hash of %j",
  (text) => expect(sha256(text)).toBe(nodes(text)),
);

it("is the platform's, for any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => sha256(text) === nodes(text)),
  );
});

it("an id of a text has the form of a ULID", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(idOfText("t", text)).toMatch(/^t_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
    }),
  );
});
