/** Invites inside a file and across the record; what history must show is in the mutation table. */
import { expect, test } from "vitest";
import { RecordCheck } from "../../../src/domain/validate/check-record.ts";
import { at, broken, type File, HOUR, policy, repo, worker } from "../../helpers/record.ts";
import { invite, ivid } from "../members/support.ts";
import { bytes, filesOf, NOW } from "./support.ts";

function codes(...files: File[]): string[] {
  const check = new RecordCheck();
  const all = Object.entries(filesOf(policy(), repo("web"), worker("ada"), ...files));
  const own = all.flatMap(([path, text]) => check.file(path, bytes(text)));
  return [...own, ...check.finish(NOW)].map(({ code, path }) => `${code} ${path}`);
}
const used = { used_by: "fay", used_at: at(-HOUR / 2) };
const path = (short: string) => `invites/${ivid(short)}.yaml`;

test.each<[string, File[], string[]]>([
  ["sound: an invite", [invite("aaaa")], []],
  ["sound: one that was used", [invite("aaaa", used), worker("fay", { invite: ivid("aaaa") })], []],
  ["sound: one that was taken back", [invite("aaaa", { revoked_at: at(0) })], []],
  [
    "it ends before it begins",
    [invite("aaaa", { expires_at: at(-2 * HOUR) })],
    [`invite_form ${path("aaaa")}`],
  ],
  [
    "used at no time",
    [invite("aaaa", { used_by: "ada" }), worker("ada", { invite: ivid("aaaa") })],
    [`invite_form ${path("aaaa")}`],
  ],
  ["used by nobody", [invite("aaaa", { used_at: at(0) })], [`invite_form ${path("aaaa")}`]],
  ["made by a stranger", [invite("aaaa", { by: "zoe" })], [`invite_reference ${path("aaaa")}`]],
  ["used by a stranger", [invite("aaaa", used)], [`invite_reference ${path("aaaa")}`]],
  [
    "used by one who does not say so",
    [invite("aaaa", used), worker("fay")],
    [`invite_reference ${path("aaaa")}`],
  ],
  [
    "used by two",
    [invite("aaaa", used), worker("fay", { invite: ivid("aaaa") }), worker("gus", { invite: ivid("aaaa") })],
    ["invite_reference workers/gus.yaml"],
  ],
  [
    "a member of an invite that is not there",
    [worker("fay", { invite: ivid("aaaa") })],
    ["invite_reference workers/fay.yaml"],
  ],
  [
    "two with one code",
    [invite("aaaa"), invite("bbbb", { code_hash: (invite("aaaa")[1] as { code_hash: string }).code_hash })],
    [`invite_code_twice ${path("bbbb")}`],
  ],
])("%s", (_name, files, expected) => expect(codes(...files)).toEqual(expected));

test("F11 what refers to a file that cannot be read is not dangling", () => {
  const found = codes(broken(invite("aaaa", used)), worker("fay", { invite: ivid("aaaa") }));
  expect(found.filter((line) => line.startsWith("invite_"))).toEqual([]);
  const other = codes(invite("aaaa", used), broken(worker("fay")));
  expect(other.filter((line) => line.startsWith("invite_"))).toEqual([]);
});
