/**
 * What the product loads when it first needs it, loaded before time begins: to load a module takes real time, in which
 * the scheduler, which knows only its own calls, would let virtual hours pass.
 */
import { OPERATIONS } from "../../src/domain/operations.ts";
import { planning } from "../../src/engine/transact.ts";
import { loadOperation } from "../../src/lib/hub.ts";

let done: Promise<unknown> | undefined;

export function loadAll(): Promise<unknown> {
  done ??= Promise.all([
    planning(),
    ...OPERATIONS.map(({ name }) => loadOperation(name)),
    import("../../src/core/codec.ts"),
    import("../../src/domain/tasks/pin.ts"),
    import("../../src/engine/heartbeat-text.ts"),
    import("../../src/lib/brief.ts"),
    import("../../src/lib/settle/new.ts"),
  ]);
  return done;
}
