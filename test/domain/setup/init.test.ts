import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decode } from "../../../src/core/codec.ts";
import { rulesOf } from "../../../src/core/rules.ts";
import { State } from "../../../src/core/state.ts";
import { planInit } from "../../../src/domain/setup/init.ts";
import type { InitInput, Policy, Repo, Worker } from "../../../src/generated/types.ts";
import { type Called, code, ctx, ok, policy, refused, repo } from "../../helpers/record.ts";
import { stateOf } from "../../helpers/state.ts";

const ROOT = new URL("../../../", import.meta.url);
const text = (path: string) => readFileSync(new URL(path, ROOT), "utf8");
const SCHEMAS = ["", "cwom/"]
  .flatMap((folder) =>
    readdirSync(new URL(`schemas/${folder}`, ROOT))
      .filter((name) => name.endsWith(".json"))
      .map((name) => `${folder}${name}`),
  )
  .sort();
const FILES: Record<string, string> = {
  "owp.yaml": text("templates/owp.yaml"),
  "README.md": text("templates/RECORD-README.md"),
  ...Object.fromEntries(SCHEMAS.map((name) => [`.owp/schemas/${name}`, text(`schemas/${name}`)])),
};
const init = (input: Partial<InitInput> = {}, called: Called = {}, state = State.empty()) =>
  planInit(state, { files: FILES, ...input }, ctx("ada", called));

/** The record that the change-set makes, through the text of its files. */
function made(plan: ReturnType<typeof init>): State {
  return stateOf(
    Object.fromEntries(
      ok(plan)
        .changes.filter(({ path }) => path.endsWith(".yaml"))
        .map(({ path, value, text: literal }) => [path, literal ?? (value as object)]),
    ),
    "0".repeat(40),
  );
}

describe("init", () => {
  it("writes the policy, a page for readers, the schemas, a repo and its maintainer", () => {
    const plan = init({ url: "https://me:s3cr3t@example.org/team/Web.git" });
    const { changes, event, result } = ok(plan);
    expect(changes.map(({ path }) => path)).toEqual([
      "owp.yaml",
      ...SCHEMAS.map((name) => `.owp/schemas/${name}`),
      "README.md",
      "repos/web.yaml",
      "workers/ada.yaml",
    ]);
    const state = made(plan);
    expect([...state.problems.values()]).toEqual([]);
    expect(state.repos.get("web")).toMatchObject({
      name: "web",
      source: { system: "git", url: "https://example.org/team/Web.git" },
    } satisfies Partial<Repo>);
    expect(state.workers.get("ada")).toMatchObject({
      trust_tier: "maintainer",
      status: "active",
      actor_kind: "agent",
    } satisfies Partial<Worker>);
    expect(event).toMatchObject({ type: "record.created", actor: "ada" });
    expect(result).toEqual({ repo: "web", worker: "ada", protocol: "1.0" });
    expect(JSON.stringify(changes)).not.toContain("s3cr3t");
  });

  it("the template's values are the defaults, and the change-set's value is what the text says", () => {
    const [change] = ok(init()).changes;
    const decoded = decode("owp.yaml", new TextEncoder().encode(change?.text ?? ""));
    expect(decoded).toMatchObject({ ok: true, doc: { value: change?.value } });
    expect(rulesOf(change?.value as Policy)).toEqual(rulesOf({ kind: "Policy", protocol: "1.0" }));
    expect(change?.text).toBe(FILES["owp.yaml"]);
  });

  it("explains every field of the policy", () => {
    const schema = JSON.parse(text("schemas/owp.json")) as {
      properties: Record<string, { properties?: object }>;
    };
    const names = Object.entries(schema.properties).flatMap(([name, part]) => [
      name,
      ...Object.keys(part.properties ?? {}),
    ]);
    for (const name of names.filter((one) => one !== "meta"))
      expect(FILES["owp.yaml"], name).toMatch(new RegExp(`^ *${name}:`, "m"));
  });

  const settings: [Partial<InitInput>, Partial<ReturnType<typeof rulesOf>>][] = [
    [{ registration: "closed" }, { registration: "closed" }],
    [{ default_trust: "untrusted" }, { default_trust: "untrusted" }],
    [
      { max_attempts: 9, max_estimate: 8 },
      { max_attempts: 9, max_estimate: 8 },
    ],
    [
      { agent_lease: "90m", human_lease: "2d" },
      { lease_ms: { agent: 5_400_000, human: 172_800_000, system: 14_400_000 } },
    ],
  ];
  it.each(settings)("takes %j into the policy and keeps its comments", (input, rules) => {
    const plan = init(input);
    expect(made(plan).rules).toMatchObject(rules);
    const comments = (text: string) => text.split("\n").filter((line) => line.trimStart().startsWith("#"));
    expect(comments(ok(plan).changes[0]?.text ?? "")).toEqual(comments(FILES["owp.yaml"] ?? ""));
  });

  it.each<[string, Partial<InitInput>, string]>([
    ["the slug that is given", { repo: "shop", url: "https://example.org/web.git" }, "shop"],
    ["the remote's name", { url: "git@example.org:team/Web.git", folder: "x" }, "web"],
    ["the folder's name where there is no remote", { folder: "My App" }, "my-app"],
    ["main where there is no name", {}, "main"],
  ])("names the first repo by %s", (_name, input, slug) => expect(ok(init(input)).result.repo).toBe(slug));

  it("F13 writes no path of this machine", () => {
    expect(JSON.stringify(ok(init({ url: "/home/me/web.git" })).changes)).not.toContain("/home/me");
  });

  it("a default name is the clone's; a human is a human", () => {
    const [worker] = ok(init({}, { explicit: false, actor_kind: "human" })).changes.slice(-1);
    expect(worker?.value).toMatchObject({ clone: "c10ne001", actor_kind: "human", trust_tier: "maintainer" });
  });

  it("a second init is fine and makes no commit", () => {
    const there = stateOf(Object.fromEntries([policy(), repo("web")]), "0".repeat(40));
    expect(ok(init({}, {}, there))).toMatchObject({ changes: [], result: { already: true, repo: "web" } });
    expect(ok(init({}, {}, made(init())))).toMatchObject({ changes: [], result: { already: true } });
  });

  it("F11 a record whose policy cannot be read is a record", () => {
    expect(ok(init({}, {}, stateOf({ "owp.yaml": "a: [" }, "0".repeat(40)))).result.already).toBe(true);
  });

  it("a branch with other content is no record, and is left alone", () => {
    expect(refused(init({}, {}, stateOf({}, "0".repeat(40)))).code).toBe("not_a_record");
  });

  it.each<[string, Partial<InitInput>]>([
    ["F12 a file outside its places", { files: { ...FILES, "../x": "" } }],
    ["no policy", { files: {} }],
    ["a policy that is none", { files: { "owp.yaml": "kind: Task\n" } }],
    ["F12 a slug that is a path", { repo: "../x" }],
    ["a name of two lines", { name: "a\nb" }],
  ])("refuses %s", (_name, input) => expect(code(init(input))).toBe("invalid_input"));

  it("the page's example of a lease is a valid lease", () => {
    const readme = FILES["README.md"] ?? "";
    const path = /cat > (\S+)/.exec(readme)?.[1] ?? "";
    const yaml = /<<'YAML'\n([\s\S]*?)\n {4}YAML/.exec(readme)?.[1]?.replace(/^ {4}/gm, "") ?? "";
    expect(decode(path, new TextEncoder().encode(`${yaml}\n`))).toMatchObject({ ok: true });
  });
});
