// What the tests of the studio's page share: a folder with media and jobs, a running studio, a browser.
//
// usage: DREAMREEL=... PAGE=... NETWORK=... node --test FILE
//
// PAGE is the folder of the build that npm has filled: playwright-core and axe-core are taken from there.
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";

const require = createRequire(join(process.env.PAGE, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const kProgram = process.env.DREAMREEL;
const kNetwork = process.env.NETWORK; // the tests' tiny one
export const kOddPhoto = `<img src=x onerror="window.broken=1"> 'a' 100%d.png`;
export const kOddName = '<img src=x onerror="window.broken=1">.mkv';
const kPatience = 60_000 * (process.env.DREAMREEL_TEST_PATIENCE ?? 1); // the machine may be busy

export const folder = mkdtempSync(join(tmpdir(), "dreamreel-studio-"));
let browser, studio, address;

export const inFolder = (name) => join(folder, name);
export const read = (name) => readFileSync(inFolder(name), "utf8");
export const frames = (name) =>
  execFileSync("ffmpeg", ["-v", "error", "-i", inFolder(name), "-f", "framemd5", "-"], { encoding: "utf8" });

export function makeMedia(name, ...output) {
  const source = ["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=8:duration=1"];
  execFileSync("ffmpeg", ["-v", "error", "-y", ...source, ...output, inFolder(name)]);
}

export function job(input, output, more = "") {
  return (
    `# kept as it is\ninput: {path: '${input}'}\noutput: {path: ${output}}\n` +
    "network: tiny.onnx\ndevice: cpu\nprecision: fp32\n" +
    `dream:\n  objectives: [{layer: relu1}]\n  octaves: 2\n  iterations: 3\n  jitter: 2\n${more}`
  );
}

export function writeLook(layer) {
  mkdirSync(process.env.DREAMREEL_LOOKS, { recursive: true });
  const text = `# A look for tests.\nnetwork: ${inFolder("tiny.onnx")}\nprecision: fp32\ndevice: cpu\n`;
  writeFileSync(join(process.env.DREAMREEL_LOOKS, `look-${layer}.yaml`), `${text}dream: {objectives: [{layer: ${layer}}]}\n`);
}

// The program prints its address once it listens.
export async function startStudio() {
  studio = spawn(kProgram, ["studio", folder], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  for await (const part of studio.stdout) if ((said += part).includes("\n")) break;
  address = said.trim();
}

export async function endStudio(signal = "SIGTERM") {
  const ended = new Promise((done) => studio.once("exit", done));
  studio.kill(signal);
  await ended;
}

export async function opened(size = { width: 1440, height: 900 }) {
  const context = await browser.newContext({ viewport: size });
  context.setDefaultTimeout(kPatience);
  const page = await context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(error.message));
  await page.goto(address);
  return page;
}

export const dreamed = (page) => page.locator(".picture .dream");
export const wholeDream = (page) =>
  page.waitForFunction(() => document.querySelector(".picture .dream") && !document.querySelector(".picture .progress"));

export async function openFile(page, name) {
  await page.getByRole("button", { name, exact: true }).click();
  await wholeDream(page);
}

export async function serious(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, nodes }) => [id, nodes[0].html]);
}

/** Begins and ends everything around the tests of a file; `prepare` writes what they need into the folder. */
export function withStudio(prepare) {
  before(async () => {
    copyFileSync(kNetwork, inFolder("tiny.onnx"));
    makeMedia("clip.mkv", "-c:v", "ffv1");
    await prepare();
    await startStudio();
    browser = await chromium.launch({
      executablePath: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync),
      args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required"],
    });
  });
  after(async () => {
    await browser?.close();
    await endStudio();
    rmSync(folder, { recursive: true, force: true });
  });
}
