// Takes a picture of each page in a folder, in a headless Chromium, diagrams drawn by mermaid: shoot.mjs FOLDER
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import puppeteer from "puppeteer-core";

const [folder] = process.argv.slice(2);
const mermaid = join(createRequire(import.meta.url).resolve("mermaid"), "../mermaid.min.js");
const executablePath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => path && existsSync(path));
const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox", "--font-render-hinting=none"] });
try {
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".html")).sort()) {
    const page = await browser.newPage();
    page.on("pageerror", (error) => { throw error; });
    await page.setViewport({ width: 920, height: 600, deviceScaleFactor: 2 });
    await page.goto(`file://${resolve(folder, file)}`);
    // What is folded away stays so.
    const diagrams = ".mermaid:not(details:not([open]) .mermaid)";
    if (await page.$(diagrams)) {
      await page.addScriptTag({ path: mermaid });
      await page.evaluate(async (querySelector) => {
        mermaid.initialize({ startOnLoad: false, securityLevel: "strict", theme: "default", fontFamily: "Inter, sans-serif" });
        await mermaid.run({ querySelector });
      }, diagrams);
      if (await page.$(`${diagrams}:not(:has(svg))`)) throw new Error(`${file}: the diagram was not drawn`);
    }
    await page.evaluate(() => document.fonts.ready);
    await (await page.$("body")).screenshot({ path: join(folder, file.replace(".html", ".png")) });
  }
} finally {
  await browser.close();
}
