// A long-lived worker through the library: claims a few tasks, finishes them all at once, until nothing is left.
// Usage: node drain-worker.mjs <library> <clone> <worker> <tasks at once>. Prints one line of JSON for every answer.
const [library, dir, as, count] = process.argv.slice(2);
const { openHub } = await import(library);

const LONGEST_PAUSE_MS = 300;
const hub = await openHub({ dir, as, env: {} });
if ("code" in hub) throw new Error(hub.message);

async function run(name, input) {
  const { op, ok, code = "ok", commit, message, data, result } = await hub.run(name, input);
  const tasks = result?.tasks?.map(({ id, epoch }) => ({ id, epoch }));
  const told = {
    agent: as,
    said: `${name} ${JSON.stringify(input)}`,
    op,
    ok,
    code,
    commit: commit ?? undefined,
  };
  console.log(JSON.stringify(tasks ? { ...told, worker: result.worker, tasks } : told));
  if (!ok && code !== "nothing_to_claim") throw new Error(`${name}: ${code}: ${message}`);
  return { tasks, open: data?.open };
}

for (;;) {
  const { tasks, open } = await run("claim", { another: true, count: Number(count) });
  if (open === 0) break;
  await Promise.all((tasks ?? []).map(({ id }) => run("done", { id })));
  if (!tasks)
    await new Promise((resolve) => setTimeout(resolve, LONGEST_PAUSE_MS * (0.2 + 0.8 * Math.random())));
}
await hub.close();
