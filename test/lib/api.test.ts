import { describe, expect, it } from "vitest";
import * as owp from "../../src/lib/index.ts";
import { bareHub, cloneOf } from "../helpers/git.ts";

describe("the library", () => {
  it("exports these names and no others: a change of the list is a change of the public API", () => {
    expect(Object.keys(owp).sort()).toEqual(["ERRORS", "EXIT", "openHub"]);
  });

  it("runs operations with plain data, and answers refusals as values", async () => {
    const hub = await owp.openHub({ dir: cloneOf(bareHub()), as: "ada", env: {} });
    if ("code" in hub) throw new Error(hub.message);
    try {
      expect(await hub.run("claim", {})).toMatchObject({ ok: false, code: "not_initialized" });
      expect(await hub.run("init", { repo: "demo" })).toMatchObject({ ok: true, already: false });
      const added = await hub.run("add", { title: "One" });
      expect(added).toMatchObject({ ok: true, attempts: 1 });
      expect(await hub.run("claim", {})).toMatchObject({
        ok: true,
        result: { worker: "ada", tasks: [{ title: "One", epoch: 1 }] },
      });
      expect(await hub.run("nothing", {})).toMatchObject({ ok: false, code: "usage" });
    } finally {
      await hub.close();
    }
  });

  it("stops by an abort signal before anything was published", async () => {
    const hub = await owp.openHub({ dir: cloneOf(bareHub()), as: "ada", env: {} });
    if ("code" in hub) throw new Error(hub.message);
    try {
      await hub.run("init", { repo: "demo" });
      const outcome = await hub.run("add", { title: "One" }, { abort: AbortSignal.abort() });
      expect(outcome).toMatchObject({ ok: false, code: "canceled" });
      expect(await hub.run("list", {})).toMatchObject({ ok: true, result: { tasks: [] } });
    } finally {
      await hub.close();
    }
  });

  it("does one operation once: the same operation id succeeds again and says so", async () => {
    const hub = await owp.openHub({ dir: cloneOf(bareHub()), as: "ada", env: {} });
    if ("code" in hub) throw new Error(hub.message);
    try {
      await hub.run("init", { repo: "demo" });
      const op = "01hzzzzzzzzzzzzzzzzzzzzzzz";
      const first = await hub.run("add", { title: "One" }, { op });
      const again = await hub.run("add", { title: "One" }, { op });
      expect(again).toMatchObject({ ok: true, already: true, commit: first.ok ? first.commit : "" });
      expect(await hub.run("list", {})).toMatchObject({ result: { total: 1 } });
    } finally {
      await hub.close();
    }
  });
});
