/** What the demand for signatures lets pass; what it does not is in the mutation table. */
import { expect, test } from "vitest";
import { SIGNED_SOUND } from "./forged/signatures.ts";
import { checkForged } from "./support.ts";

test.each(SIGNED_SOUND)("sound: %s", (_name, forged) => {
  expect(checkForged(forged).map(({ code, message }) => `${code}: ${message}`)).toEqual([]);
});
