import { GitStore } from "../../src/engine/git/store.ts";
import { MemoryHub, MemoryRemote } from "../../src/engine/memory/remote.ts";
import { MemoryStore } from "../../src/engine/memory/store.ts";
import { connect } from "../helpers/connect.ts";
import { bareHub, cloneOf, git } from "../helpers/git.ts";
import { conformance } from "./conformance.ts";

conformance("memory", async () => {
  const hub = new MemoryHub();
  return {
    clone: async () => {
      const store = new MemoryStore();
      return { store, remote: new MemoryRemote(hub, store) };
    },
    force: async (tip) => {
      hub.record = tip;
    },
    reopen: async ({ store }) => store,
    check: async () => {},
  };
});

conformance("git", async () => {
  const hub = bareHub();
  return {
    clone: async () => {
      const connection = await connect(cloneOf(hub));
      if (!connection.ok) throw new Error(connection.message);
      return connection;
    },
    force: async (tip) => {
      if (tip === null) git(hub, "update-ref", "-d", "refs/heads/owp");
      else git(hub, "update-ref", "refs/heads/owp", tip);
    },
    reopen: async ({ store }) => new GitStore((store as GitStore).path),
    check: async () => {
      git(hub, "fsck", "--strict", "--full", "--no-dangling");
    },
  };
});
