/**
 * A record read over HTTP with isomorphic-git: no clone, no git on the machine, nothing on disk. The newest commits are
 * fetched first; older ones come when they are asked for, so that only a long look back pays for a long history.
 */
import { fetch as isomorphicFetch } from "isomorphic-git";
import type { FetchOutcome, GitObject, ObjectStore, Oid, PushOutcome, Remote } from "../ports.ts";
import { readRefs, request, WebError, type WebPlace, withHead } from "./http.ts";
import { MemoryFiles } from "./memory-files.ts";
import { unpack } from "./unpack.ts";

/** How many commits back each fetch goes: as many as a look needs, then more, then all. */
const DEPTHS = [64, 1024, 0x7fffffff] as const;
const FETCH_TIMEOUT_MS = 300_000;
/** isomorphic-git's repository within its little file system. */
const GIT_DIR = "/hub";
const PACKS = `${GIT_DIR}/objects/pack/`;

interface Options {
  place: WebPlace;
  branch: string;
  progress?: (stage: string, done?: number, total?: number) => void;
}

export class WebRecord implements ObjectStore, Remote {
  readonly #options: Options;
  readonly #objects = new Map<Oid, GitObject>();
  readonly #disk = new MemoryFiles();
  #tip: Oid | undefined;
  /** How many of DEPTHS were fetched. */
  #depth = 0;
  #deepening: Promise<void> | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.#disk.files.set(`${GIT_DIR}/HEAD`, Buffer.from("ref: refs/heads/none\n"));
    this.#disk.files.set(
      `${GIT_DIR}/config`,
      Buffer.from('[remote "hub"]\n\tfetch = +refs/heads/*:refs/remotes/hub/*\n'),
    );
  }

  async fetch({
    timeoutMs = FETCH_TIMEOUT_MS,
    abort,
  }: {
    timeoutMs?: number;
    abort?: AbortSignal;
  } = {}): Promise<FetchOutcome> {
    try {
      const record = await this.#bring(undefined, timeoutMs, abort);
      // Heartbeats are of use to those who could take over; a reader has none.
      return { ok: true, view: { record, signals: new Map() } };
    } catch (error) {
      if (!(error instanceof WebError)) throw error;
      return { ok: false, fault: error.fault };
    }
  }

  /** Objects in the order asked. What is missing may lie further back: then more of the history is fetched. */
  async read(oids: readonly Oid[]): Promise<(GitObject | undefined)[]> {
    while (oids.some((oid) => !this.#objects.has(oid)) && this.#isShallow()) await this.#deepen();
    return oids.map((oid) => this.#objects.get(oid));
  }

  async write(): Promise<void> {
    throw new Error("a record read by URL is not written to");
  }

  async push(): Promise<PushOutcome> {
    throw new Error("a record read by URL is not written to");
  }

  #isShallow(): boolean {
    return this.#depth < DEPTHS.length && (this.#disk.files.get(`${GIT_DIR}/shallow`)?.length ?? 0) > 0;
  }

  #deepen(): Promise<void> {
    this.#deepening ??= this.#bring(DEPTHS[this.#depth], FETCH_TIMEOUT_MS, undefined)
      .then(() => undefined)
      .finally(() => {
        this.#deepening = undefined;
      });
    return this.#deepening;
  }

  /** Fetches what is new, or more of the history; answers where the record stands. */
  async #bring(
    depth: number | undefined,
    timeoutMs: number,
    abort: AbortSignal | undefined,
  ): Promise<Oid | null> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(new Error("no answer in the time allowed")), timeoutMs);
    const onAbort = () => stop.abort(new Error("stopped by its caller"));
    abort?.addEventListener("abort", onAbort);
    try {
      const { place, branch } = this.#options;
      const { url, refs, answer } = await readRefs(place, stop.signal);
      const record = refs.get(`refs/heads/${branch}`);
      if (record === undefined) return null;
      if (record === this.#tip && depth === undefined) return record;
      const first = this.#depth === 0 ? DEPTHS[0] : undefined;
      await this.#whole(() =>
        this.#fetchPack(url, withHead(answer.body, refs, record), depth ?? first, stop.signal),
      );
      if (depth !== undefined || first !== undefined) this.#depth++;
      this.#tip = record;
      return record;
    } finally {
      clearTimeout(timer);
      abort?.removeEventListener("abort", onAbort);
    }
  }

  /** A fetch that fails half way leaves nothing behind: isomorphic-git would tell the server that it has it all. */
  async #whole(run: () => Promise<void>): Promise<void> {
    const before = [...this.#disk.files];
    try {
      await run();
    } catch (error) {
      this.#disk.files.clear();
      for (const [path, bytes] of before) this.#disk.files.set(path, bytes);
      if (error instanceof WebError) throw error;
      const { code, message } = error as Error & { code?: string };
      // What isomorphic-git calls an internal error is a pack that it cannot read.
      throw new WebError({
        class: "transport",
        text: code === "InternalError" ? "the pack was damaged on its way" : message,
      });
    }
  }

  async #fetchPack(url: string, refs: Buffer, depth: number | undefined, signal: AbortSignal): Promise<void> {
    const { place, branch, progress } = this.#options;
    const ref = `refs/heads/${branch}`;
    progress?.("fetching the record");
    await isomorphicFetch({
      fs: this.#disk,
      gitdir: GIT_DIR,
      url,
      remote: "hub",
      ref: `refs/remotes/hub/${branch}`,
      remoteRef: ref,
      singleBranch: true,
      tags: false,
      ...(depth !== undefined && { depth }),
      http: {
        request: async ({ url: asked, method, headers, body }) => {
          if (method === "GET")
            return {
              url: asked,
              statusCode: 200,
              statusMessage: "OK",
              headers: ADVERTISED,
              body: once(refs),
            };
          const whole = await collect(body as AsyncIterable<Uint8Array> | undefined);
          const answer = await request(place, asked, {
            method: "POST",
            headers: headers ?? {},
            body: whole,
            signal,
          });
          return {
            url: asked,
            statusCode: 200,
            statusMessage: "OK",
            headers: answer.headers,
            body: once(answer.body),
          };
        },
      },
    });
    this.#takePacks();
  }

  /** Reads the packs that came. Their indexes stay, so that isomorphic-git knows what is here. */
  #takePacks(): void {
    for (const [path, bytes] of [...this.#disk.files]) {
      if (!path.startsWith(PACKS) || !path.endsWith(".pack")) continue;
      for (const object of unpack(bytes, (oid) => this.#objects.get(oid)))
        this.#objects.set(object.oid, object);
      this.#disk.files.delete(path);
    }
  }
}

const ADVERTISED = { "content-type": "application/x-git-upload-pack-advertisement" };

async function* once(bytes: Buffer): AsyncIterableIterator<Uint8Array> {
  yield bytes;
}

async function collect(body: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
}
