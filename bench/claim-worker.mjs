// A long-lived worker through the library: claims back to back. Usage: node claim-worker.mjs <clone> <name> <claims>.
// Prints "ready" when it has seen the record and waits for a line; then one line a claim: <milliseconds> <push attempts>.
import { openHub } from "../dist/index.js";

const [dir, name, claims] = process.argv.slice(2);
const hub = await openHub({ dir, as: name, env: {} });
if ("code" in hub) throw new Error(hub.message);
await hub.run("ready", {});
console.log("ready");
await new Promise((go) => process.stdin.once("data", go));
process.stdin.destroy();
for (let n = 0; n < Number(claims); n++) {
  const began = performance.now();
  const outcome = await hub.run("claim", { another: true });
  if (!outcome.ok) {
    console.error(`${name}: ${outcome.code} ${outcome.message}`);
    process.exit(1);
  }
  console.log(`${(performance.now() - began).toFixed(1)} ${outcome.attempts}`);
}
await hub.close();
