/** HTTP for reading a record by URL: bounded in time and size, with a credential that goes to its own host alone. */
import { isOid } from "../objects.ts";
import type { Fault, FaultClass, Oid } from "../ports.ts";

/** What a server may answer in all to one request. */
const BODY_LIMIT_BYTES = 1024 * 1024 * 1024;

/** A repository's place: the address without credentials, and the header that carries them. */
export interface WebPlace {
  /** Without a slash at its end. */
  url: string;
  authorization?: string;
}

/** A failure with the fault it means. */
export class WebError extends Error {
  constructor(readonly fault: Fault) {
    super(fault.text);
  }
}

export interface WebAnswer {
  /** Where the answer came from, after redirections. */
  url: string;
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

interface Asked {
  method: "GET" | "POST";
  headers?: Record<string, string>;
  body?: Buffer;
  signal: AbortSignal;
}

/** One request. Anything but 200 is a WebError. */
export async function request(place: WebPlace, url: string, asked: Asked): Promise<WebAnswer> {
  const headers: Record<string, string> = { "User-Agent": "git/owp", ...asked.headers };
  delete headers.Authorization;
  if (place.authorization && new URL(url).origin === new URL(place.url).origin)
    headers.Authorization = place.authorization;
  try {
    const send = () =>
      fetch(url, {
        method: asked.method,
        headers,
        signal: asked.signal,
        ...(asked.body && { body: asked.body }),
      });
    // A server may close a connection that it kept open, just when it is used again. All requests only read.
    const response = await send().catch((error: Error) => {
      if (wasClosed(error) && !asked.signal.aborted) return send();
      throw error;
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new WebError(statusFault(response.status, place));
    }
    return {
      url: response.url,
      status: 200,
      headers: Object.fromEntries(response.headers),
      body: await readBody(response),
    };
  } catch (error) {
    throw error instanceof WebError ? error : new WebError(networkFault(error as Error, asked.signal));
  }
}

const CLOSED = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);
const wasClosed = ({ cause }: Error): boolean =>
  CLOSED.has((cause as { code?: string } | undefined)?.code ?? "");

async function readBody(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES)
      throw new WebError({
        class: "too_large",
        text: "the server's answer is larger than owp reads by URL; clone the repository",
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Which HTTP statuses mean what; the texts are known to the table of faults. */
function statusFault(status: number, place: WebPlace): Fault {
  const token = place.authorization ? "the credential was refused" : "no credential was given";
  if (status === 401 || status === 403)
    return { class: "auth", text: `reading by URL: HTTP ${status}, ${token}` };
  if (status === 404 || status === 410) return { class: "not_found", text: `reading by URL: HTTP ${status}` };
  return {
    class: status === 429 || status >= 500 ? "transport" : "other",
    text: `reading by URL: HTTP ${status}`,
  };
}

const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function networkFault(error: Error, signal: AbortSignal): Fault {
  if (signal.aborted)
    return {
      class: "transport",
      text: String((signal.reason as Error | undefined)?.message ?? "stopped by its caller"),
    };
  const cause = error.cause as (Error & { code?: string }) | undefined;
  const code = cause?.code ?? "";
  const certificate = /CERT|SSL|TLS|SELF_SIGNED/.test(code);
  const kind: FaultClass = certificate || UNREACHABLE.has(code) ? "unreachable" : "transport";
  return {
    class: kind,
    text: certificate ? `certificate problem: ${code}` : (cause?.message ?? error.message),
  };
}

/** What a repository shows before anything is fetched. */
export interface Advertised {
  /** The address to send the next request to. */
  url: string;
  refs: Map<string, Oid>;
  answer: WebAnswer;
}

/** Reads the list of a server's refs. */
export async function readRefs(place: WebPlace, signal: AbortSignal): Promise<Advertised> {
  const query = "/info/refs?service=git-upload-pack";
  const answer = await request(place, `${place.url}${query}`, { method: "GET", signal });
  const refs = parseRefs(answer.body);
  if (!refs)
    throw new WebError({ class: "not_found", text: "reading by URL: what answers there is no git server" });
  return { url: answer.url.endsWith(query) ? answer.url.slice(0, -query.length) : place.url, refs, answer };
}

/** The refs of a list in the form of pkt-lines; undefined where it is none. */
function parseRefs(body: Buffer): Map<string, Oid> | undefined {
  if (!/^[0-9a-f]{4}# service=git-upload-pack/.test(body.toString("latin1", 0, 40))) return undefined;
  const refs = new Map<string, Oid>();
  for (let at = 0; at + 4 <= body.length; ) {
    const length = Number.parseInt(body.toString("latin1", at, at + 4), 16);
    if (Number.isNaN(length)) return undefined;
    const [oid = "", name = ""] =
      body
        .toString("utf8", at + 4, at + Math.max(4, length))
        .split("\0", 1)[0]
        ?.trim()
        .split(" ") ?? [];
    if (isOid(oid) && name !== "capabilities^{}") refs.set(name, oid);
    at += Math.max(4, length);
  }
  return refs;
}

/** The same list with a HEAD, which isomorphic-git needs though the record's server may have none. */
export function withHead(body: Buffer, refs: ReadonlyMap<string, Oid>, oid: Oid): Buffer {
  if (refs.has("HEAD")) return body;
  const line = `${oid} HEAD\n`;
  const packet = Buffer.from(`${(line.length + 4).toString(16).padStart(4, "0")}${line}`);
  const end = body.lastIndexOf("0000");
  return Buffer.concat([body.subarray(0, end), packet, body.subarray(end)]);
}
