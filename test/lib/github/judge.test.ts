import { describe, expect, it } from "vitest";
import { type Answer, judge } from "../../../src/lib/github/judge.ts";
import { githubPlace } from "../../../src/lib/github/place.ts";

const NOW = Date.UTC(2026, 2, 1, 12);
const SECRET = "ghp_secret123";
const place = { repo: "octo/web", api: "https://api.github.com", host: "api.github.com" };
const known = { ...place, token: SECRET, tokenFrom: "GH_TOKEN" };

const answer = (status: number, headers: Record<string, string> = {}, message = ""): Answer => ({
  status,
  header: (name) => headers[name] ?? null,
  body: JSON.stringify({ message }),
});
const reset = (seconds: number) => ({
  "x-ratelimit-remaining": "0",
  "x-ratelimit-reset": String(NOW / 1000 + seconds),
});

describe("what an answer of GitHub asks for", () => {
  it.each<[string, Answer, object]>([
    ["200", answer(200), { to: "read" }],
    [
      "301 within the host",
      answer(301, { location: "/repositories/1/issues?page=2" }),
      { to: "follow", url: "https://api.github.com/repositories/1/issues?page=2" },
    ],
    [
      "307 within the host",
      answer(307, { location: "https://api.github.com/repositories/1/issues" }),
      { to: "follow" },
    ],
    [
      "302 to another host",
      answer(302, { location: "https://example.org/x" }),
      { to: "refuse", refusal: { code: "source_unreachable" } },
    ],
    ["302 to http", answer(302, { location: "http://api.github.com/x" }), { to: "refuse" }],
    ["302 to nowhere", answer(302), { to: "refuse" }],
    ["401", answer(401, {}, "Bad credentials"), { to: "refuse", refusal: { code: "source_denied" } }],
    [
      "403 without a limit",
      answer(403, { "x-ratelimit-remaining": "59" }, "Resource not accessible"),
      { to: "refuse", refusal: { code: "source_denied" } },
    ],
    ["404", answer(404, {}, "Not Found"), { to: "refuse", refusal: { code: "source_unknown" } }],
    ["410", answer(410), { to: "refuse", refusal: { code: "source_unknown" } }],
    ["422", answer(422, {}, "Validation Failed"), { to: "refuse", refusal: { code: "invalid_input" } }],
    ["418", answer(418), { to: "refuse", refusal: { code: "source_unreachable" } }],
    ["500", answer(500), { to: "retry", refusal: { code: "source_unreachable" } }],
    [
      "502 in HTML",
      { ...answer(502), body: "<html>" },
      { to: "retry", refusal: { message: "api.github.com answered with 502. Nothing was imported." } },
    ],
    ["429 with seconds", answer(429, { "retry-after": "7" }), { to: "wait", ms: 7000 }],
    ["403 with seconds", answer(403, { "retry-after": "60" }), { to: "wait", ms: 60_000 }],
    [
      "429 with more seconds than anyone waits",
      answer(429, { "retry-after": "61" }),
      { to: "refuse", refusal: { code: "source_limited" } },
    ],
    ["403 with a moment soon", answer(403, reset(20)), { to: "wait", ms: 21_000 }],
    ["403 with a moment that has passed", answer(403, reset(-5)), { to: "wait", ms: 1000 }],
    [
      "a moment by the host's own clock, which is an hour ahead",
      answer(403, { ...reset(3620), date: new Date(NOW + 3_600_000).toUTCString() }),
      { to: "wait", ms: 21_000 },
    ],
    [
      "403 that speaks of the secondary limit alone",
      answer(403, {}, "You have exceeded a secondary rate limit"),
      { to: "wait", ms: 60_000 },
    ],
    ["429 that tells no time", answer(429), { to: "wait", ms: 60_000 }],
  ])("%s", (_name, given, expected) => expect(judge(given, known, NOW)).toMatchObject(expected));

  it("tells when to try again, and that a token allows more", () => {
    const verdict = judge(answer(403, reset(1500)), place, NOW);
    expect(verdict).toMatchObject({
      to: "refuse",
      refusal: {
        code: "source_limited",
        message:
          "api.github.com allows no more requests until 2026-03-01T12:25:01Z, in 25m. Nothing was imported.",
        hint: "run it again after 2026-03-01T12:25:01Z; with GITHUB_TOKEN set more are allowed",
        data: { try_again_at: "2026-03-01T12:25:01Z" },
      },
    });
  });

  it("says GitHub's own words in one line and without the token", () => {
    const verdict = judge(answer(401, {}, `Bad\ncredentials ${SECRET}.`), known, NOW);
    const text = JSON.stringify(verdict);
    expect(text).toContain("does not know the token in GH_TOKEN (401): Bad credentials ***. Nothing");
    expect(text).not.toContain(SECRET);
  });

  it("names single sign-on where it is what is missing", () => {
    const verdict = judge(answer(403, { "x-github-sso": "required; url=https://x" }), known, NOW);
    expect(verdict).toMatchObject({ refusal: { hint: expect.stringContaining("single sign-on") } });
  });
});

describe("github:owner/repo and the environment", () => {
  it.each<[string, Record<string, string>, object]>([
    ["github:octo/web", {}, { ...place, ok: true }],
    [
      "github:octo/web.js",
      { GITHUB_TOKEN: " t1\n" },
      { token: "t1", tokenFrom: "GITHUB_TOKEN", repo: "octo/web.js" },
    ],
    ["github:octo/web", { GH_TOKEN: "t2", GITHUB_TOKEN: "t1" }, { token: "t2", tokenFrom: "GH_TOKEN" }],
    ["github:octo/web", { GH_TOKEN: "", GITHUB_TOKEN: "t1" }, { token: "t1" }],
    [
      "github:octo/web",
      { GITHUB_API_URL: "https://ghe.example.org/api/v3/" },
      { api: "https://ghe.example.org/api/v3", host: "ghe.example.org" },
    ],
  ])("%s with %j", (text, env, expected) => expect(githubPlace(text, env)).toMatchObject(expected));

  it.each<[string, Record<string, string>]>([
    ["github:", {}],
    ["github:octo", {}],
    ["github:octo/..", {}],
    ["github:octo/web/issues", {}],
    ["github:octo/we b", {}],
    ["github:../web", {}],
    ["github:octo/web?x", {}],
    ["github:octo/web", { GITHUB_API_URL: "api.github.com" }],
    ["github:octo/web", { GITHUB_API_URL: "file:///etc/passwd" }],
    ["github:octo/web", { GITHUB_API_URL: "https://me:s3cret@api.github.com" }],
    ["github:octo/web", { GITHUB_TOKEN: "two words-s3cret" }],
    ["github:octo/web", { GITHUB_TOKEN: "s3cret\u00e9" }],
  ])("refuses %s with %j, and tells no secret", (text, env) => {
    const refusal = githubPlace(text, env);
    expect(refusal).toMatchObject({ ok: false, code: "usage" });
    expect(JSON.stringify(refusal)).not.toContain("s3cret");
  });
});
