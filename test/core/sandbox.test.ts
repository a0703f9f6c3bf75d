import { describe, expect, test } from "vitest";
import { type Code, refuse } from "../../src/core/refusal.ts";
import { inSandbox, sandboxOf } from "../../src/core/sandbox.ts";

const CODEX = { CODEX_SANDBOX_NETWORK_DISABLED: "1" };

describe("the sandbox of a coding agent", () => {
  test.each<[Record<string, string>, string | undefined]>([
    [CODEX, "Codex (CODEX_SANDBOX_NETWORK_DISABLED=1)"],
    [{ CODEX_SANDBOX: "seatbelt" }, "Codex (CODEX_SANDBOX=seatbelt)"],
    [{ SANDBOX_RUNTIME: "1" }, "Claude Code (SANDBOX_RUNTIME=1)"],
    [{ SANDBOX: "sandbox-exec", GEMINI_CLI: "1" }, "Gemini CLI (SANDBOX=sandbox-exec)"],
    [{ CURSOR_SANDBOX: "1" }, "Cursor (CURSOR_SANDBOX=1)"],
    [{ SANDBOX: "mine" }, undefined],
    [{ CODEX_SANDBOX_NETWORK_DISABLED: "0" }, undefined],
    [{ CLAUDECODE: "1", GEMINI_CLI: "1" }, undefined],
    [{}, undefined],
  ])("%j is %s", (env, name) => {
    const found = sandboxOf(env);
    if (name === undefined) expect(found).toBeUndefined();
    else
      expect(found).toEqual({
        message: expect.stringContaining(name),
        hint: expect.stringMatching(/outside of|the sandbox/),
      });
  });

  test.each<[Code, Record<string, unknown>, boolean]>([
    ["not_writable", { fault: "disk" }, true],
    ["remote_unreachable", { fault: "unreachable", git: "Could not resolve host: example.org" }, true],
    ["remote_unreachable", { fault: "transport" }, true],
    ["remote_unreachable", { fault: "not_found" }, false],
    ["remote_denied", { fault: "auth", git: "remote: fatal: write error: Read-only file system" }, true],
    ["remote_denied", { fault: "auth", git: "Authentication failed for x" }, false],
    ["task_held", {}, false],
  ])("%s with %j is explained by it: %s", (code, data, explained) => {
    const refusal = refuse(code, "It did not work.", { data });
    expect(inSandbox(refusal, {})).toEqual(refusal);
    const told = inSandbox(refusal, CODEX);
    if (!explained) expect(told).toEqual(refusal);
    else
      expect(told).toEqual({
        ...refusal,
        message: expect.stringMatching(
          /^It did not work\. The sandbox of Codex .* may close the network and the \.git folder/,
        ),
        hint: expect.stringContaining("outside of the sandbox"),
      });
  });
});
