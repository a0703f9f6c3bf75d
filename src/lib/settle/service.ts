/** `owp settle`: the code's history in this clone, or a range of it, ends the tasks that its commits name. */
import type { Refusal } from "../../core/refusal.ts";
import { noRecord } from "../../engine/answers.ts";
import { look } from "../../engine/look.ts";
import { type Service, success } from "../services.ts";
import type { Success } from "../types.ts";
import { placesWith, readRange, SPAN_LIMIT, spanOf } from "./range.ts";
import { tipOf } from "./refs.ts";
import { type Code, codeOf, joined, NOTHING, reading, type Stretch, settleStretch } from "./stretch.ts";

/** input.range: A..B; left out: the newest commits of the default branch. A caller that knows them gives `merged` itself. */
export const runSettle: Service = async (hub, input, op, options) => {
  if (input.merged !== undefined) return hub.operate("settle", input, op, options);
  const seen = options.offline ? undefined : await look(hub.parts);
  if (seen && !seen.ok) return { ...seen.refusal, op };
  const bare = noRecord(hub.parts.view.snapshot, hub.parts.names.branch);
  if (bare) return { ...bare, op };
  if (!hub.parts.view.snapshot.rules.merge_closes)
    return success(hub, op, NOTHING, ["owp.yaml says merge.closes: false, so a merge ends no task"]);
  return reading(hub, op, async () => {
    const code = await codeOf(hub);
    if ("code" in code) return { ...code, op };
    const stretches =
      typeof input.range === "string" ? await ofRange(code, input.range) : await ofBranches(code);
    if ("code" in stretches) return { ...stretches, op };
    let outcome: Success = await success(hub, op, NOTHING, stretches.notes);
    for (const [index, stretch] of stretches.list.entries()) {
      const next = await settleStretch(hub, code, stretch, index === 0 ? op : hub.parts.newOp(), options);
      if (!next.ok) return next;
      outcome = joined(outcome, next);
    }
    return outcome;
  });
};

type Stretches = { list: Stretch[]; notes: string[] };

async function ofRange({ repository, history, places }: Code, text: string): Promise<Stretches | Refusal> {
  const typed = readRange(text);
  if (typed === null) return { list: [], notes: ["the branch was deleted: there is nothing to look at"] };
  if ("code" in typed) return typed;
  const found = await spanOf(history, repository, typed);
  if ("code" in found) return found;
  const having = await placesWith(history, repository, places, found.span.to);
  if ("code" in having) return having;
  if (having.length === 0) return { list: [], notes: ["no repo of the record has its code in this clone"] };
  return { list: [{ places: having, ...found, tellsCut: found.notes.length === 0 }], notes: [] };
}

async function ofBranches({ repository, places }: Code): Promise<Stretches> {
  const list: Stretch[] = [];
  const notes: string[] = [];
  for (const place of places) {
    const to = place.ref && (await tipOf(repository, place.ref));
    if (!place.ref)
      notes.push(`${place.name} is not known here: owp repo set ${place.repos[0]} --default-branch <name>`);
    else if (!to) notes.push(`this clone has no ${place.name}: git fetch brings it`);
    else list.push({ places: [place], span: { to, limit: SPAN_LIMIT }, notes: [], tellsCut: true });
  }
  return { list, notes };
}
