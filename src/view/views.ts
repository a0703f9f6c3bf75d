/** Which view shows the result of which command; loaded when it is needed. */
import type { View } from "./look.ts";
import { plain } from "./plain.ts";

/** The views differ in the results that they read; the command's name is what ties a result to its view. */
type AnyView = View<never>;

const act = (name: Parameters<typeof import("./act.ts").act>[0]) => async () =>
  (await import("./act.ts")).act(name);
const tasks = () => import("./tasks.ts");
const jobs = () => import("./jobs.ts");
const workers = () => import("./workers.ts");
const jobLedger = () => import("./job-ledger.ts");
const objects = () => import("./objects.ts");

/** Not a command: the view of an operation that had landed before, whichever it was. */
export const LANDED = "landed";

const VIEWS: Record<string, () => Promise<AnyView>> = {
  add: async () => (await tasks()).add,
  edit: async () => (await tasks()).edit,
  note: async () => (await tasks()).note,
  list: async () => (await import("./list.ts")).list,
  search: async () => (await import("./list.ts")).search,
  done: act("done"),
  fail: act("fail"),
  release: act("release"),
  handoff: act("handoff"),
  block: act("block"),
  pr: act("pr"),
  resume: act("resume"),
  requeue: act("requeue"),
  cancel: act("cancel"),
  claim: async () => (await import("./claim.ts")).claim,
  ready: async () => (await import("./ready.ts")).ready,
  status: async () => (await import("./status.ts")).status,
  schema: async () => (await import("./schema.ts")).schema,
  trace: async () => (await import("./chain.ts")).trace,
  // Not commands: other forms that --mermaid and --markdown ask for.
  "trace mermaid": async () => (await import("./chain.ts")).mermaid,
  "brief markdown": async () => (await import("./brief-markdown.ts")).briefMarkdown,
  refs: async () => (await import("./chain.ts")).refs,
  show: async () => (await import("./show.ts")).show,
  prime: async () => (await import("./prime.ts")).prime,
  "repo list": async () => (await import("./repos.ts")).repoList,
  "repo show": async () => (await import("./repos.ts")).repoShow,
  "repo set": async () => (await import("./repos.ts")).repoSet,
  "object new": async () => (await objects()).objectNew,
  "object show": async () => (await objects()).objectShow,
  "object list": async () => (await objects()).objectList,
  "object edit": async () => (await objects()).objectEdit,
  "object link": async () => (await objects()).objectLink,
  "object check": async () => (await objects()).objectCheck,
  areas: async () => (await import("./areas.ts")).areas,
  "worker list": async () => (await workers()).workerList,
  "worker show": async () => (await workers()).workerShow,
  "worker register": async () => (await workers()).workerRegister,
  "worker edit": async () => (await workers()).workerEdit,
  "worker pause": async () => (await workers()).workerStood,
  "worker resume": async () => (await workers()).workerStood,
  "worker retire": async () => (await workers()).workerStood,
  "job submit": async () => (await jobs()).jobSubmit,
  "job show": async () => (await jobs()).jobShow,
  "job list": async () => (await jobs()).jobList,
  "job claim": async () => (await jobs()).jobClaim,
  "job heartbeat": async () => (await jobs()).jobHeartbeat,
  "job complete": async () => (await jobs()).jobEnd,
  "job fail": async () => (await jobs()).jobEnd,
  "job cancel": async () => (await jobs()).jobCancel,
  setup: async () => (await import("./setup.ts")).setup,
  repair: async () => (await import("./repair.ts")).repair,
  uninit: async () => (await import("./uninit.ts")).uninit,
  init: async () => (await import("./exchange.ts")).init,
  import: async () => (await import("./exchange.ts")).importView,
  export: async () => (await import("./text.ts")).text,
  queues: async () => (await import("./queues.ts")).queues,
  log: async () => (await import("./log.ts")).log,
  "job events": async () => (await jobLedger()).jobEvents,
  "job ready": async () => (await jobLedger()).jobReady,
  "job status": async () => (await jobLedger()).jobStatus,
  "job snapshot": async () => (await jobLedger()).jobSnapshot,
  "job rebuild": async () => (await jobLedger()).jobRebuild,
  settle: async () => (await import("./settle.ts")).settle,
  trailer: async () => (await import("./settle.ts")).trailer,
  sync: async () => (await import("./sync.ts")).sync,
  heartbeat: async () => (await import("./sync.ts")).heartbeat,
  // Not a command: an operation that was written as a patch.
  patched: async () => (await import("./patched.ts")).patched,
  [LANDED]: async () => (await import("./landed.ts")).landed,
  // These two print their findings themselves, whether they refuse or not.
  doctor: async () => ({ render: () => "" }),
  validate: async () => ({ render: () => "" }),
  demo: async () => (await import("./text.ts")).text,
  help: async () => (await import("./text.ts")).text,
  completion: async () => (await import("./text.ts")).text,
  __complete: async () => (await import("./text.ts")).text,
};

/** The command's view, or plain lines for a command that has none of its own. */
export async function loadView(command: string): Promise<View> {
  return ((await VIEWS[command]?.()) as View | undefined) ?? plain;
}
