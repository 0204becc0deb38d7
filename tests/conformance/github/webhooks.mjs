// Writes GitHub's example payloads (npm @octokit/webhooks-examples) as files for the test `webhook_examples`, and beside
// them what the package lacks: fork and merged pull requests as overlays. Every overlay must still be what GitHub's own
// schema (npm @octokit/webhooks-schemas) allows.
//
// webhooks.mjs DIRECTORY
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import Ajv from "ajv";
import addFormats from "ajv-formats";

const require = createRequire(import.meta.url);
const examples = require("@octokit/webhooks-examples");
const schema = require("@octokit/webhooks-schemas");
const directory = process.argv[2];
mkdirSync(directory, { recursive: true });

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(schema, "webhooks");
const validators = {
  pull_request: ajv.compile({ $ref: "webhooks#/definitions/pull_request$closed" }),
  push: ajv.compile({ $ref: "webhooks#/definitions/push$event" }),
};

let count = 0;
function write(event, name, payload) {
  writeFileSync(join(directory, `${event}.${name}.json`), JSON.stringify(payload));
  count += 1;
}

for (const { name: event, examples: payloads } of examples) {
  payloads.forEach((payload, index) => write(event, `example-${index}`, payload));
}

const copy = (value) => JSON.parse(JSON.stringify(value));
const of = (event, wanted) => copy(examples.find((e) => e.name === event).examples.find(wanted));
function overlay(event, name, payload) {
  const valid = validators[event];
  if (!valid(payload)) {
    console.error(`${event}.${name} is nothing that GitHub would send`, valid.errors.slice(0, 5));
    process.exit(1);
  }
  write(event, name, payload);
  if (event === "pull_request") write("pull_request_target", name, payload);
}

const closed = of("pull_request", (p) => p.action === "closed" && p.pull_request.merged === false);
const merged = copy(closed);
Object.assign(merged.pull_request, { merged: true, merged_at: "2026-11-22T10:00:00Z", merge_commit_sha: "a".repeat(40), merged_by: merged.sender });
overlay("pull_request", "closed-merged", merged);
overlay("pull_request", "closed-unmerged", closed);

const fork = copy(merged);
fork.pull_request.head.repo.id += 1;
fork.pull_request.head.repo.fork = true;
overlay("pull_request", "closed-merged-from-fork", fork);

const gone = copy(merged);
gone.pull_request.head.repo = null;
overlay("pull_request", "closed-merged-fork-gone", gone);

// The repository itself is a fork of another: its own pull requests are not from a fork.
const own = copy(merged);
for (const repo of [own.repository, own.pull_request.head.repo, own.pull_request.base.repo]) repo.fork = true;
overlay("pull_request", "closed-merged-in-a-fork", own);

const elsewhere = copy(merged);
elsewhere.pull_request.base.ref = "release";
overlay("pull_request", "closed-merged-elsewhere", elsewhere);

const push = of("push", (p) => p.head_commit !== null && validators.push(p));
Object.assign(push, { ref: `refs/heads/${push.repository.default_branch}`, created: false, deleted: false, forced: false, before: "b".repeat(40), after: "c".repeat(40) });
overlay("push", "to-default", push);
overlay("push", "to-default-forced", { ...copy(push), forced: true });
overlay("push", "to-default-created", { ...copy(push), created: true, before: "0".repeat(40) });
overlay("push", "to-default-deleted", { ...copy(push), deleted: true, after: "0".repeat(40), head_commit: null });
overlay("push", "to-topic", { ...copy(push), ref: "refs/heads/topic" });
overlay("push", "to-tag", { ...copy(push), ref: `refs/tags/${push.repository.default_branch}` });

console.log(`${count} payloads`);
