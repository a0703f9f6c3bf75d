/** Changes a worker's record: its own, or any by a maintainer; trust and reputation are a maintainer's to give (FEATURES A13, A14). */
import type { Ctx, Plan } from "../../core/operation.ts";
import { pathOf } from "../../core/paths.ts";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { iso } from "../../core/time.ts";
import type { Worker, WorkerEditInput } from "../../generated/types.ts";
import { isMaintainer } from "./acting.ts";
import { readWorkerFields, WORKER_FIELDS, type WorkerFields } from "./fields.ts";
import { targetWorker, verifyMaintained, verifyOwn } from "./rights.ts";

export interface WorkerEdited {
  name: string;
  /** The fields that changed. */
  changed: string[];
  /** It was so before; nothing was published. */
  already?: true;
}

const MAINTAINERS_ONLY: ReadonlySet<string> = new Set(["trust_tier", "reputation"]);

export function planWorkerEdit(snapshot: Snapshot, input: WorkerEditInput, ctx: Ctx): Plan<WorkerEdited> {
  const target = targetWorker(snapshot, input.name, ctx);
  if (!target.ok) return target;
  const denied = verifyOwn(target);
  if (denied) return denied;
  const { me, worker } = target;
  const wanted = readWanted(input, worker);
  if (!wanted.ok) return wanted;
  const next = withWorkerFields(worker, wanted.fields);
  const changed = WORKER_FIELDS.filter((name) => JSON.stringify(worker[name]) !== JSON.stringify(next[name]));
  if (changed.length === 0)
    return { ok: true, changes: [], result: { name: worker.name, changed: [], already: true } };
  const reserved = changed.filter((name) => MAINTAINERS_ONLY.has(name));
  if (reserved.length > 0 && !isMaintainer(me.worker)) {
    return refuse(
      "not_allowed",
      `Only a maintainer changes ${reserved.join(" and ")}. Nothing was changed.`,
      {
        data: { worker: worker.name, fields: reserved },
      },
    );
  }
  const unmaintained = verifyMaintained(snapshot, next);
  if (unmaintained) return unmaintained;
  return {
    ok: true,
    changes: [{ path: pathOf("Worker", worker.name), value: { ...next, updated_at: iso(ctx.now) } }],
    event: {
      type: "worker.edited",
      subject: `edit ${worker.name}: ${changed.join(", ")}`,
      actor: me.name,
      ...(me.name === worker.name ? {} : { worker: worker.name }),
    },
    result: { name: worker.name, changed },
  };
}

function readWanted(input: WorkerEditInput, worker: Worker): { ok: true; fields: WorkerFields } | Refusal {
  const { add_skill = [], remove_skill = [], clear = [] } = input;
  const inPart = add_skill.length + remove_skill.length > 0;
  const ways = (field: keyof WorkerFields) =>
    Number(input[field as keyof WorkerEditInput] !== undefined) +
    Number(clear.some((name) => name === field));
  const twice = clear.find((name) => ways(name) > 1) ?? (inPart && ways("skills") > 0 ? "skills" : undefined);
  if (twice) {
    return refuse(
      "invalid_input",
      `${twice} is given in more than one way (set, cleared, added to). Nothing was changed.`,
      {
        data: { field: twice },
      },
    );
  }
  const fold = (word: string) => word.trim().toLowerCase();
  const gone = new Set(remove_skill.map(fold));
  const skills = inPart
    ? { skills: [...worker.skills.filter((skill) => !gone.has(fold(skill))), ...add_skill] }
    : {};
  const read = readWorkerFields({ ...input, ...skills });
  if (!read.ok) return read;
  for (const name of clear) read.fields[name] = undefined;
  return read;
}

function withWorkerFields(worker: Worker, fields: WorkerFields): Worker {
  const next: Worker = {
    ...worker,
    ...(fields as Partial<Worker>),
    skills: "skills" in fields ? (fields.skills ?? []) : worker.skills,
  };
  for (const name of WORKER_FIELDS) if (next[name] === undefined) delete next[name];
  return next;
}
