/** The moment that a file of a member's act carries. */
import { ulidTime } from "../../core/ids.ts";
import type { Ctx } from "../../core/operation.ts";
import { difficultyOf, type PowAction } from "../../core/pow.ts";
import type { Rules } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";

/**
 * Now. Where the act asks for proof of work it is the moment at which the operation began, which its id tells: the stamp is
 * bound to the content, and the content must be the same when the operation comes again with it.
 */
export const momentOf = (ctx: Ctx, rules: Rules, action: PowAction): string =>
  iso(difficultyOf(rules, action) === 0 ? ctx.now : ulidTime(ctx.op));
