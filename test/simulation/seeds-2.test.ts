import { test } from "vitest";
import { expectAllHold } from "./many.ts";

// A39, A44, A51, F06, F07: whatever goes wrong, one winner, nothing lost, nothing done twice.
test("every rule holds in 250 simulations from seed 251 on", { timeout: 240_000 }, () => expectAllHold(251));
