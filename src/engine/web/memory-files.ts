/** The little file system that isomorphic-git keeps its repository in: a map from paths to bytes. */

type Bytes = Uint8Array | string;

const missing = (path: string) => Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });

/** The part of node's fs.promises that isomorphic-git asks for. */
export class MemoryFiles {
  readonly files = new Map<string, Buffer>();
  readonly promises = {
    readFile: async (path: string, options?: { encoding?: BufferEncoding } | BufferEncoding) => {
      const file = this.files.get(path);
      if (!file) throw missing(path);
      const encoding = typeof options === "string" ? options : options?.encoding;
      return encoding ? file.toString(encoding) : file;
    },
    writeFile: async (path: string, data: Bytes) => {
      this.files.set(path, Buffer.from(data as Uint8Array));
    },
    unlink: async (path: string) => {
      if (!this.files.delete(path)) throw missing(path);
    },
    readdir: async (path: string) => {
      const names = new Set<string>();
      for (const file of this.files.keys())
        if (file.startsWith(`${path}/`)) names.add(file.slice(path.length + 1).split("/")[0] as string);
      if (names.size === 0) throw missing(path);
      return [...names];
    },
    mkdir: async () => {},
    rmdir: async () => {},
    stat: async (path: string) => this.stat(path),
    lstat: async (path: string) => this.stat(path),
    readlink: async (path: string) => Promise.reject(missing(path)),
    symlink: async (_target: string, path: string) => Promise.reject(missing(path)),
  };

  private stat(path: string) {
    const file = this.files.get(path);
    const folder = !file && [...this.files.keys()].some((each) => each.startsWith(`${path}/`));
    if (!file && !folder) throw missing(path);
    return {
      isFile: () => !folder,
      isDirectory: () => folder,
      isSymbolicLink: () => false,
      size: file?.length ?? 0,
      mode: 0o100644,
    };
  }
}
