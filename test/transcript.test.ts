import { describe, expect, test } from "vitest";
import { Names } from "./helpers/transcript.ts";

const LONG = "t_01m8266g5wq7ybdzfd2txmk3f9";
const REAL = "t_01m8dgp5dtfk0vbwsmqxngsnyy";

describe("what a page shows and what was printed", () => {
  test.each<[string, string, string, boolean]>([
    ["the same text", "2 tasks: 2 ready", "2 tasks: 2 ready\n", true],
    ["another number", "2 tasks: 2 ready", "3 tasks: 3 ready", false],
    ["a line more", "one", "one\ntwo", false],
    ["a line less", "one\ntwo", "one", false],
    ["any id", "claimed k3f9 Fix", "claimed snyy Fix", true],
    ["the same id twice", "k3f9, k3f9", "snyy, snyy", true],
    ["not two for one", "k3f9, k3f9", "snyy, 1cbr", false],
    ["not one for two", "k3f9, p2wd", "snyy, snyy", false],
    ["no word for an id", "k3f9 Fix", "none! Fix", false],
    ["a word is a word", "task open", "snyy open", false],
    ["a path and its id", `leases/f/9/${LONG}.yaml k3f9`, `leases/y/y/${REAL}.yaml snyy`, true],
    ["a long id of another task", `k3f9 ${LONG}`, `1cbr ${REAL}`, false],
    ["any time", "at 2026-11-22T17:45:15Z", "at 2027-01-02T03:04:05.678Z", true],
    ["no time at all", "at 2026-11-22T17:45:15Z", "at noon", false],
    ["lengths of time", "ends in 24h, 3s ago", "ends in 23h 59m, 1m 2s ago", true],
    ["a length that says a rule", "ttl: 24h", "ttl: 4h", false],
    ["a hash", "9370f1f5 done", "12345678 done", true],
    ["some lines", "one\n…\nlast", "one\n2\n3\nlast", true],
    ["no line is some lines", "one\n…\nlast", "one\nlast", true],
    ["lines at the end", "one\n…", "one\ntwo\nthree", true],
    ["the rest of a line", "one …\ntwo", "one and more\ntwo", true],
    ["not the next line", "one …", "one a\ntwo", false],
    ["signs of regular expressions", "a (b) [c] *", "a (b) [c] *", true],
  ])("%s", (_name, shown, printed, expected) => expect(new Names().matches(shown, printed)).toBe(expected));

  test("what is learnt from a line that went on differently", () => {
    const names = new Names();
    names.learn(
      "you hold\n k3f9 Fix it: ready\nclaimed p2wd Test",
      "you hold\n snyy Fix it: done\nclaimed 1cbr Testing",
    );
    expect(names.inThisRun("k3f9 p2wd")).toBe("snyy 1cbr");
    names.learn("m7xa other", "need some");
    expect(names.inThisRun("m7xa")).toBe("m7xa");
  });

  test("an id stays what it was, in commands too", () => {
    const names = new Names();
    expect(names.matches("k3f9 Fix", "snyy Fix")).toBe(true);
    expect(names.inThisRun("owp show k3f9 p2wd")).toBe("owp show snyy p2wd");
    expect(names.matches("k3f9 done", "1cbr done")).toBe(false);
    expect(names.matches("k3f9 done\n", "snyy done")).toBe(true);
    expect(names.matches(`${LONG} again`, `${REAL} again`)).toBe(true);
    expect(names.matches("p2wd new", "snyy new")).toBe(false);
    expect(names.onThePage(`leases/y/y/${REAL}.yaml snyy`)).toBe(`leases/f/9/${LONG}.yaml k3f9`);
  });
});
