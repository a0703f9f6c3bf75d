/**
 * Pull requests over real branches. Merging moves the branch first and writes the record then: where the second step is lost,
 * the same command finds the branch moved and writes the record (docs/decisions/0073).
 */
import { refuse } from "../../core/refusal.ts";
import { pullWanted } from "../../domain/governance/pull-new.ts";
import { mergeReady } from "../../domain/governance/pulls.ts";
import { look } from "../../engine/look.ts";
import type { ProposalPrNewInput } from "../../generated/types.ts";
import type { Service } from "../services.ts";
import { mergeBranch } from "./move.ts";
import { callerContext, openSource } from "./source.ts";

/** The operation, once both branches are seen on the remote (C59). */
export const pullNew: Service = async (hub, input, op, options) => {
  if (options.offline) return hub.operate("proposal pr new", input, op, options);
  const seen = await look(hub.parts);
  if (!seen.ok) return { ...seen.refusal, op };
  const { view } = hub.parts;
  const asked = input as unknown as ProposalPrNewInput;
  const isAsked = typeof asked.proposal === "string" && typeof asked.source_branch === "string";
  // What is not of the form is the operation's to refuse.
  const wanted = isAsked ? await view.loading(() => pullWanted(view.snapshot, asked)) : undefined;
  if (wanted?.ok) {
    const source = await openSource(hub, wanted.repo.slug, options);
    if ("code" in source) return { ...source, op };
    const missing = [wanted.source, wanted.target].find((name) => !source.heads.has(name));
    if (missing !== undefined)
      return {
        ...refuse(
          "branch_unknown",
          `Repo ${wanted.repo.slug} has no branch ${missing} on its remote. Nothing was changed.`,
          { hint: `git push ${source.remote} ${missing}`, data: { branch: missing, repo: wanted.repo.slug } },
        ),
        op,
      };
  }
  return hub.perform("proposal pr new", input, op, options);
};

/** input: {proposal, id}. result: PullWritten. */
export const pullMerge: Service = async (hub, input, op, options) => {
  if (options.offline)
    return {
      ...refuse(
        "offline_needs_remote",
        "owp proposal pr merge is decided by the remote: it cannot wait in a queue.",
      ),
      op,
    };
  const seen = await look(hub.parts);
  if (!seen.ok) return { ...seen.refusal, op };
  const { view } = hub.parts;
  const typed = { proposal: String(input.proposal ?? ""), id: String(input.id ?? "") };
  const ready = await view.loading(() => mergeReady(view.snapshot, typed, callerContext(hub, op)));
  if (!ready.ok) return { ...ready, op };
  const { pull } = ready.file;
  const branches = { source: pull.source_branch, target: pull.target_branch };
  const merged = await mergeBranch(hub, ready.repo.slug, branches, options);
  if ("code" in merged) return { ...merged, op };
  const outcome = await hub.operate("proposal pr merge", { ...typed, merged_as: merged.commit }, op, options);
  if (outcome.ok) return { ...outcome, warnings: [...merged.warnings, ...outcome.warnings] };
  if (merged.already || options.dry_run) return outcome;
  const again = `${pull.target_branch} is at ${merged.commit.slice(0, 10)} now, and the record does not say so yet`;
  return {
    ...outcome,
    message: `${outcome.message} ${again}.`,
    hint: `owp proposal pr merge ${typed.proposal} ${typed.id} writes it down`,
  };
};
