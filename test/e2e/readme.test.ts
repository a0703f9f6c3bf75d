import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { bareHub, cloneOf, git, tempDir } from "../helpers/git.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const README = readFileSync(join(ROOT, "README.md"), "utf8");

/** The shell blocks behind `<!-- run: name -->`. */
function blockOf(name: string): string {
  const text = new RegExp(`<!-- run: ${name} -->\\n\`\`\`(?:sh|js)\\n([\\s\\S]*?)\`\`\``).exec(README)?.[1];
  if (!text) throw new Error(`README.md has no block ${name} to run`);
  return text;
}

const bin = tempDir();
writeFileSync(
  join(bin, "owp"),
  `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, "bin/owp.js")}' "$@"\n`,
  { mode: 0o755 },
);

function shell(dir: string, script: string) {
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  const done = spawnSync("bash", ["-euo", "pipefail", "-c", script], { cwd: dir, env, encoding: "utf8" });
  return { status: done.status, out: done.stdout, err: done.stderr };
}

describe("the README", () => {
  it("has blocks that run as they stand, and three clones share a queue", () => {
    const hub = bareHub();
    const [first, second, third] = [cloneOf(hub), cloneOf(hub), cloneOf(hub)];
    const began = shell(first, blockOf("first"));
    expect(began, began.err).toMatchObject({ status: 0 });
    const worked = shell(second, blockOf("second"));
    expect(worked, worked.err).toMatchObject({ status: 0 });
    expect(worked.out).toContain("Fix the login");
    const next = shell(third, "owp claim --json");
    expect(JSON.parse(next.out).result.tasks[0]).toMatchObject({ title: "Test the login", epoch: 1 });
    const program = tempDir();
    mkdirSync(join(program, "node_modules"));
    symlinkSync(ROOT, join(program, "node_modules", "owp"));
    writeFileSync(join(program, "program.mjs"), blockOf("library"));
    shell(third, "owp add 'One more'");
    expect(shell(third, `node '${join(program, "program.mjs")}'`).out).toContain("One more");
    expect(git(hub, "log", "--format=%s", "owp").split("\n").slice(2, 5).join("; ")).toMatch(
      /^claim .*; done .*; claim /,
    );
  });
});
