// Parses diagrams (a JSON list on stdin) with npm mermaid and looks at what they came to: no link, no callback, no setting.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!doctype html><body></body>");
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import("mermaid");

const problems = [];
const pictures = JSON.parse(readFileSync(0, "utf8"));
for (const [index, text] of pictures.entries()) {
  const problem = (what) => problems.push(`picture ${index + 1}: ${what}\n${text.slice(0, 1500)}`);
  try {
    const { diagramType, config } = await mermaid.parse(text);
    if (!diagramType.startsWith("flowchart")) problem(`is a ${diagramType}`);
    if (Object.keys(config ?? {}).length > 0) problem(`sets ${JSON.stringify(config)}`);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    for (const [id, node] of db.getVertices()) {
      if (node.link || node.haveCallback) problem(`the node ${id} acts`);
      if (!/^[a-z]+\d*$/i.test(id)) problem(`the id ${id} came from outside`);
    }
    if (db.getSubGraphs?.().some((g) => !/^[a-z]+\d*$/i.test(g.id))) problem("has a folder that came from outside");
  } catch (error) {
    problem(error.message);
  }
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
