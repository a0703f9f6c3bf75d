/** Sound histories of a group that governs itself; what is not sound is in the mutation table. */
import { expect, test } from "vitest";
import { GOVERNANCE_SOUND } from "./forged/governance.ts";
import { SIGNED_SOUND } from "./forged/signatures.ts";
import { checkForged } from "./support.ts";

test.each([...SIGNED_SOUND, ...GOVERNANCE_SOUND])("sound: %s", (_name, forged) => {
  expect(checkForged(forged).map(({ code, message }) => `${code}: ${message}`)).toEqual([]);
});
