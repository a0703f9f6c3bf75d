import { describe, expect, test } from "vitest";
import { renderTopic } from "../../src/cli/topics.ts";
import { AGENT_VARIABLE, AGENTS, type IdentityFacts, identityOf, SYSTEMS } from "../../src/core/identity.ts";
import { validate } from "../../src/generated/validators/worker.js";

const FACTS: IdentityFacts = { env: {}, hostname: "box.example.org", os_user: "kim", worktree: "web" };

const who = (facts: Partial<IdentityFacts>) => identityOf({ ...FACTS, ...facts });

describe("the worker's name", () => {
  test.each<[string, Partial<IdentityFacts>, string, "human" | "agent" | "system"]>([
    ["the user of the machine", {}, "kim@box/web", "human"],
    ["git's user.name", { git_user: "José Núñez" }, "jose-nunez@box/web", "human"],
    ["a coding agent", { git_user: "Kim", env: { CLAUDECODE: "1" } }, "claude@box/web", "agent"],
    ["codex", { env: { CODEX_THREAD_ID: "x" } }, "codex@box/web", "agent"],
    ["the variable that any agent may set", { env: { AI_AGENT: "My Agent@2" } }, "my-agent@box/web", "agent"],
    ["a build machine", { env: { CI: "true", GITHUB_ACTIONS: "true" } }, "github-actions@box/web", "system"],
    ["an agent on a build machine", { env: { CI: "true", GEMINI_CLI: "1" } }, "gemini@box/web", "agent"],
    [
      "a known agent, whatever version of itself it names",
      { env: { CLAUDECODE: "1", AI_AGENT: "claude-code_2-1" } },
      "claude@box/web",
      "agent",
    ],
    [
      "a fork that keeps its origin's variable",
      { env: { QWEN_CODE: "1", GEMINI_CLI: "1" } },
      "qwen@box/web",
      "agent",
    ],
    [
      "a person in an editor's terminal",
      { env: { CURSOR_TRACE_ID: "x", CODEX_HOME: "/x", OPENCODE_CLIENT: "cli" } },
      "kim@box/web",
      "human",
    ],
    ["a variable that is off", { env: { CI: "false", CLAUDECODE: "" } }, "kim@box/web", "human"],
    [
      "odd names",
      { os_user: "___", hostname: "日本", worktree: "My Tree!.yaml" },
      "worker@host/my-tree-.yaml",
      "human",
    ],
  ])("default: %s", (_, facts, name, actor_kind) => {
    expect(who(facts)).toEqual({ ok: true, name, explicit: false, actor_kind });
  });

  test.each(AGENTS.flatMap(({ name, set }) => set.map((variable) => [variable, name])))(
    "%s alone is %s, an agent",
    (variable, name) => {
      const answer = who({ env: { [variable]: "1" } });
      expect(answer).toEqual({ ok: true, name: `${name}@box/web`, explicit: false, actor_kind: "agent" });
    },
  );

  test("each variable stands in one row, and the help has them all", () => {
    const variables = [...AGENTS, ...SYSTEMS].flatMap(({ set }) => set);
    expect(new Set(variables).size).toBe(variables.length);
    const help = renderTopic("identity", { color: false, width: 100, now: 0, compact: true });
    for (const variable of [...variables, AGENT_VARIABLE, "OWP_WORKER", "--as"])
      expect(help).toContain(variable);
  });

  const deep = "fix-the-login-of-the-admin-page-for-";
  test.each<[string, string, string]>([
    ["a linked worktree by git's name for it", "api", "api"],
    ["capitals", "PROJ-12-Login", "proj-12-login"],
    ["one that is called like its clone's folder", "web", "web-br81"],
    ["one whose name a worker's cannot hold", "fix login!", "fix-login-incc"],
    ["a long one", `${deep}safari`, "fix-the-login-of-the-admin-page-f-se69"],
  ])("%s", (_, worktree, place) => {
    const answer = who({ worktree, main: "web" });
    expect(answer.ok && answer.name).toBe(`kim@box/${place}`);
  });

  test("no two worktrees of one clone are one worker", () => {
    const names = [
      "web",
      "Web site",
      "web site",
      "web-site",
      "wéb",
      `${deep}safari`,
      `${deep}firefox`,
      "日本",
      "中国",
    ];
    const linked = names.map((worktree) => who({ worktree, main: "web" }));
    const all = [who({ worktree: "web" }), ...linked].map((answer) => (answer.ok ? answer.name : ""));
    expect(new Set(all).size).toBe(names.length + 1);
    for (const name of all) expect(name).toMatch(/^kim@box\/[a-z0-9-]{1,38}$/);
  });

  test.each<[string, Partial<IdentityFacts>, string]>([
    ["--as", { as: "ada", env: { OWP_WORKER: "bob" } }, "ada"],
    ["OWP_WORKER", { env: { OWP_WORKER: "Bob@Box/web" } }, "bob@box/web"],
  ])("explicit: %s", (_, facts, name) => {
    expect(who(facts)).toMatchObject({ ok: true, name, explicit: true });
  });

  test.each([["a b"], ["a/b/c"], ["../x"], ["x.yaml/y"], ["a".repeat(121)], [""]])(
    "no name (F12): %j",
    (as) => {
      const answer = who({ as });
      expect(answer).toMatchObject({ ok: false, code: "usage" });
      expect(answer).toHaveProperty("hint", expect.stringContaining("--as "));
    },
  );

  test("every default name fits the worker's schema, however long its parts are", () => {
    const answer = who({ os_user: "é".repeat(200), hostname: "H".repeat(200), worktree: "-w ".repeat(90) });
    if (!answer.ok) throw new Error(answer.message);
    const worker = {
      kind: "Worker",
      id: `w_${"0".repeat(26)}`,
      name: answer.name,
      actor_kind: "human",
      skills: [],
    };
    const rest = { capacity_points: 5, max_concurrent_tasks: 2, status: "active", trust_tier: "basic" };
    expect(validate({ ...worker, ...rest, created_at: "2026-01-01T00:00:00Z" })).toBe(true);
  });
});
