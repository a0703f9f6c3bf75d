/** `owp demo`: three clones share a queue; one worker dies and its task is taken over; the ledger tells it all. */
import { rmSync } from "node:fs";
import { simpleGit } from "simple-git";
import type { OpenHub } from "../types.ts";
import { CHORES } from "./plot.ts";
import { must, type Stage, setStage, type Worker } from "./stage.ts";
import { type Claimed, claimOne, pause, type Tell, workAll } from "./work.ts";

/** The dying worker's lease, and how far clocks may differ in the demo: short, so that nobody waits. */
const SHORT_LEASE = "2s";
const SHORT_SKEW = "1s";

export interface DemoReport {
  folder: string | null;
  done: number;
  finished_by: Record<string, number>;
  late_holder: { code: string; message: string };
  commits: number;
}

/** keep: leave the folder, so that the reader can look around. */
export async function playDemo(
  openHub: OpenHub,
  tell: Tell,
  abort: AbortSignal,
  keep: boolean,
): Promise<DemoReport> {
  const stage = await setStage(openHub);
  try {
    return await play(stage, tell, abort, keep);
  } finally {
    for (const { hub } of stage.workers) await hub.close();
    if (!keep) rmSync(stage.root, { recursive: true, force: true });
  }
}

async function play(stage: Stage, tell: Tell, abort: AbortSignal, keep: boolean): Promise<DemoReport> {
  const [amber, birch, cedar] = stage.workers as [Worker, Worker, Worker];
  tell(
    `A bare repository as the hub, and three clones of it: ${stage.workers.map(({ name }) => name).join(", ")}.`,
  );
  await writeQueue(amber, tell);
  for (const { hub, name } of [birch, cedar]) {
    const skills = name === "cedar" ? ["drawing"] : [];
    await must(hub, "worker register", { skills });
  }
  tell("");
  const lost = (await claimOne(cedar, tell, { for: SHORT_LEASE })) as Claimed;
  tell(`cedar dies     and says nothing; its lease on ${lost.short} lasts ${SHORT_LEASE}`);
  tell("");
  const early = [amber, birch].map((worker) => workAll(worker, CHORES, tell, abort));
  await pause(4500);
  const late = await cedar.hub.run("done", { id: lost.id, epoch: lost.epoch, message: "finished late" });
  if (late.ok) throw new Error("a late holder was let through");
  tell(`cedar is back  and says done ${lost.short} with epoch ${lost.epoch}: refused (${late.code})`);
  tell(`               ${late.message}`);
  const counts = await Promise.all([...early, workAll(cedar, CHORES, tell, abort)]);
  return report(stage, lost, late, counts, tell, keep);
}

async function writeQueue(first: Worker, tell: Tell): Promise<void> {
  await must(first.hub, "init", { repo: "demo", max_skew: SHORT_SKEW });
  tell("amber runs     owp init: the record is the branch owp of the hub");
  const ids = new Map<string, string>();
  for (const { title, priority, area, skills, after = [] } of CHORES) {
    const blocked_by = after.map((other) => ids.get(other) as string);
    const added = await must<{ id: string; short: string }>(first.hub, "add", {
      title,
      priority,
      area,
      skills,
      blocked_by,
    });
    ids.set(title, added.id);
    const notes = [
      area && `area ${area}`,
      skills && `needs ${skills.join(", ")}`,
      after.length > 0 && `waits for ${after.length}`,
    ].filter(Boolean);
    tell(`amber adds     ${added.short}  ${title}${notes.length > 0 ? `  (${notes.join("; ")})` : ""}`);
  }
}

async function report(
  stage: Stage,
  lost: Claimed,
  late: { code: string; message: string },
  counts: number[],
  tell: Tell,
  keep: boolean,
): Promise<DemoReport> {
  const { hub } = stage.workers[0] as Worker;
  const { events } = await must<{
    events: { event: string; actor: string; subject: string; commit: string }[];
  }>(hub, "log", { limit: 100 });
  tell("");
  tell("The ledger, oldest first: one commit an operation, and nothing beside the commits.");
  for (const { commit, event, actor, subject } of [...events].reverse()) {
    tell(`  ${commit.slice(0, 8)}  ${event.padEnd(18)} ${actor.padEnd(6)} ${subject}`);
  }
  tell("");
  tell(`What a reviewer reads: the commit that took ${lost.short} over.`);
  const takeover = events.find(({ event }) => event === "task.taken_over");
  if (takeover)
    tell(
      (await simpleGit(stage.remote).raw("show", "--format=  %an, %s", takeover.commit))
        .trimEnd()
        .replaceAll(/^/gm, "  "),
    );
  const done = events.filter(({ event }) => event === "task.done").length;
  tell("");
  tell(
    `${done} of ${CHORES.length} tasks done, each once: ${stage.workers.map(({ name }, i) => `${name} ${counts[i]}`).join(", ")}.`,
  );
  if (keep) {
    tell("");
    tell("Look further:");
    for (const command of ["owp list --all", "owp log", `owp show ${lost.short}`, "git log -p origin/owp"])
      tell(`  cd ${stage.root}/birch && git fetch -q && ${command}`);
    tell(`  rm -rf ${stage.root}      when you have seen enough`);
  }
  return {
    folder: keep ? stage.root : null,
    done,
    finished_by: Object.fromEntries(stage.workers.map(({ name }, i) => [name, counts[i] as number])),
    late_holder: { code: late.code, message: late.message },
    commits: events.length,
  };
}
