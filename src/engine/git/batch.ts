/** One `git cat-file --batch`, started when first needed and kept. It never keeps Node alive while nothing is asked. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { GitObject, ObjectType, Oid } from "../ports.ts";
import { gitEnvironment } from "./environment.ts";
import { OBJECT_LIMIT_BYTES } from "./limits.ts";

interface Request {
  oids: readonly Oid[];
  objects: (GitObject | undefined)[];
  resolve(objects: (GitObject | undefined)[]): void;
  reject(error: Error): void;
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

export class BatchReader {
  readonly #store: string;
  readonly #env: NodeJS.ProcessEnv;
  #child: Child | undefined;
  #requests: Request[] = [];
  #parser = new BatchParser();

  /** env: beside what every git process gets. */
  constructor(store: string, env: NodeJS.ProcessEnv = {}) {
    this.#store = store;
    this.#env = env;
  }

  /** Objects in the order asked. Requests of several callers are answered one after another. */
  read(oids: readonly Oid[]): Promise<(GitObject | undefined)[]> {
    if (oids.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const child = this.#child ?? this.#start();
      this.#requests.push({ oids, objects: [], resolve, reject });
      this.#hold(true);
      child.stdin.write(`${oids.join("\n")}\n`);
    });
  }

  /** Starts the process for reads that will come, so that they need not wait for it. */
  warm(): void {
    if (this.#child) return;
    this.#start();
    this.#hold(false);
  }

  /** Ends the process. A later read starts a new one. */
  close(): void {
    this.#child?.stdin.end();
    this.#child = undefined;
  }

  #start(): Child {
    const child = spawn("git", ["--git-dir", this.#store, "cat-file", "--batch"], {
      cwd: this.#store,
      env: { ...gitEnvironment(), ...this.#env },
      stdio: ["pipe", "pipe", "ignore"],
      windowsHide: true,
    });
    this.#child = child;
    this.#parser = new BatchParser();
    const failed = (why: string) => this.#child === child && this.#fail(new Error(`git cat-file ${why}`));
    child.once("error", (error) => failed(`could not be run: ${error.message}`));
    child.once("close", (code) => failed(`ended with status ${code}`));
    child.stdin.on("error", () => {}); // The end of the process tells it.
    child.stdout.on("data", (chunk: Buffer) => {
      if (this.#child === child) this.#take(chunk);
    });
    return child;
  }

  #take(chunk: Buffer): void {
    try {
      this.#parser.take(chunk, (object) => {
        const request = this.#requests[0];
        request?.objects.push(object);
        if (request?.objects.length !== request?.oids.length) return;
        this.#requests.shift();
        request?.resolve(request.objects);
      });
    } catch (error) {
      this.#child?.kill();
      this.#fail(error as Error);
    }
    if (this.#requests.length === 0) this.#hold(false);
  }

  #fail(error: Error): void {
    const waiting = this.#requests;
    this.#requests = [];
    this.#child = undefined;
    for (const request of waiting) request.reject(error);
  }

  /** Whether the process and its pipes keep Node alive. */
  #hold(busy: boolean): void {
    const child = this.#child;
    if (!child) return;
    for (const part of [child, child.stdin, child.stdout] as { ref?(): void; unref?(): void }[]) {
      if (busy) part.ref?.();
      else part.unref?.();
    }
  }
}

/** Cuts the stream into objects: a header line, then that many bytes and a line feed. */
class BatchParser {
  #header: Buffer = Buffer.alloc(0);
  #object: GitObject | undefined;
  /** Bytes of the present object still to come, with the line feed; filled: those that were kept. */
  #left = 0;
  #filled = 0;

  take(chunk: Buffer, emit: (object: GitObject | undefined) => void): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        at += this.#body(chunk.subarray(at, at + this.#left));
        if (this.#left === 0) emit(this.#object);
        continue;
      }
      const end = chunk.indexOf(0x0a, at);
      const part = chunk.subarray(at, end < 0 ? chunk.length : end);
      this.#header = this.#header.length === 0 ? part : Buffer.concat([this.#header, part]);
      if (end < 0) return;
      at = end + 1;
      if (!this.#begin(this.#header.toString("latin1"))) emit(undefined);
      this.#header = Buffer.alloc(0);
    }
  }

  /** false: the object is missing. */
  #begin(header: string): boolean {
    const match = /^([0-9a-f]{40}) (?:(blob|tree|commit|tag) (\d+)|missing)$/.exec(header);
    if (!match?.[1]) throw new Error(`git cat-file said what it never says: ${header.slice(0, 200)}`);
    if (match[2] === undefined) return false;
    const size = Number(match[3]);
    this.#object = {
      oid: match[1],
      type: match[2] as ObjectType,
      data: Buffer.allocUnsafe(Math.min(size, OBJECT_LIMIT_BYTES)),
    };
    this.#left = size + 1;
    this.#filled = 0;
    return true;
  }

  #body(part: Buffer): number {
    const data = this.#object?.data ?? Buffer.alloc(0);
    part.copy(data, this.#filled, 0, data.length - this.#filled);
    this.#filled = Math.min(data.length, this.#filled + part.length);
    this.#left -= part.length;
    return part.length;
  }
}
