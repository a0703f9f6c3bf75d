import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { pathOf } from "../../src/core/paths.ts";
import { openHub } from "../../src/lib/index.ts";
import { bareHub, cloneOf, git } from "../helpers/git.ts";

const SRC = fileURLToPath(new URL("../../src", import.meta.url));

/** Sources that hold a text, by path from src/. */
function sourcesWith(pattern: RegExp): string[] {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter(
    (path) => /\.ts$/.test(path) && !path.startsWith("generated"),
  );
  return files.filter((path) => pattern.test(readFileSync(join(SRC, path), "utf8"))).sort();
}

describe("what OWP v0.1 rules out", () => {
  it("A69: what decides who gets work starts nothing and reads nothing of a worker's machine", () => {
    const reaching = sourcesWith(/from "node:|import\("node:/);
    expect(reaching.filter((path) => /^(core|domain)\//.test(path))).toEqual([]);
    // Processes are started in one folder, and all of them are git; but for gh and glab where --open-pr asks for them, and
    // the person's own editor.
    expect(
      sourcesWith(/from "node:child_process"/).filter((path) => !path.startsWith("engine/git/")),
    ).toEqual(["cli/commands/object-content.ts", "lib/review/request.ts"]);
  });

  it("A70: nothing is called over the network but git remotes, the record by URL, and a source that an import names", () => {
    expect(
      sourcesWith(/\bfetch\(\s*(?:url|place|`|")|from "node:https?"/).filter(
        (path) => !/^(engine\/web|lib\/doctor|lib\/github)\//.test(path),
      ),
    ).toEqual([]);
  });

  it("A71: a person with an editor and git takes part like anyone else", async () => {
    const remote = bareHub();
    const hub = await openHub({ dir: cloneOf(remote), as: "ada", env: {} });
    if ("code" in hub) throw new Error(hub.message);
    await hub.run("init", { repo: "demo" });
    await hub.run("worker register", { name: "bob" });
    const by_hand = cloneOf(remote);
    git(by_hand, "fetch", "-q", "origin", "owp");
    git(by_hand, "checkout", "-q", "-b", "owp", "FETCH_HEAD");
    const id = "t_01jd0000000000000000000k3f";
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(by_hand, path)), { recursive: true });
      writeFileSync(join(by_hand, path), text);
    };
    write(
      pathOf("Task", id),
      `# written by hand\nkind: Task\nid: ${id}\ntitle: By hand\nrepo: demo\nstatus: ready\npriority: 70\nestimate: 1\ncreated_at: 2026-01-01T00:00:00Z\n`,
    );
    write(
      pathOf("Lease", id),
      `kind: Lease\ntask: ${id}\nworker: bob\nepoch: 1\nattempt: 1\nphase: in_progress\nttl: null\nexpires_at: null\n`,
    );
    git(by_hand, "add", ".");
    git(by_hand, "commit", "-q", "-m", "a task, and bob takes it");
    git(by_hand, "push", "-q", "origin", "owp");
    expect(await hub.run("claim", { id })).toMatchObject({ ok: false, code: "task_held" });
    const log = await hub.run("log", { limit: 1 });
    expect(log).toMatchObject({ result: { events: [{ event: "record.edited", tasks: [{ id }] }] } });
    await hub.run("note", { id, text: "seen" });
    git(by_hand, "pull", "-q", "--rebase", "origin", "owp");
    expect(readFileSync(join(by_hand, pathOf("Task", id)), "utf8")).toContain("# written by hand");
    await hub.close();
  });
});
