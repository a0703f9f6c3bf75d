/**
 * What the acceptance of a proposal does to the record besides: adopt doctrine, change the policy, make tasks. Each effect
 * is planned by the operation that a member would use by hand, in the author's name, so that whoever casts the deciding
 * vote, or settles, the same comes out. Pure.
 */
import type { Change, Ctx, LedgerEvent, Plan } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { inputRefusal } from "../../core/violations.ts";
import { check as checkAdd } from "../../generated/inputs/add.ts";
import type { AddInput, Effect } from "../../generated/types.ts";
import { planObjectNew } from "../objects/new.ts";
import { planAdd } from "../tasks/add.ts";
import { patchedPolicy } from "./policy.ts";

export const EFFECT_KINDS = ["doctrine", "policy", "tasks"] as const;

export interface Applied {
  ok: true;
  changes: Change[];
  /** Ids of the objects that are made. */
  created: string[];
  /** Tasks that the commit touches, for its trailers. */
  tasks: NonNullable<LedgerEvent["tasks"]>;
}

/** (suspends) The changes that the effect comes to now, or why it cannot be. author: in whose name. */
export function applyEffect(snapshot: Snapshot, effect: Effect, author: string, ctx: Ctx): Applied | Refusal {
  const denied = verifyAllowed(snapshot, effect);
  if (denied) return denied;
  const own = inNameOf(snapshot, author, ctx);
  const parts: (Applied | Refusal)[] = [
    ...(effect.doctrine ? [adopt(snapshot, effect.doctrine, own)] : []),
    ...(effect.policy ? [changePolicy(snapshot, effect.policy)] : []),
    ...(effect.tasks ?? []).map((task, at) => addTask(snapshot, task, at, own)),
  ];
  const all: Applied = { ok: true, changes: [], created: [], tasks: [] };
  for (const part of parts) {
    if (!part.ok) return part;
    const twice = part.changes.find(({ path }) => all.changes.some((change) => change.path === path));
    if (twice)
      return refuse("invalid_input", `Two parts of the effect change ${twice.path}. Nothing was changed.`, {
        data: { field: "effect", path: twice.path },
      });
    all.changes.push(...part.changes);
    all.created.push(...part.created);
    all.tasks.push(...part.tasks);
  }
  return all;
}

function verifyAllowed({ rules }: Snapshot, effect: Effect): Refusal | undefined {
  const kinds = Object.keys(effect);
  if (kinds.length === 0)
    return refuse("invalid_input", "The effect is empty. Nothing was changed.", {
      hint: `an effect has ${EFFECT_KINDS.join(", ")}, or several of them`,
      data: { field: "effect" },
    });
  const stranger = kinds.find((kind) => !rules.effects.includes(kind));
  if (stranger === undefined) return undefined;
  const allowed = rules.effects.length > 0 ? `only ${rules.effects.join(", ")}` : "none";
  return refuse(
    "effect_denied",
    `The policy does not allow an effect on ${stranger}: governance.effects in owp.yaml allows ${allowed}. Nothing was changed.`,
    { data: { field: `effect.${stranger}`, allowed: rules.effects } },
  );
}

/** The author acts, wherever and by whomever the decision is written down. */
function inNameOf(snapshot: Snapshot, author: string, ctx: Ctx): Ctx {
  const actor_kind = snapshot.workers.get(author)?.actor_kind ?? ctx.caller.actor_kind;
  return { ...ctx, caller: { ...ctx.caller, name: author, explicit: true, actor_kind } };
}

function adopt(snapshot: Snapshot, value: object, ctx: Ctx): Applied | Refusal {
  return made(planObjectNew(snapshot, { kind: "doctrine", value: { ...value } }, ctx));
}

function changePolicy(snapshot: Snapshot, patch: object): Applied | Refusal {
  const patched = patchedPolicy(snapshot, patch);
  if (!patched.ok) return patched;
  const changes = [{ path: pathOf("Policy", ""), value: patched.policy }];
  return { ok: true, changes, created: [], tasks: [] };
}

function addTask(snapshot: Snapshot, input: object, at: number, ctx: Ctx): Applied | Refusal {
  if (checkAdd(input)) return made(planAdd(snapshot, input as AddInput, ctx));
  const wrong = inputRefusal(checkAdd.errors, input);
  return { ...wrong, message: `effect.tasks[${at}]: ${wrong.message}` };
}

function made(plan: Plan<{ id: string }>): Applied | Refusal {
  if (!plan.ok) return plan;
  const { changes, result, event } = plan;
  return { ok: true, changes, created: [result.id], tasks: event?.tasks ?? [] };
}
