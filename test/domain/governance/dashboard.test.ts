/** The dashboard as a fold, and its page (FEATURES C68–C72). */
import { expect, it } from "vitest";
import { planDashboard } from "../../../src/domain/governance/dashboard.ts";
import { dashboardPage } from "../../../src/view/dashboard-html.ts";
import { ctx, NOW } from "../../helpers/record.ts";
import { group, ppid, proposal, vote } from "./support.ts";

const commits = [
  { name: "x", email: "7+Nobody@users.noreply.github.com", commits: 9 },
  { name: "BOB", email: "b@example.org", commits: 2 },
  { name: "cy", email: "c@example.org", commits: 2 },
];
const EVIL = `<script>alert("1")</script>'&`;
const state = group(
  proposal("aaaa", { title: EVIL }),
  proposal("bbbb"),
  proposal("cccc", { status: "draft" }),
  vote("bbbb", "bob"),
  vote("aaaa", "cy"),
);
const plan = planDashboard(state, { limit: 2, commits }, ctx("max"));
const found = plan.ok ? plan.result : undefined;

it("sums, sorts by score and time, breaks ties by id, and says how long its lists are (C68, C69, C72)", () => {
  expect(found?.stats).toMatchObject({ proposals: 3, open: 2, accepted: 0, repos: 1 });
  expect(found?.top_proposals.map(({ id }) => id)).toEqual([ppid("aaaa"), ppid("bbbb")]);
  expect(found?.recent_proposals.map(({ id }) => id)).toEqual([ppid("aaaa"), ppid("bbbb")]);
  expect(found?.limit).toBe(2);
});

it("ranks members by proposals, votes and repos, and authors by commits (C70, C71)", () => {
  expect(found?.top_agents[0]).toMatchObject({ worker: "max", proposals: 3 });
  expect(found?.top_contributors.map(({ commits: count }) => count)).toEqual([2, 2]);
  expect(found?.unmapped_commits).toBe(9);
});

it("escapes every text of its page, which needs no other file", () => {
  const page = found ? dashboardPage(found, NOW) : "";
  expect(page).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;");
  expect(page).not.toMatch(/<script|https?:|src=|<link/);
});
