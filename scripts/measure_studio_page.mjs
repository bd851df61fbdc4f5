// Measures the studio's page in Chromium, for measure_studio.py.
//
// usage: PAGE=... node measure_studio_page.mjs ADDRESS PART ...
//
// PAGE is the folder of the build that npm has filled. Prints one JSON object with seconds, and frames a second.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.PAGE, "package.json"));
const { chromium } = require("playwright-core");

const [address, ...parts] = process.argv.slice(2);
const kPatience = 120_000;
const kChanges = 10;
const kDragMilliseconds = 6000;
const found = {};

const browser = await chromium.launch({
  executablePath: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync),
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});

async function opened() {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  context.setDefaultTimeout(kPatience);
  const page = await context.newPage();
  await page.goto(address);
  return page;
}

async function openFile(page, name) {
  await page.getByRole("button", { name, exact: true }).click();
  await page.waitForFunction(() => document.querySelector(".picture .dream") && !document.querySelector(".picture .progress"));
}

// In the page: one key is changed as a person changes it, and each picture counts once it is painted.
async function oneChange(seed) {
  const pictures = new Map();
  const events = new EventSource("/api/events");
  events.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    if (event.event === "preview" && event.picture) pictures.set(event.picture, event);
  };
  await new Promise((done) => (events.onopen = done));
  const input = document.querySelector('[id="key-seed"]');
  const seen = {};
  const begin = performance.now();
  const whole = new Promise((done) => {
    document.addEventListener("load", onLoad, true);
    function onLoad({ target }) {
      if (!target.matches?.(".picture .dream")) return;
      const event = pictures.get(target.getAttribute("src"));
      requestAnimationFrame(() => requestAnimationFrame(() => {
        const now = (performance.now() - begin) / 1000;
        const isOctave = event && (event.octave > 1 || event.step === event.steps);
        if (isOctave && seen.first === undefined) seen.first = now;
        if (event?.state !== "whole") return;
        seen.whole = now;
        document.removeEventListener("load", onLoad, true);
        done();
      }));
    }
  });
  input.value = seed;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
  await whole;
  events.close();
  return seen;
}

async function measurePreviews() {
  const page = await opened();
  await openFile(page, "preview.yaml");
  await page.getByLabel("Search the settings").fill("seed");
  await page.locator('[id="key-seed"]').waitFor();
  const all = [];
  for (let i = 0; i < kChanges; ++i) all.push(await page.evaluate(oneChange, String(1000 + i)));
  found.first = all.map(({ first }) => first);
  found.whole = all.map(({ whole }) => whole);
  await page.context().close();
}

// The playhead goes to and fro as fast as the screen allows, and each picture that is loaded counts.
async function measureDrag() {
  const page = await opened();
  await openFile(page, "drag.yaml");
  await page.getByText("Every frame is rendered.").waitFor();
  found.drag = await page.evaluate(async (length) => {
    const playhead = document.querySelector('[aria-label="Frame"]');
    const last = Number(playhead.max);
    let loaded = 0;
    document.addEventListener("load", ({ target }) => (loaded += target.matches?.(".picture .dream") ? 1 : 0), true);
    const begin = performance.now();
    for (let at = 0; performance.now() - begin < length; ++at) {
      const place = at % (2 * last);
      playhead.value = String(place <= last ? place : 2 * last - place);
      playhead.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise((done) => requestAnimationFrame(done));
    }
    return (1000 * loaded) / (performance.now() - begin);
  }, kDragMilliseconds);
  await page.context().close();
}

async function measureOpening() {
  const page = await opened();
  const clip = page.getByRole("button", { name: "long.mp4", exact: true });
  await clip.waitFor();
  const begin = performance.now();
  const since = () => (performance.now() - begin) / 1000;
  await clip.click();
  await page.waitForFunction(() => document.querySelector(".picture .source")?.naturalWidth > 0);
  found.open = since();
  await page.locator(".track canvas").first().waitFor();
  found.curves = since();
  await page.context().close();
}

const measures = { preview: measurePreviews, drag: measureDrag, open: measureOpening };
try {
  for (const part of parts) await measures[part]();
  console.log(JSON.stringify(found));
} finally {
  await browser.close();
}
