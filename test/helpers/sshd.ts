/** A private ssh server on a port of loopback, run by whoever runs the tests, with keys made for the occasion. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { tempDir } from "./git.ts";

export interface Sshd {
  /** Of a repository by its absolute path. */
  url(path: string): string;
  /** The command that reaches this server, for core.sshCommand or GIT_SSH_COMMAND. */
  command: string;
  /** What the server said so far. */
  log(): string;
  close(): void;
}

/** The folder that sshd wants to be there when root starts it. */
const PRIVSEP = "/run/sshd";
const PATHS = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin", "/sbin"];
const TRIES = 50;
const PAUSE_MS = 100;

/** Why there is none, in words, where this machine cannot run one. */
export async function serveSsh(): Promise<Sshd | string> {
  const sshd = PATHS.map((folder) => join(folder, "sshd")).find(existsSync);
  if (sshd === undefined) return "there is no sshd on this machine (Debian: openssh-server)";
  const dir = tempDir("owp-sshd");
  const port = await freePort();
  for (const key of ["host", "user"]) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(dir, key)], { stdio: "ignore" });
  }
  const host = readFileSync(join(dir, "host.pub"), "utf8").split(" ").slice(0, 2).join(" ");
  writeFileSync(join(dir, "known_hosts"), `[127.0.0.1]:${port} ${host}\n`);
  const config = join(dir, "sshd_config");
  writeFileSync(config, configOf(dir, port));
  const made = process.getuid?.() === 0 && mkdirSync(PRIVSEP, { recursive: true, mode: 0o755 });
  const log = join(dir, "sshd.log");
  const server = spawn(sshd, ["-D", "-f", config, "-E", log], { stdio: "ignore" });
  const options = [
    "IdentitiesOnly=yes",
    "StrictHostKeyChecking=yes",
    "BatchMode=yes",
    `UserKnownHostsFile=${join(dir, "known_hosts")}`,
  ];
  const command = `ssh -F /dev/null -i ${join(dir, "user")} ${options.map((option) => `-o ${option}`).join(" ")}`;
  const { username } = userInfo();
  const served: Sshd = {
    url: (path) => `ssh://${username}@127.0.0.1:${port}${path}`,
    command,
    log: () => (existsSync(log) ? readFileSync(log, "utf8") : ""),
    close: () => {
      server.kill();
      if (made) rmSync(PRIVSEP, { recursive: true, force: true });
    },
  };
  const failure = await firstLogin(server, [
    ...command.split(" ").slice(1),
    "-p",
    String(port),
    `${username}@127.0.0.1`,
    "true",
  ]);
  if (failure === undefined) return served;
  served.close();
  return `${sshd} does not let ${username} in here: ${failure} ${served.log()}`;
}

function configOf(dir: string, port: number): string {
  return [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${join(dir, "host")}`,
    `AuthorizedKeysFile ${join(dir, "user.pub")}`,
    `PidFile ${join(dir, "sshd.pid")}`,
    "AuthenticationMethods publickey",
    "PermitRootLogin prohibit-password",
    "StrictModes no",
    "UsePAM no",
    "PrintMotd no",
    // By default it drops connections at random when ten come at once.
    "MaxStartups 100",
    "",
  ].join("\n");
}

/** Waits until the server takes the key; answers why it does not. */
async function firstLogin(server: ChildProcess, args: readonly string[]): Promise<string | undefined> {
  for (let tries = 1; ; tries++) {
    const { status, stderr } = spawnSync("ssh", args, { encoding: "utf8" });
    if (status === 0) return undefined;
    if (tries === TRIES || server.exitCode !== null || /Permission denied/.test(stderr)) return stderr;
    await wait(PAUSE_MS);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
