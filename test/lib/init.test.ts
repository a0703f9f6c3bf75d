import { expect, test } from "vitest";
import type { Ticket } from "../../src/engine/ports.ts";
import type { RecordHub } from "../../src/lib/hub.ts";
import { bareHub, git, tempDir } from "../helpers/git.ts";
import { hubAt } from "../helpers/record-hub.ts";

test.each([
  ["http://max:s3cret@127.0.0.1:1/acme/web.git", {}, "http://127.0.0.1:1/acme/web.git"],
  ["http://s3cret@127.0.0.1:1/acme/web.git?token=s3cret", {}, "http://127.0.0.1:1/acme/web.git"],
  ["ftp://max:s3cret@127.0.0.1:1/acme/web.git", {}, "ftp://127.0.0.1:1/acme/web.git"],
  ["/srv/git/web.git", {}, "/srv/git/web.git"],
  ["/srv/git/web.git", { url: "https://s3cret@example.org/web" }, "https://example.org/web"],
])(
  "F13 the ticket of init, which lies on the disk, holds no credential of %s %j",
  async (url, input, kept) => {
    const clone = tempDir();
    git(clone, "init", "--quiet");
    git(clone, "remote", "add", "origin", url);
    const hub = (await hubAt(clone, { as: "ada" })) as RecordHub;
    const { desk } = hub.parts;
    const tickets: Ticket[] = [];
    const enqueue = desk.enqueue.bind(desk);
    desk.enqueue = (ticket) => {
      tickets.push(ticket);
      return enqueue(ticket);
    };
    await hub.run("init", input, { timeout_ms: 300 });
    await hub.close();
    expect(tickets).toMatchObject([{ name: "init", input: { url: kept } }]);
    expect(JSON.stringify(tickets)).not.toContain("s3cret");
  },
);

test("the first repo's default branch is the one that the remote names, not the one that is checked out", async () => {
  const origin = bareHub("--initial-branch=trunk");
  const clone = tempDir();
  git(clone, "init", "--quiet", "--initial-branch=trunk");
  git(clone, "remote", "add", "origin", origin);
  git(clone, "commit", "--quiet", "--allow-empty", "-m", "x");
  git(clone, "push", "--quiet", "origin", "HEAD");
  git(clone, "checkout", "--quiet", "-b", "wip");
  const hub = (await hubAt(clone, { as: "ada" })) as RecordHub;
  expect(await hub.run("init", {})).toMatchObject({ ok: true });
  const repos = (await hub.run("repo list", {})) as { result?: { repos?: unknown[] } };
  await hub.close();
  expect(repos.result?.repos).toMatchObject([{ default_branch: "trunk" }]);
});
