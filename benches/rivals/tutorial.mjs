// Writes the tutorial's own program, sliced out of its text, as a program that checks one pair of files: the same steps as
// its main function up to the payload, with the count of versions known, so that no network is in the figure.
// usage: node tutorial.mjs TUTORIAL_TEXT PROGRAM

import { readFileSync, writeFileSync } from 'node:fs';
import { slice } from '../../tests/conformance/tutorial/slice.mjs';

const [text, program] = process.argv.slice(2);
const whole = slice(readFileSync(text, 'utf8')).trimEnd();
if (!whole.endsWith('main();')) throw new Error('the tutorial’s program ends otherwise than expected');
writeFileSync(program, `import { readFileSync } from 'node:fs';
${whole.slice(0, -'main();'.length)}
const [before, after] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')));
const versioner = new FlowVersioner('client', 'secret', 'environment');
versioner.getVersionCount = async () => 0;
const check = await versioner.validateEngineConstraints(after);
if (!check.isValid) throw new Error(check.errors.join(', '));
await versioner.verifyConnectorIntegrity(after);
console.log(JSON.stringify(await versioner.computeDeltaAndConstructPayload(before, after)));
`);
