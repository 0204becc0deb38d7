// Holds what the tests exchanged with the fake GitHub to GitHub's own descriptions: REST requests and answers to npm
// @octokit/openapi, GraphQL queries to npm @octokit/graphql-schema.
//
// openapi.mjs FILE: one exchange a line, as tests/it/support/github/exchanges.rs writes them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import Ajv from "ajv";
import { schema as graph } from "@octokit/graphql-schema";
import addFormats from "ajv-formats";
import { buildClientSchema, parse, validate } from "graphql";

const require = createRequire(import.meta.url);
const description = require("@octokit/openapi/generated/api.github.com.json");
const graphSchema = buildClientSchema(graph.json.data ?? graph.json, { assumeValid: true });
const API_VERSION = "2022-11-28";

// A repository that was renamed: docs.github.com, "Best practices for using the REST API", "Follow redirects". The
// description has neither those answers nor where they lead: the repository by its number.
const REDIRECTS = [301, 302, 307];
const MOVED = /^(?:\/repos\/[^/]+\/[^/]+)?(?:\/repositories\/\d+)+\//;

// Where the description is narrower than GitHub's documentation, and why the fake still says so.
const KNOWN = [
  // "repo: null" when a fork was deleted: docs.github.com, "Get a pull request"; the description forgets it.
  { status: 200, where: /\/head\/repo$/, message: /must be object/ },
];

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
addFormats(ajv);
ajv.addSchema(openapi30(description), "github");
const compiled = new Map();

// OpenAPI 3.0 says `nullable`, JSON Schema a second type; the description's own examples are no part of it.
function openapi30(value) {
  if (Array.isArray(value)) return value.map(openapi30);
  if (value === null || typeof value !== "object") return value;
  const out = {};
  for (const [key, inner] of Object.entries(value)) {
    if (key === "example" || key === "examples" || key === "discriminator") continue;
    out[key] = openapi30(inner);
  }
  if (out.nullable === true) {
    delete out.nullable;
    if (Array.isArray(out.enum)) out.enum = [...out.enum, null];
    if (typeof out.type === "string") out.type = [out.type, "null"];
    else return { anyOf: [out, { type: "null" }] };
  }
  return out;
}

const escape = (part) => part.replace(/~/g, "~0").replace(/\//g, "~1");
function check(pointer, value) {
  if (!compiled.has(pointer)) compiled.set(pointer, ajv.compile({ $ref: `github#/${pointer.map((p) => encodeURIComponent(escape(p))).join("/")}` }));
  const valid = compiled.get(pointer);
  return valid(value) ? [] : valid.errors.filter((e) => !["anyOf", "oneOf"].includes(e.keyword));
}

// A path of the description for a path that was called: literal parts first, `{ref}` may hold slashes.
const templates = Object.keys(description.paths)
  .map((path) => {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);
    const pattern = path.replace(/[.+*?^$()[\]|\\]/g, "\\$&").replace(/\{(\w+)\}/g, (_, n) => (n === "ref" ? "(.+)" : "([^/]+)"));
    return { path, names, pattern: new RegExp(`^${pattern}$`) };
  })
  .sort((a, b) => a.names.length - b.names.length);

const deref = (value) => (value.$ref ? value.$ref.slice(2).split("/").reduce((at, key) => at[key], description) : value);
const pointerOf = (base, value) => (value.$ref ? value.$ref.slice(2).split("/") : base);

const problems = [];
const counts = { requests: 0, answers: 0, queries: 0, faults: 0 };
const operations = new Set();
for (const [index, line] of readFileSync(process.argv[2], "utf8").trimEnd().split("\n").entries()) {
  const exchange = JSON.parse(line);
  const told = `${exchange.method} ${exchange.path}?${exchange.query} -> ${exchange.status}`;
  const problem = (text) => problems.push(`${index + 1}: ${told}: ${text}`);
  if (exchange.path === "/api/graphql") {
    counts.queries += 1;
    for (const error of validate(graphSchema, parse(exchange.body.query))) problem(error.message);
    continue;
  }
  const headers = Object.fromEntries(exchange.headers);
  const versions = exchange.headers.filter(([name]) => name === "x-github-api-version").map(([, v]) => v);
  if (versions.length !== 1 || versions[0] !== API_VERSION) problem(`pins the API version ${JSON.stringify(versions)}`);
  if (!headers["user-agent"]) problem("says no user agent");
  const asked = exchange.path.replace(/^\/api\/v3/, "");
  const path = MOVED.test(asked) ? asked.replace(MOVED, "/repos/OWNER/NAME/") : asked;
  const found = templates.find((t) => t.pattern.test(path) && description.paths[t.path][exchange.method.toLowerCase()]);
  if (!found) {
    problem("is no call of GitHub's API");
    continue;
  }
  const method = exchange.method.toLowerCase();
  const operation = description.paths[found.path][method];
  operations.add(operation.operationId);
  counts.requests += 1;

  const values = found.pattern.exec(path).slice(1).map(decodeURIComponent);
  const query = new URLSearchParams(exchange.query);
  const parameters = (operation.parameters ?? []).map((p, i) => [deref(p), pointerOf(["paths", found.path, method, "parameters", String(i)], p)]);
  for (const [parameter, pointer] of parameters) {
    const place = found.names.indexOf(parameter.name);
    const given = parameter.in === "path" ? values[place] : parameter.in === "query" ? query.get(parameter.name) : undefined;
    if (given === undefined || given === null) {
      if (parameter.required) problem(`lacks the parameter ${parameter.name}`);
      continue;
    }
    const type = deref(parameter.schema).type;
    const value = type === "integer" ? Number(given) : type === "boolean" ? given === "true" : given;
    for (const error of check([...pointer, "schema"], value)) problem(`${parameter.name} ${error.message}`);
  }
  const known = new Set(parameters.filter(([p]) => p.in === "query").map(([p]) => p.name));
  for (const name of query.keys()) if (!known.has(name)) problem(`has the unknown parameter ${name}`);
  if (operation.requestBody) {
    const pointer = ["paths", found.path, method, "requestBody", "content", "application/json", "schema"];
    for (const error of check(pointer, exchange.body)) problem(`body${error.instancePath} ${error.message}`);
  } else if (exchange.body !== null) problem("has a body");

  if (exchange.scripted || exchange.status === null) {
    counts.faults += 1;
    continue;
  }
  const answer = operation.responses[String(exchange.status)];
  if (!answer) {
    // 401 and 403 are described for few calls and may answer any.
    if (![401, 403, 404, ...REDIRECTS].includes(exchange.status)) problem("is a status that this call does not have");
    continue;
  }
  const base = pointerOf(["paths", found.path, method, "responses", String(exchange.status)], answer);
  const content = deref(answer).content?.["application/json"];
  // Raw bytes were asked for.
  if (!content || headers.accept?.includes("raw")) continue;
  counts.answers += 1;
  for (const error of check([...base, "content", "application/json", "schema"], exchange.answer)) {
    if (KNOWN.some((k) => k.status === exchange.status && k.where.test(error.instancePath) && k.message.test(error.message))) continue;
    problem(`answer${error.instancePath} ${error.message}`);
  }
}

if (problems.length > 0) {
  console.error(problems.slice(0, 40).join("\n"));
  console.error(`${problems.length} problems`);
  process.exit(1);
}
if (counts.requests < 50 || counts.queries < 5 || operations.size < 9) {
  console.error(`too little was recorded: ${JSON.stringify(counts)}, ${operations.size} operations`);
  process.exit(1);
}
console.log(`${counts.requests} requests to ${operations.size} calls, ${counts.answers} answers, ${counts.queries} queries; ${counts.faults} scripted faults`);
