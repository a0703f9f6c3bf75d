/** Several queues in one clone, and areas of a monorepo, as people call them: the built command in processes of its own. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { did, owp, told } from "../helpers/command.ts";
import { bareHub, cloneOf, git } from "../helpers/git.ts";
import { portrait, readHistory } from "../helpers/history.ts";
import { litterIn } from "../helpers/litter.ts";

let hub: string;
let clone: string;

beforeEach(() => {
  hub = bareHub();
  clone = cloneOf(hub);
});

const as = (name: string, ...words: string[]) => [...words, "--as", name];

describe("two queues in one clone and its worktree", () => {
  beforeEach(async () => {
    await did(clone, as("ada", "init"));
    await did(clone, as("ada", "init", "--queue", "ops"));
    git(clone, "worktree", "add", "--quiet", "-b", "side", join(clone, "../side"));
  });

  test("processes at the same time, and what was queued offline in both: each lands where it belongs", async () => {
    const side = join(clone, "../side");
    const before = portrait(clone);
    const queues = [[], ["--queue", "ops"]];
    for (const [index, queue] of queues.entries())
      await did(clone, as("ada", "add", `queued ${index}`, "--offline", ...queue));
    const running = queues.flatMap((queue, index) =>
      [0, 1, 2].map((turn) => did(turn === 1 ? side : clone, as("ada", "add", `added ${index}`, ...queue))),
    );
    await Promise.all(running);
    const claims = queues.map((queue, index) => did(clone, as(`w${index}`, "claim", ...queue)));
    for (const [index, claimed] of (await Promise.all(claims)).entries())
      expect(claimed.result.tasks[0].title).toBe(`added ${index}`);

    const synced = await did(side, as("ada", "sync", "--queue", "ops"));
    expect(synced.result.answers).toMatchObject([{ name: "add", ok: true }]);
    expect(synced.warnings).toEqual(["1 operation waits for the record on owp: owp sync --branch owp"]);
    const titles = (branch: string) =>
      readHistory(hub, branch).flatMap(({ subject }) => /^add \w+: (.*)/.exec(subject)?.[1] ?? []);
    expect([titles("owp").sort(), titles("owp-ops").sort()]).toEqual([
      ["added 0", "added 0", "added 0"],
      ["added 1", "added 1", "added 1", "queued 1"],
    ]);
    await did(clone, as("ada", "sync"));
    expect(titles("owp")).toContain("queued 0");
    expect(titles("owp-ops")).toHaveLength(4);
    for (const folder of [join(clone, ".git/owp"), join(clone, ".git/owp/records/owp-ops")])
      expect(litterIn(folder)).toEqual([]);
    expect(portrait(clone)).toEqual(before);
    for (const queue of queues) expect((await did(clone, ["validate", ...queue])).result.errors).toBe(0);
  });

  test("are named by option, environment or config, and what comes next names the same one", async () => {
    const list = async (args: string[], env: NodeJS.ProcessEnv = {}) =>
      (await did(clone, ["list", ...args], { env })).result.tasks.map(
        ({ title }: { title: string }) => title,
      );
    await did(clone, as("ada", "add", "main"));
    const added = await did(clone, as("ada", "add", "ops", "--queue", "ops"));
    expect([await list([]), await list(["--queue", "ops"]), await list(["--branch", "owp-ops"])]).toEqual([
      ["main"],
      ["ops"],
      ["ops"],
    ]);
    expect(await list([], { OWP_QUEUE: "ops" })).toEqual(["ops"]);
    git(clone, "config", "owp.queue", "ops");
    expect([await list([]), await list(["--branch", "owp"]), await list(["--queue", "ops"])]).toEqual([
      ["ops"],
      ["main"],
      ["ops"],
    ]);
    expect(added).toMatchObject({ next: [`owp claim ${added.result.short} --as ada --queue ops`] });
    const next = await owp(clone, ["--queue", "ops", "claim", "zzzz", "--as", "ada"]);
    expect([next.status, next.stderr]).toEqual([
      4,
      expect.stringContaining("next: owp list --all --as ada --queue ops"),
    ]);
    const none = await owp(clone, ["claim", "--queue", "other", "--json"]);
    expect(none.answer?.error?.hint).toBe("owp init --queue other");
  });

  test("doctor looks at one of them, and finds nothing wrong", async () => {
    await did(clone, as("ada", "add", "ops", "--queue", "ops"));
    const { checks } = (await did(clone, ["doctor", "--queue", "ops"])).result;
    expect(checks.filter(({ state }: { state: string }) => state !== "ok" && state !== "skipped")).toEqual(
      [],
    );
    expect(checks.find(({ name }: { name: string }) => name === "branch").message).toBe("owp-ops");
  });
});

describe("areas of a monorepo", () => {
  beforeEach(async () => {
    for (const [path, text] of [
      ["web/login/form.ts", "x"],
      ["web/cart.ts", "x"],
      ["api/server.ts", "x"],
    ] as const) {
      mkdirSync(join(clone, path, ".."), { recursive: true });
      writeFileSync(join(clone, path), text);
    }
    git(clone, "add", ".");
    git(clone, "commit", "--quiet", "-m", "code");
    await did(clone, as("ada", "init", "--repo", "shop"));
  });

  test("A30 from globs to who works where: set, ask, add by path, claim, lock", async () => {
    const set = await did(
      clone,
      as(
        "ada",
        "repo",
        "set",
        "shop",
        "--area",
        "web=web/**",
        "--area",
        "web/login=web/login/**",
        "--area",
        "api=api",
      ),
    );
    const top = git(clone, "rev-parse", "--show-toplevel");
    expect(set.warnings).toEqual([`api matches no file that git tracks in ${top}; api/** would.`]);
    await did(
      clone,
      as("ada", "repo", "set", "shop", "--area", "api=api/", "--describe-area", "api=The HTTP server"),
    );
    expect((await did(clone, ["validate"])).result).toMatchObject({ errors: 0, warnings: 0 });

    const login = join(clone, "web/login");
    const here = async (path: string) => (await owp(login, ["areas", "--path", path, "-q"])).stdout.trim();
    expect([
      await here("form.ts"),
      await here("."),
      await here(".."),
      await here("../../api/server.ts"),
    ]).toEqual(["web/login", "web/login", "web", "api"]);
    const nowhere = await owp(login, ["areas", "--path", "../../README.md"]);
    expect([nowhere.status, nowhere.stdout.trim()]).toEqual([0, "no area of shop covers README.md"]);

    const added = await did(login, as("ada", "add", "Mend the form", "--path", "form.ts", "-p", "90"));
    await did(clone, as("ada", "add", "Mend the cart", "--path", "web/cart.ts"));
    await did(clone, as("ada", "add", "Mend the server", "--area", "api"));
    const claimed = await owp(clone, as("bob", "claim", "--area", "web/login"));
    expect([claimed.status, claimed.stdout], told(["claim"], claimed)).toEqual([
      0,
      expect.stringContaining("files of the area: web/login/**"),
    ]);
    const shown = await owp(clone, ["show", added.result.id]);
    expect(shown.stdout).toMatch(/area web\/login.*\n[\s\S]*files of the area: web\/login\/\*\*/);
    const locked = await owp(clone, as("eve", "claim", "--area", "web", "--json"));
    expect([locked.status, locked.answer?.code, locked.answer?.error?.message]).toEqual([
      3,
      "nothing_to_claim",
      expect.stringContaining("1 area-locked"),
    ]);
    expect((await did(clone, as("eve", "claim"))).result.tasks[0].title).toBe("Mend the server");
    const table = await owp(clone, ["areas"]);
    expect(table.stdout).toMatch(/^web: web\/\*\*; shares files with web\/login; 1 open task$/m);
    expect(table.stdout).toMatch(/^api: api\/; 1 open task; in progress \w{4}; The HTTP server$/m);
  });

  test("a closed list takes no other word, and one that is open warns of it", async () => {
    await did(clone, as("ada", "repo", "set", "shop", "--area", "web=web/**"));
    const slip = await did(clone, as("ada", "add", "x", "--area", "wbe"));
    expect(slip.warnings).toEqual([expect.stringContaining("shop lists no area wbe (web)")]);
    await did(clone, as("ada", "repo", "set", "shop", "--areas-closed", "yes"));
    const refused = await owp(clone, [...as("ada", "add", "x", "--area", "wbe"), "--json"]);
    expect([refused.status, refused.answer?.code]).toEqual([2, "invalid_input"]);
    const { stdout } = await owp(clone, ["validate"]);
    expect(stdout).toMatch(/warning.*shop lists no area wbe, and its list is closed/);
  });
});
