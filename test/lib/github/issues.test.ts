/** The REST path against a server on this machine, with real requests and a clock that only counts. */
import { afterEach, describe, expect, it } from "vitest";
import { fetchIssues, type World } from "../../../src/lib/github/issues.ts";
import { githubPlace } from "../../../src/lib/github/place.ts";
import { fail, type Github, github, type Instead, type Issue, restIssue } from "../../helpers/github.ts";

const TOKEN = "ghp_abcdef0123456789";
let server: Github | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

interface Ran {
  got: Awaited<ReturnType<typeof fetchIssues>>;
  slept: number[];
  said: string[];
  pages: object[];
}

async function ask(
  issues: readonly Issue[],
  instead?: Instead,
  more: { labels?: string[]; state?: "open" | "all"; world?: Partial<World>; repo?: string } = {},
): Promise<Ran> {
  server = await github(issues, instead);
  const place = githubPlace(`github:${more.repo ?? "octo/web"}`, {
    GITHUB_API_URL: server.api,
    GITHUB_TOKEN: TOKEN,
  });
  if (!place.ok) throw new Error(place.message);
  const ran: Omit<Ran, "got"> = { slept: [], said: [], pages: [] };
  let clock = Date.UTC(2026, 2, 1);
  const got = await fetchIssues(
    place,
    { state: more.state ?? "open", labels: more.labels ?? [] },
    {
      fetch,
      now: () => clock,
      sleep: async (ms) => {
        ran.slept.push(ms);
        clock += ms;
      },
      say: (text) => ran.said.push(text),
      onPage: (progress) => ran.pages.push(progress),
      ...more.world,
    },
  );
  expect(JSON.stringify([got, ran])).not.toContain(TOKEN);
  return { ...ran, got };
}

const many = (count: number) => Array.from({ length: count }, (_, at) => restIssue(at + 1));
const numbers = ({ got }: Ran) => (got.ok ? got.issues.map((one) => (one as Issue).number) : got.message);

describe("pages", () => {
  it("follows the Link header to the end, one request at a time, with the token and the version", async () => {
    const ran = await ask(many(250));
    expect(numbers(ran)).toEqual(Array.from({ length: 250 }, (_, at) => at + 1));
    expect(ran.pages).toEqual([
      { done: 100, page: 1, pages: 3 },
      { done: 200, page: 2, pages: 3 },
      { done: 250, page: 3 },
    ]);
    expect(server?.seen.map(({ query }) => query.get("page"))).toEqual([null, "2", "3"]);
    expect(server?.seen[0]).toMatchObject({
      path: "/api/v3/repos/octo/web/issues",
      authorization: `Bearer ${TOKEN}`,
      accept: "application/vnd.github+json",
    });
  });

  it("asks for a state and for labels", async () => {
    const label = { name: "pool:ready" };
    const issues = [
      restIssue(1),
      restIssue(2, { labels: [label] }),
      restIssue(3, { labels: [label], state: "closed" }),
    ];
    expect(numbers(await ask(issues, undefined, { labels: ["pool:ready"] }))).toEqual([2]);
    await server?.close();
    expect(numbers(await ask(issues, undefined, { labels: ["pool:ready"], state: "all" }))).toEqual([2, 3]);
  });

  it("an issue that slid to the next page comes once", async () => {
    const ran = await ask(many(150), ({ query }, response) => {
      if (query.get("page") !== "2") return false;
      response.end(JSON.stringify([restIssue(100), restIssue(101)]));
      return true;
    });
    expect(numbers(ran)).toEqual(Array.from({ length: 101 }, (_, at) => at + 1));
  });

  it("keeps what is read of an issue, and no more", async () => {
    const { got } = await ask([
      restIssue(1, { assignees: [{ login: "bo", avatar_url: "https://x", id: 3 }] }),
    ]);
    expect(got.ok && got.issues[0]).toMatchObject({ number: 1, assignees: [{ login: "bo" }] });
    expect(JSON.stringify(got)).not.toMatch(/avatar|node_id|locked/);
  });

  it("does not take the token to another host", async () => {
    const { got } = await ask(many(1), (_request, response) => {
      response.writeHead(200, { link: '<http://localhost:1/x>; rel="next"' });
      response.end("[]");
      return true;
    });
    expect(got).toMatchObject({
      ok: false,
      code: "source_unreachable",
      message: expect.stringMatching(/next page on another host/),
    });
  });
});

describe("faults", () => {
  const first =
    (times: number, answer: (response: Parameters<Instead>[1]) => void): Instead =>
    (_request, response, count) => {
      if (count > times) return false;
      answer(response);
      return true;
    };

  it("a limit that ends soon is waited for, and told", async () => {
    const ran = await ask(
      many(3),
      first(1, (response) => fail(response, 429, "slow down", { "retry-after": "7" })),
    );
    expect(numbers(ran)).toEqual([1, 2, 3]);
    expect(ran.slept).toEqual([7000]);
    expect(ran.said).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:\d+ allows no more requests for 7s; waiting$/),
    ]);
  });

  it("limits are waited for a minute in all, whatever each of them says", async () => {
    const ran = await ask(
      many(3),
      first(99, (response) => fail(response, 403, "secondary rate limit", { "retry-after": "25" })),
    );
    expect(ran.slept).toEqual([25_000, 25_000]);
    expect(ran.got).toMatchObject({
      ok: false,
      code: "source_limited",
      data: { try_again_at: "2026-03-01T00:01:15Z" },
    });
  });

  it("a limit in the middle of the pages leaves nothing half done", async () => {
    const reset = String(Date.UTC(2026, 2, 1, 1) / 1000);
    const ran = await ask(many(250), ({ query }, response) => {
      if (query.get("page") !== "3") return false;
      const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset, date: "" };
      fail(response, 403, "API rate limit exceeded", headers);
      return true;
    });
    expect(ran.got).toMatchObject({ ok: false, code: "source_limited" });
    expect(ran.slept).toEqual([]);
  });

  it.each([500, 502, 503])("%i is asked again, and told where it stays", async (status) => {
    const passes = await ask(
      many(2),
      first(2, (response) => fail(response, status, "oops")),
    );
    expect([numbers(passes), passes.slept]).toEqual([
      [1, 2],
      [1000, 2000],
    ]);
    await server?.close();
    const stays = await ask(
      many(2),
      first(99, (response) => fail(response, status, "oops")),
    );
    expect(stays.got).toMatchObject({ ok: false, code: "source_unreachable", data: { status } });
    expect(server?.seen).toHaveLength(3);
  });

  it.each<[number, string]>([
    [401, "source_denied"],
    [403, "source_denied"],
    [404, "source_unknown"],
    [410, "source_unknown"],
    [422, "invalid_input"],
  ])("%i is refused at once as %s", async (status, code) => {
    const ran = await ask(
      many(2),
      first(99, (response) => fail(response, status, "No.", { "x-ratelimit-remaining": "100" })),
    );
    expect(ran.got).toMatchObject({
      ok: false,
      code,
      message: expect.stringMatching(/Nothing was imported\.$/),
    });
    expect(server?.seen).toHaveLength(1);
  });

  it("a repository that was renamed is found by its redirect; a circle of redirects ends", async () => {
    const moved: Instead = ({ path, query }, response) => {
      if (path !== "/api/v3/repos/octo/old/issues") return false;
      response.writeHead(301, { location: `/api/v3/repos/octo/web/issues?${query}` });
      response.end();
      return true;
    };
    expect(numbers(await ask(many(120), moved, { repo: "octo/old" }))).toHaveLength(120);
    await server?.close();
    const circle: Instead = (_request, response) => {
      response.writeHead(302, { location: "/api/v3/repos/octo/web/issues" });
      response.end();
      return true;
    };
    expect((await ask([], circle)).got).toMatchObject({
      code: "source_unreachable",
      message: expect.stringMatching(/without end/),
    });
    expect(server?.seen).toHaveLength(4);
  });

  it("a connection that is cut in the middle of a page is asked again, then told", async () => {
    const ran = await ask(
      many(2),
      first(99, (response) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write('[{"number":');
        setTimeout(() => response.destroy(), 10);
      }),
    );
    expect(ran.got).toMatchObject({
      ok: false,
      code: "source_unreachable",
      message: expect.stringMatching(/could not be reached/),
    });
    expect(server?.seen).toHaveLength(3);
  });

  it("a server that says nothing has so long and no longer", async () => {
    const ran = await ask(many(2), () => true, { world: { limit_ms: 100 } });
    expect(ran.got).toMatchObject({
      ok: false,
      code: "source_unreachable",
      message: expect.stringMatching(/no answer within/),
    });
    expect(server?.seen).toHaveLength(1);
  });

  it("a server that is not there", async () => {
    const gone = await github([]);
    await gone.close();
    const place = githubPlace("github:octo/web", { GITHUB_API_URL: gone.api });
    if (!place.ok) throw new Error(place.message);
    const world = { fetch, now: () => 0, sleep: async () => {}, say: () => {} };
    expect(await fetchIssues(place, { state: "open", labels: [] }, world)).toMatchObject({
      ok: false,
      code: "source_unreachable",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it.each([
    ["HTML", "<html></html>"],
    ["an object", '{"a":1}'],
    ["half a list", '[{"number":1'],
    ["numbers", "[1]"],
  ])("%s in the place of a list", async (_name, body) => {
    const { got } = await ask([], (_request, response) => {
      response.end(body);
      return true;
    });
    expect(got).toMatchObject({
      ok: false,
      code: "source_unreachable",
      message: expect.stringMatching(/no list of issues/),
    });
  });

  it("who stops it gets an answer at once, while it asks and while it waits", async () => {
    const asking = new AbortController();
    const silent: Instead = () => {
      setTimeout(() => asking.abort(), 20);
      return true;
    };
    expect((await ask([], silent, { world: { abort: asking.signal } })).got).toMatchObject({
      code: "canceled",
    });
    await server?.close();
    const waiting = new AbortController();
    const ran = await ask(
      [],
      first(1, (response) => fail(response, 429, "", { "retry-after": "9" })),
      {
        world: { abort: waiting.signal, sleep: async () => waiting.abort() },
      },
    );
    expect(ran.got).toMatchObject({ code: "canceled" });
    expect(server?.seen).toHaveLength(1);
  });
});
