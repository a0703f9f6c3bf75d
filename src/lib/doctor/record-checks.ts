/** The record itself: its history, its form, its files, and how the clock stands to it. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { PROTOCOL, readsProtocol } from "../../core/rules.ts";
import { iso, spell } from "../../core/time.ts";
import { noRecord } from "../../engine/answers.ts";
import { hideCredentials } from "../../engine/git/errors.ts";
import { LOOKED_AT } from "../../engine/look.ts";
import type { Oid } from "../../engine/ports.ts";
import { commitsBetween } from "../../engine/walk.ts";
import { indexName, openHub } from "../open.ts";
import { type CheckRow, count, type Finding, failing, fine, type Patient, row } from "./check.ts";

/** Problems that are named; the rest is counted. */
const SHOWN_FILES = 3;
/** The server's clock is asked for no longer than this. */
const DATE_TIMEOUT_MS = 10_000;
/** A difference to the server's clock that is worth saying: its Date has whole seconds, and the answer takes its time. */
const CLOCK_WARN_MS = 30_000;
const FUTURE_MS = 24 * 3_600_000;

type Seen = Patient & Required<Pick<Patient, "folder" | "target" | "branch" | "fetched" | "hub">>;

export const RECORD_CHECKS: readonly CheckRow[] = [
  row("history", ["folder", "target", "branch", "fetched", "hub"], async (patient) => {
    const { view, desk, clock } = patient.hub.parts;
    await view.open();
    patient.looked = { previous: await desk.recall<number>(LOOKED_AT), from: clock.elapsed() };
    const was = view.snapshot.tip;
    const refusal = await view.advance(patient.fetched.record);
    if (refusal?.code === "record_rewritten") return replaced(patient, was as Oid);
    await view.persist();
    return fine(patient.fetched.record === null ? "none yet" : "goes on from what this clone saw last");
  }),
  row("record", ["fetched", "hub"], async (patient) => {
    const { view, names } = patient.hub.parts;
    if (view.snapshot.tip !== patient.fetched.record)
      return { state: "skipped", message: "not looked at: its history was replaced" };
    const bare = noRecord(view.snapshot, names.branch);
    if (bare?.code === "not_initialized")
      return {
        state: "warning",
        message: bare.message,
        hint: patient.elsewhere ? `git config owp.remote ${patient.elsewhere}` : "owp init",
      };
    if (bare) return failing(bare);
    patient.record = true;
    return fine(
      `${count([...view.snapshot.open()].length, "open task")}, ${count(view.snapshot.workers.size, "worker")}`,
    );
  }),
  row("protocol", ["record", "hub"], async ({ hub }) => {
    const { protocol } = hub.parts.view.snapshot.rules;
    if (readsProtocol(protocol)) return fine(protocol);
    return {
      state: "failed",
      message: `The record speaks protocol ${protocol}; this owp reads ${PROTOCOL}.`,
      hint: "npm install -g owp@latest",
    };
  }),
  row("files", ["record", "hub"], async ({ hub }) => {
    const problems = [...hub.parts.view.snapshot.problems.values()];
    if (problems.length === 0) return fine("every file can be read");
    const named = problems
      .slice(0, SHOWN_FILES)
      .map(({ path, line, message }) => `${path}${line ? `:${line}` : ""}: ${message}`);
    return {
      state: "failed",
      message: `${count(problems.length, "file")} of the record cannot be read. ${named.join("; ")}`,
      hint: "owp repair",
    };
  }),
  row("clock", ["hub"], async (patient) => {
    const { now } = patient.options;
    const { view, clone } = patient.hub.parts;
    const { previous, from } = patient.looked ?? { previous: undefined, from: Number.POSITIVE_INFINITY };
    const wrong = patient.record && view.clockProblem(now, clone, previous, from);
    const hint =
      "set the clock (for instance with timedatectl); until then nothing that depends on time is done";
    if (wrong) return { state: "failed", message: `${wrong}.`, hint };
    const server = patient.options.offline ? undefined : await serverClock(patient.target?.url ?? "", now);
    if (server !== undefined && Math.abs(server) > CLOCK_WARN_MS) {
      const state = Math.abs(server) > view.snapshot.rules.max_skew_ms ? "failed" : "warning";
      return {
        state,
        message: `This clock is ${spell(Math.abs(server))} ${server > 0 ? "behind" : "ahead of"} the server's.`,
        hint,
      };
    }
    const ahead = view.recent.find(({ at }) => at > now + FUTURE_MS);
    if (ahead)
      return {
        state: "warning",
        message: `Commit ${ahead.oid.slice(0, 10)} of ${ahead.actor} is dated ${iso(ahead.at)}: that clone's clock is wrong. It is not believed.`,
        hint: `set the clock of ${ahead.actor}'s machine`,
      };
    return fine(
      `${iso(now)}${server === undefined ? ", plausible beside what the record shows" : ", the same as the server's"}`,
    );
  }),
];

/** The remote's record does not descend from what this clone saw: gone, set back, or another history. */
async function replaced(patient: Seen, was: Oid): Promise<Finding> {
  const is = patient.fetched.record;
  const { view, store } = patient.hub.parts;
  const back = is === null ? undefined : await commitsBetween(store, is, was);
  const what =
    is === null
      ? `The record's branch is gone from the remote; this clone saw ${was.slice(0, 10)} last.`
      : back?.descends
        ? `The record on the remote was set back by ${count(back.commits.length, "commit")}, from ${was.slice(0, 10)} to ${is.slice(0, 10)}.`
        : `The record on the remote (${is.slice(0, 10)}) does not descend from what this clone saw last (${was.slice(0, 10)}): its history was replaced.`;
  if (!patient.options.accept_rewrite) {
    const ref = `refs/heads/${patient.branch}`;
    const push = `git --git-dir ${join(patient.folder, "store.git")} push --force-with-lease=${ref}:${is ?? ""} ${hideCredentials(patient.target.url)} ${was}:${ref}`;
    return {
      state: "failed",
      message: what,
      hint: `if that was meant: owp doctor --accept-rewrite; if not, put it back: ${push}`,
    };
  }
  if (is !== null) {
    await view.advance(is, true);
    await view.persist();
    return { ...fine("follows the remote"), fixed: `${what} This clone follows it now.` };
  }
  rmSync(join(patient.folder, "index", indexName(patient.target.url, patient.branch)), {
    recursive: true,
    force: true,
  });
  const hub = await openHub(patient.place);
  if ("code" in hub) return failing(hub);
  await patient.hub.close();
  (patient as Patient).hub = hub;
  return { ...fine("none any more"), fixed: `${what} This clone has forgotten it.` };
}

/** How far this clock is behind the server's, in ms; undefined where the server does not tell. */
async function serverClock(url: string, now: number): Promise<number | undefined> {
  if (!/^https?:\/\//.test(url)) return undefined;
  const began = performance.now();
  try {
    const place = new URL(`${url.replace(/\/+$/, "")}/info/refs?service=git-upload-pack`);
    place.username = "";
    place.password = "";
    const response = await fetch(place, { signal: AbortSignal.timeout(DATE_TIMEOUT_MS) });
    await response.body?.cancel();
    const date = Date.parse(response.headers.get("date") ?? "");
    return Number.isNaN(date) ? undefined : date - (now + performance.now() - began);
  } catch {
    return undefined; // Behind a proxy, for instance: the record's commits still tell.
  }
}
