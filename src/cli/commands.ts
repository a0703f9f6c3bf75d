/** Every command: the rows of the operations table, some of them widened, and those that are no operation. Loads no plan. */
import { OPERATIONS } from "../domain/operations.ts";
import { type Command, fromOperation } from "./command.ts";
import { complete } from "./commands/__complete.ts";
import { claim } from "./commands/claim.ts";
import { completion } from "./commands/completion.ts";
import { demo } from "./commands/demo.ts";
import { doctor } from "./commands/doctor.ts";
import { exportCommand } from "./commands/export.ts";
import { heartbeat } from "./commands/heartbeat.ts";
import { help } from "./commands/help.ts";
import { importCommand } from "./commands/import.ts";
import { init } from "./commands/init.ts";
import { jobClaim, jobFenced } from "./commands/job.ts";
import { jobLedger } from "./commands/job-ledger.ts";
import { log } from "./commands/log.ts";
import { objectContent } from "./commands/object-content.ts";
import { patchable } from "./commands/patchable.ts";
import { queues } from "./commands/queues.ts";
import { repair } from "./commands/repair.ts";
import { repoSet } from "./commands/repo-set.ts";
import { schema } from "./commands/schema.ts";
import { settle } from "./commands/settle.ts";
import { setup } from "./commands/setup.ts";
import { shownAs } from "./commands/shown-as.ts";
import { sync } from "./commands/sync.ts";
import { trailer } from "./commands/trailer.ts";
import { uninit } from "./commands/uninit.ts";
import { validate } from "./commands/validate.ts";
import { workerRegister } from "./commands/worker-register.ts";
import { withPath } from "./path-in-repo.ts";

/** Commands of operations that do more than run them. */
const WIDENED: Record<string, (plain: Command) => Command> = {
  add: (plain) => patchable(withPath(plain)),
  areas: withPath,
  claim,
  export: exportCommand,
  edit: patchable,
  import: (plain) => patchable(importCommand(plain)),
  init,
  "job claim": jobClaim,
  "job heartbeat": jobFenced,
  "job complete": jobFenced,
  "job fail": jobFenced,
  settle,
  show: shownAs(
    "markdown",
    "The brief (--brief) as Markdown, for instance for a prompt or an issue.",
    "brief markdown",
    { brief: true },
  ),
  trace: shownAs("mermaid", "As a Mermaid diagram, with an arrow from cause to effect.", "trace mermaid"),
  trailer,
  repair,
  note: patchable,
  "object new": objectContent,
  "object edit": objectContent,
  "repo set": repoSet,
  "worker register": workerRegister,
};

const OWN: readonly Command[] = [
  setup,
  uninit,
  demo,
  heartbeat,
  log,
  queues,
  ...jobLedger,
  schema,
  validate,
  doctor,
  sync,
  completion,
  help,
  complete,
];

export const commands: readonly Command[] = [
  ...OPERATIONS.map((row) => {
    const plain = fromOperation(row);
    return WIDENED[row.name]?.(plain) ?? plain;
  }),
  ...OWN,
];
