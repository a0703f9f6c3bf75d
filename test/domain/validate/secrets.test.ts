import { describe, expect, test } from "vitest";
import { secretFields, secretsIn } from "../../../src/domain/validate/secrets.ts";

// Put together here, so that no scanner takes this file for a leak.
const digits = (length: number) => "a1B2c3D4e5".repeat(20).slice(0, length);

describe("secretsIn: shapes of secrets (F13, B83)", () => {
  const secrets: [string, string][] = [
    ["private key", `-----BEGIN ${"RSA PRIVATE"} KEY-----`],
    ["private key", `-----BEGIN ${"PRIVATE"} KEY-----`],
    ["private key", `-----BEGIN PGP ${"PRIVATE"} KEY BLOCK-----`],
    ["GitHub", `ghp_${digits(36)}`],
    ["GitHub", `github_pat_${digits(82)}`],
    ["GitLab", `glpat-${digits(20)}`],
    ["npm", `npm_${digits(36)}`],
    ["Slack", `xoxb-${digits(30)}`],
    ["AWS", `AKIA${"ABCDEFGH12345678"}`],
    ["Google", `AIza${digits(35)}`],
    ["provider", `sk-ant-${digits(40)}`],
    ["provider", `sk-${digits(48)}`],
    ["JWT", `eyJ${digits(20)}.eyJ${digits(30)}.${digits(40)}`],
    ["URL", `https://ada:${digits(12)}@example.org/x`],
  ];
  test.each(secrets)("%s", (name, secret) => {
    const found = secretsIn(`title: x\ndescription: see ${secret} there\n`);
    expect(found).toHaveLength(1);
    expect(found[0]?.name).toContain(name);
    expect(found[0]?.line).toBe(2);
    expect(JSON.stringify(found)).not.toContain(secret);
  });

  const harmless = [
    "commit 0123456789abcdef0123456789abcdef01234567",
    "git@github.com:owner/repo.git",
    "https://example.org:8080/a@b",
    "postgres://user:password@localhost/db",
    "https://user:<token>@example.org",
    "https://user:$TOKEN@example.org",
    "AKIAIOSFODNN7EXAMPLE",
    "sk-learn-style-names-are-not-keys-at-all-here",
    "task-3f9a0c-sk-something",
    "-----BEGIN PUBLIC KEY-----",
    "t_01jh0000000000000000000000",
  ];
  test.each(harmless)("harmless: %s", (text) => expect(secretsIn(text)).toEqual([]));
});

describe("secretFields: fields that hold a secret in plain", () => {
  const rows: [unknown, string[]][] = [
    [{ token: "abcdefgh" }, ["token"]],
    [
      { meta: { "github.token": "abcdefgh", list: [{ claim_token: "abcdefgh" }] } },
      ["meta.github.token", "meta.list.0.claim_token"],
    ],
    [{ apiKey: "abcdefgh", API_KEY: "abcdefgh", password: "abcdefgh" }, ["apiKey", "API_KEY", "password"]],
    [
      {
        token_hash: `sha256:${"0".repeat(64)}`,
        token: `sha256:${"0".repeat(64)}`,
        secrets_profile: "production",
      },
      [],
    ],
    [{ token: "", password: null, tokens: 9000, max_token: 12 }, []],
  ];
  test.each(rows)("%j", (value, expected) => {
    expect([...secretFields(value)].map((keys) => keys.join("."))).toEqual(expected);
  });
});
