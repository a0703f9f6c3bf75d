/**
 * Repositories over smart HTTP: `git http-backend` behind a small server, with faults on demand. It answers from this
 * process, so whatever talks to it must not block this process: no execFileSync of a git that clones from it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** One request as the hooks of the options see it. */
export interface HttpGitRequest {
  method: string;
  /** Path of the repository below the root, for instance `/hub.git`. */
  repository: string;
  service: "fetch" | "push";
  /** refs: the list of refs that comes first. data: the exchange of objects. */
  step: "refs" | "data";
  headers: IncomingMessage["headers"];
}

/** drop: the connection is closed without an answer. A number: this HTTP status is answered. */
export interface HttpFault {
  /** before: the backend never runs. after: it has run to its end, and its answer is lost. */
  when: "before" | "after";
  how: "drop" | number;
}

export interface HttpGitOptions {
  /** Whoever has no such credential gets 401. */
  auth?: { user: string; password: string };
  /** Pushes get 403. */
  readOnly?: boolean;
  /** Asked for each request: ms to wait before the backend runs. */
  delay?: (request: HttpGitRequest) => number;
  /** Asked for each request: what goes wrong with it. */
  fault?: (request: HttpGitRequest) => HttpFault | undefined;
  /** Asked for each request: from where, and how many bytes of the backend's answer arrive changed. */
  spoil?: (request: HttpGitRequest, answer: Buffer) => readonly [from: number, bytes: number] | undefined;
  /** ms by which the server's clock, as its Date header shows it, is off. */
  clockShift?: number;
}

export interface HttpGit {
  /** Of the root: a repository is `${url}/hub.git`. */
  url: string;
  /** May be changed between requests. */
  options: HttpGitOptions;
  /** Every request that came, in order. */
  requests: HttpGitRequest[];
  close(): Promise<void>;
}

/** Serves the repositories in a folder on a port of loopback. */
export async function serveHttp(root: string, options: HttpGitOptions = {}): Promise<HttpGit> {
  const server = createServer((request, response) => {
    answer(root, served, request, response).catch((error: Error) => response.destroy(error));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const served: HttpGit = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    options,
    requests: [],
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return served;
}

async function answer(
  root: string,
  served: HttpGit,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { options } = served;
  const url = new URL(request.url ?? "/", "http://server");
  const seen = describe(request, url);
  served.requests.push(seen);
  if (options.clockShift) response.setHeader("Date", new Date(Date.now() + options.clockShift).toUTCString());
  const credential =
    options.auth &&
    `Basic ${Buffer.from(`${options.auth.user}:${options.auth.password}`).toString("base64")}`;
  if (credential && request.headers.authorization !== credential) {
    response.writeHead(401, { "WWW-Authenticate": 'Basic realm="test"' }).end();
    return;
  }
  if (options.readOnly && seen.service === "push") {
    response.writeHead(403).end("this server is read-only");
    return;
  }
  const fault = options.fault?.(seen);
  if (fault?.when === "before") return fail(fault, request, response);
  const delay = options.delay?.(seen) ?? 0;
  if (delay > 0) await wait(delay);
  const output = await runBackend(root, url, request);
  const [from, bytes] = options.spoil?.(seen, output) ?? [0, 0];
  output.fill("Z", from, from + bytes);
  if (fault) return fail(fault, request, response);
  const end = output.indexOf("\r\n\r\n");
  let status = 200;
  for (const line of output.toString("latin1", 0, end).split("\r\n")) {
    const [, name = "", value = ""] = /^([^:]+): *(.*)$/.exec(line) ?? [];
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else if (name) response.setHeader(name, value);
  }
  response.writeHead(status).end(output.subarray(end + 4));
}

function describe(request: IncomingMessage, url: URL): HttpGitRequest {
  const [, repository = url.pathname, step] =
    /^(.*)\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(url.pathname) ?? [];
  return {
    method: request.method ?? "GET",
    repository,
    service: url.href.includes("git-receive-pack") ? "push" : "fetch",
    step: step === "info/refs" ? "refs" : "data",
    headers: request.headers,
  };
}

function fail(fault: HttpFault, request: IncomingMessage, response: ServerResponse): void {
  if (fault.how === "drop") request.socket.destroy();
  else response.writeHead(fault.how).end("a fault that the test asked for");
}

/** One CGI run; answers all that the backend says, its headers first. */
async function runBackend(root: string, url: URL, request: IncomingMessage): Promise<Buffer> {
  const { headers } = request;
  const backend = spawn("git", ["-c", "http.receivepack=true", "-c", "safe.directory=*", "http-backend"], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: headers["content-type"] ?? "",
      ...(headers["content-length"] && { CONTENT_LENGTH: headers["content-length"] }),
      HTTP_CONTENT_ENCODING: String(headers["content-encoding"] ?? ""),
      GIT_PROTOCOL: String(headers["git-protocol"] ?? ""),
      REMOTE_ADDR: "127.0.0.1",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const chunks: Buffer[] = [];
  backend.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  backend.stdin.on("error", () => {}); // It may end before it has read all.
  request.pipe(backend.stdin);
  await once(backend, "close");
  return Buffer.concat(chunks);
}
