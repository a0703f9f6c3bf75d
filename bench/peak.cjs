// Preloaded into a process: says at its end, on stderr, how much memory it held at most, in kB.
process.on("exit", () => require("node:fs").writeSync(2, `\npeak ${process.resourceUsage().maxRSS}\n`));
