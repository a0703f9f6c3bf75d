import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { GitStore } from "../../src/engine/git/store.ts";
import { MemoryHub, MemoryRemote } from "../../src/engine/memory/remote.ts";
import { MemoryStore } from "../../src/engine/memory/store.ts";
import type { Oid } from "../../src/engine/ports.ts";
import { connect } from "../helpers/connect.ts";
import { bareHub, cloneOf, git } from "../helpers/git.ts";
import { type Clone, conformance } from "./conformance.ts";

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

const onDisk = (makeHub: () => string) => async () => {
  const hub = makeHub();
  return {
    clone: async () => {
      const connection = await connect(cloneOf(hub));
      if (!connection.ok) throw new Error(connection.message);
      return connection;
    },
    force: async (tip: Oid | null) => {
      if (tip === null) git(hub, "update-ref", "-d", "refs/heads/owp");
      else git(hub, "update-ref", "refs/heads/owp", tip);
    },
    reopen: async ({ store }: Clone) => new GitStore((store as GitStore).path),
    check: async () => {
      git(hub, "fsck", "--strict", "--full", "--no-dangling");
    },
  };
};

conformance("git", onDisk(bareHub));

// A hub whose refs are never files of their own: everything goes through git, as it does over a network.
conformance(
  "git, packed",
  onDisk(() => {
    const hub = bareHub();
    writeFileSync(join(hub, "hooks", "post-receive"), "#!/bin/sh\ngit pack-refs --all\n", { mode: 0o755 });
    return hub;
  }),
);
