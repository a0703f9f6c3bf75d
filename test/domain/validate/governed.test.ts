/** Sound histories of a group that governs itself; what is not sound is in the mutation table. */
import { expect, test } from "vitest";
import { RecordCheck } from "../../../src/domain/validate/check-record.ts";
import { GOVERNANCE_SOUND, STAMPED_TWICE } from "./forged/governance.ts";
import { SIGNED_SOUND } from "./forged/signatures.ts";
import { bytes, checkForged, filesOf, NOW } from "./support.ts";

test.each([...SIGNED_SOUND, ...GOVERNANCE_SOUND])("sound: %s", (_name, forged) => {
  expect(checkForged(forged).map(({ code, message }) => `${code}: ${message}`)).toEqual([]);
});

test("two files of one record whose stamps are of one operation (C21)", () => {
  const codes = (files: typeof STAMPED_TWICE) => {
    const check = new RecordCheck();
    const own = Object.entries(filesOf(...files)).flatMap(([path, text]) => check.file(path, bytes(text)));
    return [...own, ...check.finish(NOW)].map(({ code, path }) => `${code} ${path}`);
  };
  const [path = ""] = STAMPED_TWICE.at(-1) as readonly [string, object];
  expect(codes(STAMPED_TWICE)).toEqual([`stamp_twice ${path}`]);
  expect(codes(STAMPED_TWICE.slice(0, -1))).toEqual([]);
});
