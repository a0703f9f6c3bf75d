import { describe, expect, test } from "vitest";
import { cutTokens, tokens } from "../../src/view/tokens.ts";

/** What o200k_base and cl100k_base, two tokenizers that models are trained with, made of a text: the larger number. */
const COUNTED: [name: string, text: string, counted: number][] = [
  [
    "English",
    "The cookie is dropped on redirect. Find out why and mend it; a test shows that login survives a redirect.",
    23,
  ],
  [
    "what a claim says",
    "claimed k3f9 Fix the login\nepoch 1, attempt 1 of 5, lease ends in 3h 59m; repo web, area auth, estimate 2\ndone when: login survives a redirect; a test shows it",
    52,
  ],
  [
    "commands",
    '- owp done -m "<what was done>": finish it (--commit <sha>, --pr <url>: proof); tells what is next',
    30,
  ],
  ["ids and times", "k3f9 m2x7 r4st z4b4 t_01m8dgqvbxmyvyveqext6gmfna 2026-01-31T12:00:00Z", 47],
  ["an address", "https://github.com/acme/web/pull/1234", 12],
  ["German", "Überprüfe die Größe der Übergabe für Ärzte und ändere sie, wo nötig.", 26],
  ["Russian", "Исправить вход на странице администратора и написать тест", 23],
  ["Arabic", "إصلاح تسجيل الدخول في صفحة المسؤول وكتابة اختبار", 32],
  ["Hindi", "व्यवस्थापक पृष्ठ का लॉगिन ठीक करें और परीक्षण लिखें", 54],
  ["Chinese", "修复管理页面的登录问题并编写测试以确保会话在重定向后仍然有效", 25],
  [
    "Japanese",
    "管理ページのログインを修正し、リダイレクト後もセッションが保持されることをテストで確認する",
    40,
  ],
  ["Korean", "관리자 페이지의 로그인을 수정하고 리디렉션 후에도 세션이 유지되는지 테스트합니다", 35],
  ["emoji", "🚀🔥✅🐛🧪📦", 17],
];

describe("tokens, counted without a tokenizer", () => {
  test.each(COUNTED)("%s: never far below what tokenizers count", (_name, text, counted) => {
    expect(tokens(text)).toBeGreaterThanOrEqual(counted * 0.75);
    expect(tokens(text)).toBeLessThanOrEqual(counted * 2.2);
  });

  test("nothing is nothing", () => expect(tokens("")).toBe(0));
});

describe("cutting by tokens", () => {
  const texts = [
    ...COUNTED.map(([, text]) => text.replaceAll("\n", " ")),
    "x".repeat(1000),
    "a b ".repeat(500),
    "🚀".repeat(200),
    " ".repeat(1000),
    "1234567890".repeat(50),
  ];
  test.each([1, 2, 7, 20, 60])("at most %d, and the text's own beginning", (limit) => {
    for (const text of texts) {
      const cut = cutTokens(text, limit);
      expect(tokens(cut), text).toBeLessThanOrEqual(limit);
      if (cut === text) continue;
      expect(cut, text).toMatch(/…$/);
      expect(text.startsWith(cut.slice(0, -1)), text).toBe(true);
    }
  });

  test("what fits stays as it is", () => {
    for (const text of texts.slice(0, COUNTED.length)) expect(cutTokens(text, tokens(text))).toBe(text);
  });

  test("no room gives the mark alone, and a long text costs no more than a short one", () => {
    expect(cutTokens("some words", 0)).toBe("…");
    expect(cutTokens("some words", -3)).toBe("…");
    expect(cutTokens("word ".repeat(1_000_000), 5)).toBe("word word word w…");
  });
});
