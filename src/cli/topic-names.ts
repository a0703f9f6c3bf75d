/** The topics of `owp help <topic>`; their texts are loaded when one is asked for. */
export const TOPIC_NAMES = [
  "identity",
  "leases",
  "queues",
  "sources",
  "offline",
  "merges",
  "review",
  "exit-codes",
  "json",
  "files",
  "environment",
] as const;

export type TopicName = (typeof TOPIC_NAMES)[number];
