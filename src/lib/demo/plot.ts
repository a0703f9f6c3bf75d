/** What is to be done in the demo. Every task makes a real file on the code branch. */

export interface Chore {
  title: string;
  /** The file that doing it writes. */
  file: string;
  priority: number;
  area?: string;
  skills?: string[];
  /** Titles of the tasks it waits for. */
  after?: string[];
  /** The file's content; read answers another file of the checkout. */
  make: (read: (file: string) => string) => string;
}

export const CHORES: readonly Chore[] = [
  {
    title: "Write the greeting",
    file: "greeting.txt",
    priority: 90,
    area: "texts",
    make: () => "Good morning, and welcome.\n",
  },
  {
    title: "Write the farewell",
    file: "farewell.txt",
    priority: 85,
    area: "texts",
    make: () => "Good night, and thank you for coming.\n",
  },
  {
    title: "List the first ten squares",
    file: "squares.txt",
    priority: 80,
    make: () => Array.from({ length: 10 }, (_, i) => `${i + 1} ${(i + 1) ** 2}\n`).join(""),
  },
  {
    title: "Draw a banner",
    file: "banner.txt",
    priority: 70,
    skills: ["drawing"],
    make: () => ["+---------+", "|  hello  |", "+---------+", ""].join("\n"),
  },
  {
    title: "Count the words of both texts",
    file: "words.txt",
    priority: 60,
    after: ["Write the greeting", "Write the farewell"],
    make: (read) => {
      const words = ["greeting.txt", "farewell.txt"].flatMap((file) => read(file).trim().split(/\s+/));
      return `${words.length} words\n`;
    },
  },
  {
    title: "Put everything on one page",
    file: "page.txt",
    priority: 50,
    after: ["Draw a banner", "Count the words of both texts", "List the first ten squares"],
    make: (read) =>
      ["banner.txt", "greeting.txt", "squares.txt", "words.txt", "farewell.txt"].map(read).join("\n"),
  },
];
