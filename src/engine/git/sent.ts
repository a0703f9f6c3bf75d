/** Whether a push got as far as sending anything. git's exit status does not say so, but what it started does. */
import { randomBytes } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * A push names its refs to the server before it starts `pack-objects`, and no ref that needs objects moves before the
 * pack has arrived. So where no pack was made, nothing landed. Where the trace cannot be read, all may have.
 */
export class PushTrace {
  readonly #path: string;
  /** For the process that pushes. */
  readonly env: NodeJS.ProcessEnv;

  constructor(store: string) {
    this.#path = join(store, `push-${randomBytes(8).toString("hex")}.trace`);
    this.env = { GIT_TRACE: this.#path };
  }

  /** true: a pack was made, or it cannot be known. Removes the trace. */
  finish(): boolean {
    try {
      const trace = readFileSync(this.#path, "utf8");
      return !trace.includes("git push") || trace.includes("pack-objects");
    } catch {
      return true;
    } finally {
      rmSync(this.#path, { force: true });
    }
  }
}
