// Opens pages of `flowgate graph` in a real headless Chromium and uses them as a reader would.
//
// browse.mjs FLOWGATE OLD NEW HOSTILE [SCREENSHOT]
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";

const [flowgate, old, changed, hostile, screenshot] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), "flowgate-page-"));
const problems = [];
const must = (what, holds) => holds || problems.push(what);
const executablePath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => path && existsSync(path));
if (!executablePath) {
  console.error("there is no Chromium: install it or name it in CHROMIUM");
  process.exit(1);
}
const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox"] });

async function open(file, ...against) {
  const path = join(directory, `${Math.random()}.html`);
  execFileSync(flowgate, ["graph", file, ...against, "--output", path]);
  const page = await browser.newPage();
  await page.setViewport({ width: 1400, height: 760 });
  page.on("pageerror", (error) => problems.push(`an error: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && problems.push(`the console: ${message.text()}`));
  page.on("dialog", (dialog) => { problems.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => request.url().startsWith("file:") || problems.push(`a request: ${request.url()}`));
  await page.goto(`file://${path}`);
  return page;
}

try {
  // A change: what is new, changed and gone is marked, and told before and after.
  const page = await open(changed, "--against", old);
  const counts = await page.evaluate(() => ["node", "way", "node.changed", "node.new"].map((c) => document.querySelectorAll(`.${c}`).length));
  must(`nodes and ways are drawn: ${counts}`, counts[0] > 3 && counts[1] > 3);
  must(`what changed is marked: ${counts}`, counts[2] + counts[3] > 0);
  const apart = await page.evaluate(() => {
    const boxes = [...document.querySelectorAll(".node rect")].map((r) => r.getBoundingClientRect());
    return boxes.every((a, i) => boxes.slice(i + 1).every((b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top));
  });
  must("no two elements cover one another", apart);

  const first = await page.$(".node.changed");
  await first.click();
  const told = await page.$eval("#details", (e) => e.textContent);
  must(`the details say before and after: ${told.slice(0, 200)}`, told.includes("Before") && told.includes("After") && told.includes("Leads to"));

  await page.type("#search", "zzz-nothing");
  must("a search that finds nothing says so", (await page.$eval("#found", (e) => e.textContent)) === "0 found");
  await page.$eval("#search", (e) => { e.value = ""; e.dispatchEvent(new Event("input")); });
  const name = await page.$eval(".node title", (e) => e.textContent);
  await page.type("#search", name);
  const dimmed = await page.$$eval(".node.dim", (all) => all.length);
  must(`a search dims the rest (${dimmed} of ${counts[0]})`, dimmed > 0 && dimmed < counts[0]);
  await page.keyboard.press("Enter");
  must("Enter opens what was found", (await page.$eval("#details h2", (e) => e.textContent)).includes(name));
  await page.$eval("#search", (e) => { e.value = ""; e.dispatchEvent(new Event("input")); });

  await page.click("#only");
  must("only changes dims the rest", (await page.$$eval(".node.same.dim", (all) => all.length)) === (await page.$$eval(".node.same", (all) => all.length)));
  await page.click("#only");

  const box = () => page.$eval("#view", (e) => e.getAttribute("viewBox"));
  await page.click("#fit");
  const before = await box();
  await page.click("#in");
  must("nearer", (await box()) !== before);
  await page.click("#fit");
  const [x, y] = [60, 700];
  await page.mouse.move(x, y);
  await page.mouse.wheel({ deltaY: -200 });
  const wheeled = await box();
  must("the wheel zooms", wheeled !== before);
  await page.mouse.down();
  await page.mouse.move(x + 80, y - 40, { steps: 4 });
  await page.mouse.up();
  must("the picture can be dragged", (await box()) !== wheeled);
  await page.click("#fit");
  if (screenshot) {
    await (await page.$(".node.changed")).click();
    await page.screenshot({ path: screenshot });
  }

  // One flow without a change, and one that wants to act.
  await open(old);
  const bad = await open(hostile);
  must("a hostile flow is drawn", (await bad.$$eval(".node", (all) => all.length)) > 3);
  for (const node of (await bad.$$(".node")).slice(0, 12)) await node.evaluate((n) => n.dispatchEvent(new MouseEvent("click", { bubbles: true })));
  must("nothing of it became markup", await bad.evaluate(() => document.querySelectorAll("img, iframe, script:not(#data)").length === 1 && !document.querySelector("#details b")));
} finally {
  await browser.close();
  rmSync(directory, { recursive: true, force: true });
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log("pages are drawn, searched, zoomed and told; a hostile one does nothing");
