/** What hosts are like: empty ones, ones that say nothing for minutes, ones that refuse what is no branch. */
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { did, owp, told } from "../helpers/command.ts";
import { bareHub, cloneOf, git, gitInput, tempDir } from "../helpers/git.ts";
import { readHistory, refsOf } from "../helpers/history.ts";
import { type HttpGitRequest, serveHttp } from "../helpers/http-git.ts";
import { runAt } from "../helpers/record-hub.ts";

/** Longer than any command is given, with all that it is given beyond that. */
const SILENCE_MS = 60_000;

/** A hub over HTTP with a record of one task, a clone that has seen it, and who is kept waiting. */
async function silent(waits: (request: HttpGitRequest) => boolean) {
  const hub = bareHub();
  const clone = cloneOf(hub);
  await runAt(clone, [["init"], ["add", { title: "first" }]], { as: "ada" });
  const http = await serveHttp(dirname(hub));
  git(clone, "remote", "set-url", "origin", `${http.url}/hub.git`);
  await did(clone, ["list", "--as", "ada"]);
  http.options = { delay: (request) => (waits(request) ? SILENCE_MS : 0) };
  return { hub, clone, http };
}

describe("a host that does not answer", () => {
  test("nothing is changed, reading answers from the last view, and the exit status says remote", async () => {
    const { hub, clone, http } = await silent(() => true);
    const before = refsOf(hub);
    for (const args of [["claim", "--as", "bob"], ["sync"], ["heartbeat", "--as", "ada"]]) {
      const ended = await owp(clone, [...args, "--timeout", "1s", "--json"]);
      expect([args, ended.status, ended.answer?.code], told(args, ended)).toEqual([
        args,
        7,
        "remote_unreachable",
      ]);
      expect(ended.answer?.error).toMatchObject({
        message: expect.stringMatching(
          /^origin gave no answer in the time allowed\. (Nothing was changed|The change was not published, and nothing else was changed)\.$/,
        ),
        hint: expect.stringContaining("--timeout"),
      });
    }
    const list = await did(clone, ["list", "--timeout", "1s"]);
    expect(list.result.tasks).toHaveLength(1);
    expect(list.warnings).toEqual([
      expect.stringMatching(/^origin gave no answer .* from this clone's last view\.$/),
    ]);
    expect(refsOf(hub)).toBe(before);
    await http.close();
  });

  test("that says nothing to a push: before anything was sent it is a failure, afterwards it is not known", async () => {
    let step: HttpGitRequest["step"] = "refs";
    const { hub, clone, http } = await silent(
      (request) => request.service === "push" && request.step === step,
    );
    const before = refsOf(hub);
    const early = await owp(clone, ["add", "early", "--as", "ada", "--timeout", "1s", "--json"]);
    expect([early.status, early.answer?.code], told(["add"], early)).toEqual([7, "remote_unreachable"]);
    expect(early.answer?.error?.message).toMatch(
      /gave no answer in the time allowed\. The change was not published/,
    );
    expect(refsOf(hub)).toBe(before);
    step = "data";
    const late = await owp(clone, ["add", "late", "--as", "ada", "--timeout", "1s", "--json"]);
    expect([late.status, late.answer?.code], told(["add"], late)).toEqual([8, "unknown_outcome"]);
    http.options = {};
    const settled = await did(clone, ["sync", "--as", "ada"]);
    expect(settled.result.notices).toEqual([
      expect.stringMatching(/whose outcome was unknown did (not )?land/),
    ]);
    const landed = settled.result.notices[0].includes("did land");
    expect(readHistory(hub).filter(({ subject }) => subject.includes("late"))).toHaveLength(landed ? 1 : 0);
    await http.close();
  });
});

describe("a repository without any branch", () => {
  test("keeps a proper default branch: init says what to push first", async () => {
    const hub = bareHub();
    const dir = join(tempDir(), "clone");
    git(dirname(dir), "clone", "--quiet", hub, dir);
    const init = async () => {
      const { status, answer } = await owp(dir, ["init", "--json"]);
      return [status, answer?.code, answer?.error?.hint];
    };
    expect(await init()).toEqual([
      7,
      "remote_layout",
      expect.stringMatching(/^commit the code and push it to origin, then owp init;/),
    ]);
    git(dir, "switch", "--quiet", "--create", "trunk");
    git(dir, "commit", "--quiet", "--allow-empty", "-m", "first");
    expect(await init()).toEqual([
      7,
      "remote_layout",
      expect.stringMatching(/^git push origin trunk, then owp init;/),
    ]);
    for (const queue of [[], ["--queue", "ops"], ["--dry-run"]]) {
      const ended = await owp(dir, ["init", ...queue, "--json"]);
      expect(ended.answer?.error?.message).toMatch(
        /^origin has no branch yet, .* it would be owp(-ops)?\. Nothing was changed\.$/,
      );
    }
    expect(git(hub, "for-each-ref")).toBe("");
    git(dir, "push", "--quiet", "origin", "trunk");
    await did(dir, ["init"]);
    expect(git(hub, "for-each-ref", "--format=%(refname)").split("\n")).toEqual([
      "refs/heads/owp",
      "refs/heads/trunk",
    ]);
  });

  test("takes a record alone where --force says that it is meant", async () => {
    const hub = bareHub();
    const dir = join(tempDir(), "clone");
    git(dirname(dir), "clone", "--quiet", hub, dir);
    await did(dir, ["init", "--force"]);
    await did(dir, ["add", "First"]);
    await did(dir, ["claim"]);
    expect(git(hub, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/owp");
  });
});

describe("E51 a host that takes no refs but branches", () => {
  const refusals: [name: string, refuse: (hub: string) => void][] = [
    ["hidden refs", (hub) => git(hub, "config", "receive.hideRefs", "refs/owp")],
    [
      "an update hook",
      (hub) =>
        writeFileSync(
          join(hub, "hooks/update"),
          '#!/bin/sh\ncase "$1" in refs/heads/*) ;; *) exit 1 ;; esac\n',
          {
            mode: 0o755,
          },
        ),
    ],
  ];
  test.each(refusals)(
    "%s: doctor recommends branches, and with that policy heartbeats arrive",
    async (_name, refuse) => {
      const hub = bareHub();
      const [ada, bob] = [cloneOf(hub), cloneOf(hub)];
      await runAt(ada, [["init"], ["add", { title: "first" }], ["claim"]], { as: "ada" });
      await did(bob, ["list", "--as", "bob"]);
      refuse(hub);
      const refused = await owp(ada, ["heartbeat", "--as", "ada", "--json"]);
      expect([refused.status, refused.answer?.error?.hint]).toEqual([7, "owp doctor --as ada"]);

      const checks = (await did(ada, ["doctor"])).result.checks;
      const signals = checks.find(({ name }: { name: string }) => name === "signals");
      expect(signals).toMatchObject({
        state: "warning",
        message: expect.stringContaining("does not take refs under refs/owp/signals"),
        hint: expect.stringContaining("write signals: branches into owp.yaml on owp"),
      });
      expect(git(hub, "for-each-ref", "--format=%(refname)").split("\n")).toEqual([
        "refs/heads/main",
        "refs/heads/owp",
      ]);

      editPolicy(hub);
      await did(ada, ["heartbeat", "--as", "ada", "--note", "alive"]);
      expect(git(hub, "for-each-ref", "--format=%(refname)", "refs/heads/owp-signals", "refs/owp")).toMatch(
        /^refs\/heads\/owp-signals\/[0-9a-z]{16}$/,
      );
      // A clone that knew the old policy, and one that has seen nothing yet.
      for (const dir of [bob, cloneOf(hub)]) {
        const shown = (await did(dir, ["worker", "show", "ada"])).result;
        expect(shown.presence).toMatchObject({ online: true, status: "working", note: "alive" });
      }
      const again = (await did(ada, ["doctor"])).result.checks;
      expect(again.find(({ name }: { name: string }) => name === "signals")).toMatchObject({ state: "ok" });
      expect(
        (await did(ada, ["queues"])).result.queues.map(({ branch }: { branch: string }) => branch),
      ).toEqual(["owp"]);
      await did(ada, ["uninit", "--record", "--yes"]);
      expect(git(hub, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
    },
  );

  test("a record may begin so", async () => {
    const hub = bareHub();
    const clone = cloneOf(hub);
    await did(clone, ["init", "--queue", "ops", "--signals", "branches", "--as", "ada"]);
    await did(clone, ["heartbeat", "--queue", "ops", "--as", "ada"]);
    expect(git(hub, "for-each-ref", "--format=%(refname)").split("\n")).toEqual([
      "refs/heads/main",
      "refs/heads/owp-ops",
      expect.stringMatching(/^refs\/heads\/owp-ops-signals\/[0-9a-z]{16}$/),
    ]);
    expect((await did(clone, ["validate", "--queue", "ops"])).result.errors).toBe(0);
  });
});

/** Sets signals: branches, as a person with a web editor would. */
function editPolicy(hub: string): void {
  const text = `${git(hub, "show", "owp:owp.yaml").replace(/^signals: refs$/m, "signals: branches")}\n`;
  const edit = `commit refs/heads/owp\ncommitter Person <p@example.org> ${Math.floor(Date.now() / 1000)} +0000\ndata 4\nedit\nfrom refs/heads/owp^0\nM 100644 inline owp.yaml\ndata ${Buffer.byteLength(text)}\n${text}\n`;
  gitInput(hub, edit, "fast-import", "--quiet");
}
