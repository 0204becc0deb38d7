// Slices the tutorial's own program out of its text, mechanically, so that it can be run beside ours. Nothing of it is
// kept in this repository: where the text is not at hand, the caller says aloud that the step is left out.

/** Lines that begin prose or a heading; everything between an opening line and one of these is code. */
const PROSE = /^(The |This |Step \d|Implementation$|Complete Working|Common Errors|Authentication Setup|CXone )/;
const OPENING = /^(import .* from '|async \w+\(|\/\/ Extend )/;

function blocks(text) {
  const found = [];
  let open = null;
  for (const line of text.split(/\r?\n/)) {
    if (open === null && OPENING.test(line)) found.push((open = []));
    else if (open !== null && PROSE.test(line)) open = null;
    if (open !== null) open.push(line);
  }
  return found.map((lines) => lines.join('\n'));
}

const withoutImports = (code) => code.replace(/^import .*$/gm, '').trim();

/** The whole program as one module: the class with the methods of every step, talking to `CXONE_BASE_URL`. */
export function slice(text) {
  const code = blocks(text);
  const packages = new Set(code.join('\n').match(/^import .* from '(?!\.)[^']*';?$/gm));
  const auth = code.find((block) => block.includes('class CxoneAuthManager'));
  const versioner = code.find((block) => block.includes('class FlowVersioner'));
  const main = code.find((block) => block.includes('async function main('));
  const methods = code.filter((block) => ![auth, versioner, main].includes(block)).map(withoutImports);
  if (!auth || !versioner || !main || methods.length < 4) {
    throw new Error(`the tutorial's text has another shape than expected: ${code.length} blocks of code found`);
  }
  const shell = withoutImports(versioner).replace(/\}\s*$/, '');
  return [...packages, withoutImports(auth), shell, ...methods, '}', withoutImports(main)]
    .join('\n')
    .replace("'https://api.nicecxone.com'", 'process.env.CXONE_BASE_URL');
}
