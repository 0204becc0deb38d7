// Validates every file of a directory against a JSON Schema, and nothing more: no graph, no delta.
// usage: node ajv.mjs SCHEMA DIRECTORY

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020.js';

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const [schema, directory] = process.argv.slice(2);
const validate = new Ajv({ allErrors: true, strict: false }).compile(read(schema));

let bad = 0;
function each(place) {
  for (const entry of readdirSync(place, { withFileTypes: true })) {
    const path = join(place, entry.name);
    if (entry.isDirectory()) each(path);
    else if (!validate(read(path))) bad += 1;
  }
}
each(directory);
process.exit(bad === 0 ? 0 : 2);
