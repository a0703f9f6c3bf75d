/** Codex reads AGENTS.md. */
import { agentsPart } from "./agents.ts";
import type { Target } from "./target.ts";

export const codex: Target = {
  pieces: async ({ branch }) => [agentsPart(branch, "codex")],
  next: () => [
    'let Codex run owp outside of its sandbox: prefix_rule(pattern = ["owp"], decision = "allow") in ~/.codex/rules/owp.rules',
  ],
};
