/** The rules of history that are not about leases: what may never change, who may raise trust, and honest trailers. */
import { OBJECT_KINDS } from "../../core/paths.ts";
import { readsProtocol } from "../../core/rules.ts";
import { iso, spell } from "../../core/time.ts";
import type { Policy, Worker } from "../../generated/types.ts";
import { ANY, type CommitRule, OWN } from "./commit-rule.ts";
import type { CommitView } from "./commit-view.ts";
import { EFFECT_RULES } from "./effect-rules.ts";
import { EPOCH_RULES } from "./epoch-rules.ts";
import { HOLDER_RULES } from "./holder-rules.ts";
import { JOB_COMMIT_RULES } from "./job-rules.ts";
import { MEMBER_RULES } from "./member-rules.ts";
import { MERGE_RULES } from "./merge-rules.ts";
import { OBJECT_COMMIT_RULES } from "./object-commit-rules.ts";
import { PROPOSAL_RULES } from "./proposal-rules.ts";
import type { Found } from "./rule.ts";
import { RUN_RULES } from "./run-rules.ts";
import { SIGNATURE_RULES } from "./signature-rules.ts";
import { STAMP_RULES } from "./stamp-rules.ts";
import { VOTE_RULES } from "./vote-rules.ts";
import { WHO_RULES } from "./who-rules.ts";

export const COMMIT_RULES: readonly CommitRule[] = [
  ...WHO_RULES,
  ...EPOCH_RULES,
  ...HOLDER_RULES,
  ...MERGE_RULES,
  ...JOB_COMMIT_RULES,
  ...OBJECT_COMMIT_RULES,
  ...RUN_RULES,
  ...SIGNATURE_RULES,
  ...MEMBER_RULES,
  ...PROPOSAL_RULES,
  ...EFFECT_RULES,
  ...VOTE_RULES,
  ...STAMP_RULES,
  {
    code: "protocol_changed",
    severity: "error",
    kinds: ["Policy"],
    on: ANY,
    why: "A new major version of the protocol locks out every clone that does not read it; it is never changed in passing.",
    check: protocolChanged,
  },
  {
    code: "trust_raised",
    severity: "error",
    kinds: ["Worker"],
    on: OWN,
    why: "Only a maintainer raises a worker's trust, or registers one above the policy's default.",
    check: (view) => (view.actor === undefined || view.byMaintainer || view.first ? [] : raisedTrust(view)),
  },
  {
    code: "trust_edited",
    severity: "warning",
    kinds: ["Worker"],
    on: ["edit"],
    why: "A commit that is no operation does not say who made it, so whether a maintainer raised this trust has to be looked at.",
    check: (view) => (view.actor !== undefined || view.first ? [] : raisedTrust(view)),
  },
  {
    code: "trailers_ignored",
    severity: "warning",
    kinds: ["Task", "Lease", "Worker", "Repo", "Policy", ...OBJECT_KINDS],
    on: ANY,
    why: "Trailers count only on a single-parent commit whose diff they explain; otherwise a pasted text could forge an event.",
    check: ({ ignored, commit }) =>
      ignored
        ? [
            {
              message: `The commit's trailers name ${commit.entry?.event}, but ${ignored}; it is read as an edit.`,
            },
          ]
        : [],
  },
  {
    code: "commit_future",
    severity: "warning",
    kinds: ["Task", "Lease", "Worker", "Repo", "Policy", ...OBJECT_KINDS],
    on: ANY,
    why: "A commit from the future comes from a wrong clock; its time is ignored where clocks are judged.",
    check: ({ commit, now, rules }) => {
      const ahead = commit.at_ms - now;
      if (!(ahead > rules.max_skew_ms)) return [];
      return [
        {
          message: `The commit is dated ${iso(commit.at_ms)}, ${spell(ahead)} ahead of this machine's clock.`,
        },
      ];
    },
  },
];

function* protocolChanged({ files }: CommitView): Iterable<Found> {
  for (const { path, kind, before, after } of files) {
    if (kind !== "Policy" || !before || !after) continue;
    const [from, to] = [(before as Policy).protocol, (after as Policy).protocol];
    if (from.split(".")[0] === to.split(".")[0]) continue;
    const reads = readsProtocol(to) ? "" : ", which this version does not read";
    yield { path, keys: ["protocol"], message: `The protocol went from ${from} to ${to}${reads}.` };
  }
}

const TRUST: readonly Worker["trust_tier"][] = ["untrusted", "basic", "trusted", "maintainer"];

function* raisedTrust({ files, rules }: CommitView): Iterable<Found> {
  for (const { path, kind, before, after } of files) {
    if (kind !== "Worker" || !after) continue;
    const [old, fresh] = [before as Worker | undefined, after as Worker];
    const from = old?.trust_tier ?? rules.default_trust;
    if (TRUST.indexOf(fresh.trust_tier) <= TRUST.indexOf(from)) continue;
    const message = old
      ? `The trust of ${fresh.name} went from ${from} to ${fresh.trust_tier}.`
      : `${fresh.name} was registered as ${fresh.trust_tier}, and the policy gives ${from}.`;
    yield { path, keys: ["trust_tier"], message };
  }
}
