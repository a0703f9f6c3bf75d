/** A server that answers as GitHub's REST API does: pages with a Link header, limits, redirects, errors. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Issue = Record<string, unknown>;

/** An issue in the form of the REST API, with more around it than anyone reads. */
export function restIssue(number: number, fields: Issue = {}): Issue {
  const url = `https://github.com/octo/web/issues/${number}`;
  return {
    ...{ id: 1_000_000 + number, node_id: `I_${number}`, number, title: `Issue ${number}`, state: "open" },
    ...{ html_url: url, url: `https://api.github.com/repos/octo/web/issues/${number}`, locked: false },
    ...{ body: `What ${number} is about.`, user: { login: "ada", id: 7, type: "User" }, comments: 0 },
    ...{ labels: [], assignees: [], milestone: null, state_reason: null, closed_at: null },
    created_at: "2026-01-31T12:00:00Z",
    ...fields,
  };
}

export interface Seen {
  path: string;
  query: URLSearchParams;
  authorization?: string;
  accept?: string;
}

/** Answers a request in place of the list; false: the list answers. */
export type Instead = (request: Seen, response: ServerResponse, count: number) => boolean;

export interface Github {
  api: string;
  seen: Seen[];
  close(): Promise<void>;
}

/** Serves /repos/octo/web/issues below a prefix, as GitHub Enterprise does. */
export async function github(issues: readonly Issue[], instead: Instead = () => false): Promise<Github> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const one = requestOf(request);
    seen.push(one);
    if (instead(one, response, seen.length)) return;
    if (one.path !== "/api/v3/repos/octo/web/issues") return fail(response, 404, "Not Found");
    list(issues, one, response, api);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v3`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { api, seen, close };
}

function requestOf({ url = "", headers }: IncomingMessage): Seen {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  const { authorization, accept } = headers;
  return { path: pathname, query: searchParams, authorization, accept };
}

export function fail(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(
    JSON.stringify({ message, documentation_url: "https://docs.github.com/rest", status: `${status}` }),
  );
}

function list(issues: readonly Issue[], { query }: Seen, response: ServerResponse, api: string): void {
  const wanted = query.get("labels")?.split(",") ?? [];
  const isWanted = (issue: Issue) => {
    const names = (issue.labels as { name: string }[]).map(({ name }) => name);
    return (
      (query.get("state") === "all" || issue.state === "open") && wanted.every((one) => names.includes(one))
    );
  };
  const found = issues.filter(isWanted);
  const size = Number(query.get("per_page"));
  const page = Number(query.get("page") ?? 1);
  const last = Math.max(1, Math.ceil(found.length / size));
  const link = (rel: string, to: number) => {
    const next = new URLSearchParams(query);
    next.set("page", String(to));
    return `<${api}/repos/octo/web/issues?${next}>; rel="${rel}"`;
  };
  const links = page < last ? [link("next", page + 1), link("last", last)] : [link("first", 1)];
  response.writeHead(200, {
    "content-type": "application/json; charset=utf-8",
    "x-ratelimit-remaining": "4999",
    link: links.join(", "),
  });
  response.end(JSON.stringify(found.slice((page - 1) * size, page * size)));
}
