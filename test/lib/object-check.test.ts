/** Digests against what lies in the checkout, in the record and in the packet itself. */
import { createHash } from "node:crypto";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { ObjectsChecked } from "../../src/domain/objects/check.ts";
import { hubAt, recordHub, runAt } from "../helpers/record-hub.ts";

const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
let clone = "";

async function packet(documents: object[], data_blobs: object[] = []): Promise<string> {
  const input = { kind: "context-packet", summary: "x", value: { inputs: { documents, data_blobs } } };
  const { result } = await runAt<{ tasks: { id: string }[] }>(clone, [["list"]]);
  const made = await runAt<{ id: string }>(
    clone,
    [["object new", { ...input, issue: result.tasks[0]?.id }]],
    { as: "ada" },
  );
  return made.result.id;
}

async function check(input: object = {}) {
  const hub = await hubAt(clone);
  const outcome = await hub.run("object check", input);
  await hub.close();
  const found = (outcome.ok ? outcome.result : outcome.data) as ObjectsChecked;
  return { code: outcome.ok ? "ok" : outcome.code, ...found };
}

beforeEach(async () => {
  ({ clone } = await recordHub());
  mkdirSync(join(clone, "docs"));
  writeFileSync(join(clone, "docs/spec.md"), "the spec\n");
});

describe("object check", () => {
  test("finds what is as it says, and counts what is elsewhere or no SHA-256", async () => {
    await packet(
      [
        { title: "spec", uri: "docs/spec.md", digest: sha256("the spec\n") },
        { title: "page", uri: "https://example.org/page", digest: sha256("page") },
        { title: "commit", uri: "docs/spec.md", digest: "4f2a91c" },
        { title: "bare", uri: "docs/spec.md" },
      ],
      [
        { name: "text", media_type: "text/plain", inline: "a,b", digest: sha256("a,b") },
        {
          name: "base64",
          media_type: "image/png",
          inline: Buffer.from("bytes").toString("base64"),
          digest: sha256("bytes"),
        },
      ],
    );
    expect(await check()).toMatchObject({ code: "ok", checked: 5, ok: 3, unverified: 2 });
  });

  test("finds a document that was changed, and says which", async () => {
    const id = await packet([{ title: "spec", uri: "docs/spec.md", digest: sha256("the spec\n") }]);
    writeFileSync(join(clone, "docs/spec.md"), "another spec\n");
    const found = await check();
    expect(found).toMatchObject({
      code: "validation_failed",
      digests: [
        {
          id,
          field: "inputs.documents[0]",
          verdict: "differs",
          at: "checkout",
          actual: sha256("another spec\n"),
        },
      ],
    });
  });

  test("looks in the record where the checkout has no such file", async () => {
    await packet([{ title: "policy", uri: "owp.yaml", digest: sha256("another") }]);
    expect(await check()).toMatchObject({ digests: [{ verdict: "differs", at: "record" }] });
  });

  test("never leaves the repository: by .., by an absolute path or by a link", async () => {
    const outside = join(clone, "..", "outside.txt");
    writeFileSync(outside, "secret");
    symlinkSync(outside, join(clone, "docs/link"));
    await packet([
      { title: "up", uri: "../outside.txt", digest: sha256("x") },
      { title: "root", uri: outside, digest: sha256("x") },
      { title: "link", uri: "docs/link", digest: sha256("x") },
    ]);
    expect(await check()).toMatchObject({ code: "ok", checked: 3, unverified: 3 });
  });

  test("looks at one object where it is named", async () => {
    await packet([{ title: "spec", uri: "docs/spec.md", digest: sha256("no") }]);
    const id = await packet([{ title: "spec", uri: "docs/spec.md", digest: sha256("the spec\n") }]);
    expect(await check({ id })).toMatchObject({ code: "ok", checked: 1, ok: 1 });
  });
});
