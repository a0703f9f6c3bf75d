import { describe, expect, test } from "vitest";
import type { QueueJobState } from "../../src/domain/jobs/job.ts";
import type { JobShown } from "../../src/domain/jobs/show.ts";
import * as views from "../../src/view/jobs.ts";
import type { Look } from "../../src/view/look.ts";

const NOW = Date.UTC(2026, 2, 1, 12);
const compact: Look = { color: false, width: 100, now: NOW, compact: true };
const wide: Look = { ...compact, compact: false };

const row = (more: Partial<QueueJobState> = {}, worker: string | null = "ada"): JobShown => ({
  ...{ id: "t_0000000000000000000000k3f9", short: "k3f9", worker },
  job: {
    ...{
      job_id: "j-1",
      job_type: "rpi.run",
      request_id: "r-1",
      request_ids: ["r-1", "r-2"],
      status: "running",
    },
    ...{ attempt: 1, max_attempts: 3, lease_epoch: 1, lease_expires_at: "2026-03-01T12:01:00Z" },
    ...{
      retry_exhausted: false,
      artifacts: {},
      projection_targets: ["daemon-status"],
      payload: { goal: "x" },
    },
    ...{ last_event_id: "evt_1", created_at: "2026-03-01T12:00:00Z", updated_at: "2026-03-01T12:00:00Z" },
    ...more,
  },
});

describe("what owp job says", () => {
  test("claim: everything that its worker needs, and the token where it was made", () => {
    const claimed = row({ claim_token: "owpj_x" });
    expect(
      views.jobClaim.render({ worker: "ada", claimed, exhausted: ["j-0"] }, compact).split("\n"),
    ).toEqual([
      "j-0 has failed: all attempts are used up",
      "claimed j-1 (rpi.run), attempt 1 of 3; the lease ends in 1m",
      'payload: {"goal":"x"}',
      "claim token, shown this once: owpj_x",
      "epoch: 1",
    ]);
    const none = { worker: "ada", registered: true as const, claimed: null, exhausted: ["j-0"] };
    expect(views.jobClaim.render(none, compact)).toBe(
      "you are ada, registered with this claim\nj-0 has failed: all attempts are used up",
    );
    expect(views.jobClaim.next?.(none)).toEqual([]);
  });

  test("show: what has a value, line by line", () => {
    const more = {
      ...{
        status: "failed" as const,
        lease_expires_at: undefined,
        idempotency_key: "k",
        artifacts: { log: "l" },
      },
      failure: { code: "lost" as const, message: "gone\nfor good" },
    };
    expect(views.jobShow.render(row(more), compact).split("\n")).toEqual([
      "j-1 failed",
      ...[
        "  type: rpi.run",
        "  attempt: 1 of 3",
        "  worker: ada",
        "  epoch: 1",
        "  failure: lost: gone for good",
      ],
      ...["  key: k", "  requests: r-1, r-2", '  payload: {"goal":"x"}', "  artifact log: l"],
      ...["  shown in: daemon-status", "  last event: evt_1", "  task: t_0000000000000000000000k3f9"],
    ]);
    expect(views.jobShow.render(row({ retry_exhausted: true }), compact)).toContain("1 of 3, all used up");
  });

  test.each([compact, wide])("list: the job, its status and its attempts", (look) => {
    const listed = {
      jobs: [row(), row({ status: "queued", attempt: 0 }, null)],
      total: 3,
      offset: 0,
      counts: { running: 3 },
    };
    const text = views.jobList.render(listed, look);
    for (const word of ["j-1", "running", "rpi.run", "1/3", "0/3", "1–2 of 3"]) expect(text).toContain(word);
    expect(views.jobList.render({ jobs: [], total: 0, offset: 0, counts: {} }, look)).toBe("no jobs");
  });

  test("what has ended before, and what is there already", () => {
    const { id, short, worker, job } = row({ status: "completed" });
    const end = { id, short, worker, job };
    expect(views.jobEnd.render({ ...end, already: true }, compact)).toBe(
      "j-1 is completed (it was so before)",
    );
    const cancel = { ...end, cancelled: false, outcome: "already_terminal_completed" as const };
    expect(views.jobCancel.render(cancel, compact)).toBe("j-1 is completed already; it stays so");
    const submitted = {
      ...{ accepted: true as const, id, short, request_id: "r-1", job_id: "j-1" },
      ...{ status: "running" as const, last_event_id: "evt_1" },
    };
    expect(views.jobSubmit.render({ ...submitted, existing: true }, compact)).toBe(
      "j-1 was there before: running (k3f9)",
    );
    expect(views.jobSubmit.quiet?.(submitted)).toBe("j-1");
    expect(views.jobHeartbeat.render(row(), compact)).toBe("j-1: the lease ends in 1m (epoch 1)");
  });
});
