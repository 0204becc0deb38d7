// Holds our requests to the tutorial's: its own program and our binary deploy the same pair of flows to two sandboxes,
// and what they sent is compared field by field, but for the table of deliberate differences below.
//
// usage: node run.mjs FLOWGATE_BINARY TUTORIAL_TEXT

import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import assert from 'node:assert/strict';
import { slice } from './slice.mjs';

const [binary, text] = process.argv.slice(2);
if (!existsSync(text)) {
  console.log(`LEFT OUT: the tutorial's text is not at hand, so its requests were not compared with ours`);
  process.exit(0);
}
const here = dirname(fileURLToPath(import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'flowgate-tutorial-'));

// The pair that the tutorial's own main program deploys.
const flowId = 'a1b2c3d4-e5f6-7890-abcd-ef1234567890';
const current = {
  flowId,
  version: { major: 1, minor: 0, patch: 0 },
  elements: [
    { id: 'begin-001', type: 'Begin', configuration: {} },
    { id: 'ivr-002', type: 'IVR', configuration: { prompt: 'Welcome' } },
    { id: 'end-003', type: 'End', configuration: {} },
  ],
  connectors: [
    { id: 'conn-001', sourceId: 'begin-001', targetId: 'ivr-002' },
    { id: 'conn-002', sourceId: 'ivr-002', targetId: 'end-003' },
  ],
};
const proposed = {
  ...current,
  version: { major: 1, minor: 1, patch: 0 },
  elements: [
    ...current.elements,
    { id: 'api-004', type: 'API', configuration: { endpoint: 'https://api.example.com/data' } },
  ],
  connectors: [
    ...current.connectors,
    { id: 'conn-003', sourceId: 'ivr-002', targetId: 'api-004' },
    { id: 'conn-004', sourceId: 'api-004', targetId: 'end-003' },
  ],
};

/** Deliberate differences: what we send otherwise than the tutorial's program, and why. Everything else must match. */
const DIFFERENCES = {
  'create header idempotency-key': 'a repeated create is recognised',
  'create body metadata.createdAt': 'the time of the run',
  'create body metadata.deltaMatrix.computedAt': 'the time of the run',
  'create body metadata.deltaMatrix.moved': 'added: layout changes are told apart',
  'create body metadata.deltaMatrix.connectors': 'added: connectors have a delta too',
  'create body metadata.contentDigest': 'added: proves later what we put there',
  'create body metadata.source': 'added: repository, commit and run',
  'webhook body commit.metadata.timestamp': 'the time of the run',
  'webhook body commit.metadata.delta.computedAt': 'the time of the run',
  'webhook body commit.metadata.delta.moved': 'added, as in the payload',
  'webhook body commit.metadata.delta.connectors': 'added, as in the payload',
  'webhook header x-flowgate-delivery': 'added: the same on every retry',
};
/** Headers that say something about the contract; the rest is the HTTP library's. */
const HEADERS = ['content-type', 'accept', 'authorization', 'idempotency-key', 'x-flowgate-delivery'];
const seen = new Set();

function webhook() {
  const received = [];
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ operation: 'Webhook', headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.end('{}');
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => {
    resolve({ url: `http://127.0.0.1:${server.address().port}/hook`, received, close: () => server.close() });
  }));
}

async function sandbox(name) {
  const seed = join(work, 'seed.json');
  writeFileSync(seed, JSON.stringify({ ...current, version: '1.0.0' }));
  const record = join(work, `${name}.jsonl`);
  const child = spawn(binary, ['sandbox', '--port', '0', '--seed', seed, '--record', record], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise((resolve, reject) => {
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
      const found = out.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) resolve(found[0]);
    });
    child.on('exit', (code) => reject(new Error(`the sandbox ended with ${code}: ${out}`)));
  });
  const stop = () => new Promise((resolve) => {
    child.removeAllListeners('exit');
    child.on('exit', resolve);
    child.kill('SIGTERM');
  });
  return { url, stop, requests: () => readFileSync(record, 'utf8').trim().split('\n').map((line) => JSON.parse(line)) };
}

async function run(name, start) {
  const hook = await webhook();
  const tenant = await sandbox(name);
  const { child, input } = start(tenant.url, hook.url);
  const code = await new Promise((resolve) => child.on('exit', resolve));
  assert.equal(code, 0, `${name} deploys (${input})`);
  await tenant.stop();
  hook.close();
  const requests = tenant.requests();
  const last = (operation) => {
    const found = requests.filter((request) => request.operation === operation);
    assert.ok(found.length > 0, `${name} sent ${operation}`);
    return found.at(-1);
  };
  return { token: last('token'), versions: last('listVersions'), create: last('createVersion'),
    publish: last('publish'), webhook: hook.received.at(-1) };
}

const env = { PATH: process.env.PATH, HOME: work, CXONE_CLIENT_ID: 'sandbox-client', CXONE_CLIENT_SECRET: 'sandbox-secret',
  CXONE_ENVIRONMENT: 'sandbox' };

function tutorial(url, hook) {
  const program = join(work, 'tutorial.mjs');
  writeFileSync(program, slice(readFileSync(text, 'utf8')));
  symlinkSync(join(here, '..', 'node_modules'), join(work, 'node_modules'));
  const child = spawn(process.execPath, [program], {
    env: { ...env, CXONE_BASE_URL: url, GIT_WEBHOOK_URL: hook }, stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { child, input: 'the tutorial’s own program' };
}

function ours(url, hook) {
  const repository = join(work, 'repository');
  mkdirSync(join(repository, 'flows'), { recursive: true });
  const file = join(repository, 'flows', 'tutorial.json');
  const git = (...args) => {
    const done = spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: repository });
    assert.equal(done.status, 0, String(done.stderr));
  };
  git('init', '-q', '-b', 'main');
  writeFileSync(file, JSON.stringify(current, null, 2));
  git('add', '-A');
  git('commit', '-qm', 'live');
  writeFileSync(file, JSON.stringify(proposed, null, 2));
  git('commit', '-qam', 'change');
  const child = spawn(binary, ['deploy', `--sandbox=${url}`, '--base', 'HEAD~1'], {
    cwd: repository, env: { ...env, GIT_WEBHOOK_URL: hook }, stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { child, input: 'flowgate deploy' };
}

function paths(value, prefix, into) {
  if (value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0) {
    for (const [key, inner] of Object.entries(value)) paths(inner, prefix ? `${prefix}.${key}` : key, into);
  } else into.set(prefix, JSON.stringify(value));
  return into;
}

/** `metadata.source.commit` is excused by `metadata.source`. */
function excused(what) {
  const entry = Object.keys(DIFFERENCES).find((name) => what === name || what.startsWith(`${name}.`));
  if (entry) seen.add(entry);
  return entry !== undefined;
}

function compareMaps(what, theirs, mine) {
  for (const key of new Set([...theirs.keys(), ...mine.keys()])) {
    if (theirs.get(key) === mine.get(key) || excused(`${what} ${key}`)) continue;
    assert.fail(`${what} ${key}: the tutorial sends ${theirs.get(key)}, we send ${mine.get(key)}`);
  }
}

function headers(request) {
  const normal = (name, value) => {
    if (name === 'authorization') return value.replace(/^Bearer .+$/, 'Bearer …');
    return value.split(';')[0].toLowerCase();
  };
  const all = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
  return new Map(HEADERS.filter((name) => all[name] !== undefined).map((name) => [name, normal(name, all[name])]));
}

try {
  const theirs = await run('tutorial', tutorial);
  const mine = await run('flowgate', ours);
  for (const [name, body] of [['create', JSON.parse], ['publish', JSON.parse], ['webhook', JSON.parse],
    ['token', (form) => Object.fromEntries(new URLSearchParams(form))]]) {
    compareMaps(`${name} body`, paths(body(theirs[name].body), '', new Map()), paths(body(mine[name].body), '', new Map()));
  }
  for (const name of ['create', 'publish', 'versions', 'webhook', 'token']) {
    const [a, b] = [headers(theirs[name]), headers(mine[name])];
    // The tutorial's HTTP library adds its own Accept where its program sets none.
    if (name === 'token' || name === 'webhook') [a, b].forEach((map) => map.delete('accept'));
    // A GET has no body for a Content-Type to describe; the tutorial's library drops the header, whatever is set.
    if (name === 'versions') [a, b].forEach((map) => map.delete('content-type'));
    compareMaps(`${name} header`, a, b);
  }
  for (const name of ['create', 'publish', 'token']) {
    assert.equal(`${mine[name].method} ${mine[name].path}`, `${theirs[name].method} ${theirs[name].path}`);
  }
  assert.equal(mine.versions.path.split('?')[0], theirs.versions.path.split('?')[0]);
  const unused = Object.keys(DIFFERENCES).filter((name) => !seen.has(name));
  assert.deepEqual(unused, [], 'every listed difference is a real one');
  console.log(`ok: our requests match those of the tutorial's own program but for ${seen.size} listed differences`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
