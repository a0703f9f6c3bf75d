/** Signs as the user's git would: with ssh-keygen, and the key that git's config names. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { Signer, Signing } from "../ports.ts";
import { noKey } from "../signing.ts";
import { canonicalKey } from "../ssh-signature.ts";
import { type Settings, settingOf } from "./settings.ts";

/** A person may have to type a passphrase, or to touch a token. */
const SIGN_TIMEOUT_MS = 60_000;
const NAMESPACE = "git";
/** So git marks a key that stands in its config itself. */
const LITERAL = /^(?:key::|(?=ssh-|ecdsa-|sk-))/;

/**
 * The key: OWP_SIGNING_KEY, else owp.signingkey, else user.signingkey where gpg.format is ssh; each a file, or a public
 * key whose other half an agent has. Who names a key for owp, or has git sign every commit with it, signs always.
 */
export function signingOf(
  settings: Settings,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Signing {
  const own = env.OWP_SIGNING_KEY || settingOf(settings, "owp.signingkey");
  const isSsh = settingOf(settings, "gpg.format") === "ssh";
  const named = own ?? (isSsh ? settingOf(settings, "user.signingkey") : undefined);
  const program = settingOf(settings, "gpg.ssh.program") ?? "ssh-keygen";
  const signsAll = isTrue(settingOf(settings, "commit.gpgsign"));
  let found: Promise<Signer | Refusal> | undefined;
  return {
    always: own !== undefined || (named !== undefined && signsAll),
    signer: () => {
      found ??= named === undefined ? Promise.resolve(noKey()) : findSigner(program, named, cwd);
      return found;
    },
  };
}

const isTrue = (value: string | undefined): boolean =>
  value !== undefined && /^(?:true|yes|on|[1-9]\d*)$/i.test(value);

async function findSigner(program: string, named: string, cwd: string): Promise<Signer | Refusal> {
  const isLiteral = LITERAL.test(named);
  const file = isLiteral ? undefined : resolve(cwd, named.replace(/^~(?=\/)/, homedir()));
  const line = file === undefined ? named.replace(LITERAL, "") : await publicLine(program, file);
  if (typeof line !== "string") return line;
  const key = canonicalKey(line);
  if (key === undefined) return refused(`${named} holds no public ssh key that owp knows`);
  return {
    key,
    sign: (commit) =>
      file === undefined
        ? withKeyFile(line, (own) => sign(program, own, commit))
        : sign(program, ["-f", file], commit),
  };
}

/** The public half of a key: its own file, or what ssh-keygen makes of the private one. */
async function publicLine(program: string, file: string): Promise<string | Refusal> {
  if (!existsSync(file)) return refused(`there is no file ${file}`);
  for (const path of [`${file}.pub`, ...(file.endsWith(".pub") ? [file] : [])])
    if (existsSync(path)) return readFileSync(path, "utf8");
  const done = await run(program, ["-y", "-f", file]);
  return done.code === 0 ? done.stdout : refused(`${program} cannot read ${file}: ${said(done)}`);
}

async function sign(program: string, key: string[], commit: Uint8Array): Promise<string | Refusal> {
  const done = await run(program, ["-Y", "sign", "-n", NAMESPACE, ...key], commit);
  return done.code === 0 ? done.stdout : refused(`${program} did not sign: ${said(done)}`);
}

/** A key of git's config goes to ssh-keygen in a file, as git does it; the agent has its other half. */
async function withKeyFile<T>(line: string, use: (key: string[]) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), "owp-key-"));
  try {
    const file = join(dir, "key.pub");
    writeFileSync(file, `${line.trim()}\n`);
    return await use(["-U", "-f", file]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const refused = (why: string): Refusal =>
  refuse("not_signed", `The commit could not be signed: ${why}. Nothing was changed.`);

interface Done {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** ssh-keygen's own words: the last line says what went wrong. */
const said = ({ stderr }: Done): string =>
  stderr.trim().split("\n").at(-1)?.replace(/\.$/, "") || "it said nothing";

function run(program: string, args: readonly string[], input?: Uint8Array): Promise<Done> {
  return new Promise((done) => {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], timeout: SIGN_TIMEOUT_MS });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.stdin.on("error", () => {}); // It ended without reading: its exit status says so.
    child.stdin.end(input);
    child.once("error", ({ message }) => done({ code: null, stdout: "", stderr: message }));
    child.once("close", (code) =>
      done({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
  });
}
