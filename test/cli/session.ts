/** Commands on a record in memory: the real plans behind the real command line and views. */
import { commands } from "../../src/cli/commands.ts";
import type { Refusal } from "../../src/core/refusal.ts";
import type { State } from "../../src/core/state.ts";
import { OPERATIONS } from "../../src/domain/operations.ts";
import type { RunOptions, Success } from "../../src/lib/types.ts";
import { applied, ctx, NOW, record } from "../helpers/record.ts";
import { type Ran, run } from "./support.ts";

/** A clone whose record is a value: each change makes the next one. */
export class Session {
  private state: State;
  private count = 0;

  constructor(
    private readonly name: string,
    ...files: Parameters<typeof record>
  ) {
    this.state = record(...files);
  }

  async owp(line: string, form: { tty?: boolean; stdin?: string } = {}): Promise<Ran> {
    const argv = [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
    const rows = new Map(
      await Promise.all(OPERATIONS.map(async (row) => [row.name, await row.load()] as const)),
    );
    const answer = (name: string, input: unknown, options: RunOptions): Partial<Success> | Refusal => {
      const loaded = rows.get(name);
      if (!loaded) throw new Error(`no operation ${name}`);
      if (!loaded.check(input)) throw new Error(JSON.stringify(loaded.check.errors));
      const op = `01kjm00000000000000000${String(this.count++).padStart(4, "0")}`;
      const plan = loaded.plan(this.state, input as never, ctx(this.name, { op }));
      if (!plan.ok) return plan;
      if (!options.dry_run) this.state = applied(this.state, plan);
      return {
        result: JSON.parse(JSON.stringify(plan.result)),
        warnings: plan.warnings ?? [],
        commit: plan.changes.length > 0 ? "c0ffee" : null,
        op,
      };
    };
    return run(argv, { commands, answer, columns: 100, now: NOW, ...form });
  }

  /** What a command prints on stdout; it must succeed. */
  async says(line: string, form: { tty?: boolean; stdin?: string } = {}): Promise<string> {
    const ran = await this.owp(line, form);
    if (ran.code !== 0) throw new Error(`owp ${line}: ${ran.err}`);
    return ran.out;
  }
}
