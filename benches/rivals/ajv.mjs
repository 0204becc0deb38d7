// Validates every file of a directory against what a flow file must look like, and nothing more: no graph, no delta.
// usage: node ajv.mjs DIRECTORY

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';

const text = { type: 'string', minLength: 1 };
const number = { type: 'integer', minimum: 0 };
const validate = new Ajv({ allErrors: true, strict: false }).compile({
  type: 'object',
  required: ['flowId', 'version', 'elements', 'connectors'],
  properties: {
    flowId: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,128}$' },
    version: {
      anyOf: [
        { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+' },
        { type: 'object', required: ['major', 'minor', 'patch'], properties: { major: number, minor: number, patch: number } },
      ],
    },
    elements: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'type'],
        properties: {
          id: text,
          type: { enum: ['Begin', 'End', 'IVR', 'Queue', 'Agent', 'API', 'Database', 'Conditional'] },
          configuration: { type: 'object' },
        },
      },
    },
    connectors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['sourceId', 'targetId'],
        properties: { id: text, sourceId: text, targetId: text },
      },
    },
  },
});

let bad = 0;
function each(directory) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) each(path);
    else if (!validate(JSON.parse(readFileSync(path, 'utf8')))) bad += 1;
  }
}
each(process.argv[2]);
process.exit(bad === 0 ? 0 : 2);
