// The studio's page in Debian's Chromium: what a person does, from a photo to a saved picture.
//
// usage: DREAMREEL=... PAGE=... node page_test.mjs
//
// PAGE is the folder of the build that npm has filled: playwright-core and axe-core are taken from there.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

const require = createRequire(join(process.env.PAGE, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const kProgram = process.env.DREAMREEL;
const kNetwork = process.env.NETWORK; // the tests' tiny one
const kOddPhoto = `<img src=x onerror="window.broken=1"> 'a' 100%d.png`;
const kOddName = '<img src=x onerror="window.broken=1">.mkv';
const kPatience = 60_000 * (process.env.DREAMREEL_TEST_PATIENCE ?? 1); // the machine may be busy

const folder = mkdtempSync(join(tmpdir(), "dreamreel-studio-"));
let browser, studio, address;

const inFolder = (name) => join(folder, name);
const read = (name) => readFileSync(inFolder(name), "utf8");
const frames = (name) =>
  execFileSync("ffmpeg", ["-v", "error", "-i", inFolder(name), "-f", "framemd5", "-"], { encoding: "utf8" });

function makeMedia(name, ...output) {
  const source = ["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=8:duration=1"];
  execFileSync("ffmpeg", ["-v", "error", "-y", ...source, ...output, inFolder(name)]);
}

function job(input, output, more = "") {
  return (
    `# kept as it is\ninput: {path: '${input}'}\noutput: {path: ${output}}\n` +
    "network: tiny.onnx\ndevice: cpu\nprecision: fp32\n" +
    `dream:\n  objectives: [{layer: relu1}]\n  octaves: 2\n  iterations: 3\n  jitter: 2\n${more}`
  );
}

function writeLook(layer) {
  mkdirSync(process.env.DREAMREEL_LOOKS, { recursive: true });
  const text = `# A look for tests.\nnetwork: ${inFolder("tiny.onnx")}\nprecision: fp32\ndevice: cpu\n`;
  writeFileSync(join(process.env.DREAMREEL_LOOKS, `look-${layer}.yaml`), `${text}dream: {objectives: [{layer: ${layer}}]}\n`);
}

// The program prints its address once it listens.
async function startStudio() {
  studio = spawn(kProgram, ["studio", folder], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  for await (const part of studio.stdout) if ((said += part).includes("\n")) break;
  address = said.trim();
}

async function endStudio() {
  const ended = new Promise((done) => studio.once("exit", done));
  studio.kill("SIGTERM");
  await ended;
}

async function opened(size = { width: 1440, height: 900 }) {
  const context = await browser.newContext({ viewport: size });
  context.setDefaultTimeout(kPatience);
  const page = await context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(error.message));
  await page.goto(address);
  return page;
}

const dreamed = (page) => page.locator(".picture .dream");
const wholeDream = (page) =>
  page.waitForFunction(() => document.querySelector(".picture .dream") && !document.querySelector(".picture .progress"));

async function openFile(page, name) {
  await page.getByRole("button", { name, exact: true }).click();
  await wholeDream(page);
}

async function serious(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, nodes }) => [id, nodes[0].html]);
}

before(async () => {
  copyFileSync(kNetwork, inFolder("tiny.onnx"));
  makeMedia("photo.png", "-frames:v", "1");
  mkdirSync(inFolder("trip"));
  copyFileSync(inFolder("photo.png"), inFolder(join("trip", kOddPhoto)));
  makeMedia(kOddName, "-c:v", "ffv1");
  makeMedia("clip.mkv", "-c:v", "ffv1");
  writeFileSync(inFolder("film.yaml"), job("clip.mkv", "film.mkv", "  step: {0s: 1, 500ms: 2} # grows\n"));
  for (const layer of ["relu0", "relu1"]) writeLook(layer);
  writeFileSync(inFolder("odd.yaml"), job(kOddName.replaceAll("'", "''"), "odd.mkv"));
  await startStudio();
  browser = await chromium.launch({
    executablePath: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync),
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
});

after(async () => {
  await browser?.close();
  await endStudio();
  rmSync(folder, { recursive: true, force: true });
});

const lookTile = (page, name) => page.getByRole("button", { name, exact: true }).and(page.locator(":has(img[src*='/api/pictures/'])"));

test("a photo in a look, saved, in three clicks", async () => {
  const page = await opened();
  await page.getByRole("button", { name: "photo.png", exact: true }).click();
  await lookTile(page, "look-relu1").click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved as photo_look-relu1.png").waitFor();
  execFileSync(kProgram, ["-q", "render", inFolder("photo.png"), "--look", "look-relu1", "-o", inFolder("photo_same.png")]);
  assert.equal(frames("photo_look-relu1.png"), frames("photo_same.png"));
  assert.deepEqual(await serious(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("an odd name is a name, and a second look leaves the first as it is", async () => {
  const page = await opened();
  await page.getByRole("button", { name: `trip/${kOddPhoto}`, exact: true }).click();
  const stem = kOddPhoto.slice(0, -".png".length).replaceAll("%", "_");
  for (const look of ["look-relu0", "look-relu1"]) {
    await lookTile(page, look).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText(`Saved as trip/${stem}_${look}.png`).waitFor();
  }
  const made = readdirSync(inFolder("trip")).filter((name) => !name.endsWith(".work"));
  const wanted = ["look-relu0", "look-relu1"].flatMap((look) => [`${stem}_${look}.png`, `${stem}_${look}.yaml`]);
  assert.deepEqual(made.sort(), [kOddPhoto, ...wanted].sort());
  assert.notEqual(...["look-relu0", "look-relu1"].map((look) => readFileSync(inFolder(`trip/${stem}_${look}.png`), "latin1")));
  assert.equal(await page.evaluate(() => window.broken), undefined);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a look without its network says so, and what fetches it", async () => {
  const page = await opened();
  await page.getByRole("button", { name: "clip.mkv", exact: true }).click();
  const dogs = page.locator(".tiles button", { hasText: "dogs" });
  await dogs.getByText("needs the network oid").waitFor();
  assert.ok(await dogs.isDisabled());
  await page.getByText("dreamreel fetch oid", { exact: true }).waitFor();
  assert.deepEqual(await serious(page), []);
  await page.context().close();
});

test("a dragged keyframe changes the YAML, and the film is the command line's", async () => {
  const page = await opened();
  await openFile(page, "film.yaml");
  const keyframe = page.getByRole("button", { name: /^dream.step is 2 at 500ms/ });
  const box = await keyframe.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2 + 20, { steps: 4 });
  await page.mouse.up();
  await page.getByText("not saved").waitFor();
  await page.getByRole("button", { name: "Render" }).click();
  await page.getByText("Saved as film.mkv").waitFor();
  const text = read("film.yaml");
  assert.match(text, /# kept as it is/);
  assert.match(text, /# grows/);
  const [, value] = /0\.5s: ([\d.]+)/.exec(text);
  assert.ok(Number(value) > 1 && Number(value) < 2, text);
  execFileSync(kProgram, ["-q", "render", inFolder("film.yaml"), "-o", inFolder("same.mkv")]);
  assert.equal(frames("film.mkv"), frames("same.mkv"));
  assert.deepEqual(await serious(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a mistake shows at its line while one types, and is taken back", async () => {
  const page = await opened();
  await openFile(page, "film.yaml");
  await page.getByLabel("Search the settings").fill("zoom");
  await page.locator('[id="key-camera.zoom"]').fill("1+");
  await page.keyboard.press("Tab");
  await page.locator(".row", { hasText: "camera.zoom" }).getByText(/expected/).waitFor();
  await page.getByRole("tab", { name: /Text/ }).click();
  await page.locator(".problems", { hasText: "camera.zoom" }).waitFor();
  await page.locator(".cm-lintRange-error").first().waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.waitForFunction(() => !document.querySelector(".problems li"));
  assert.deepEqual(await serious(page), []);
  await page.context().close();
});

test("a grid of variations, and one picked", async () => {
  const page = await opened();
  await openFile(page, "film.yaml");
  await page.getByRole("tab", { name: "Variations" }).click();
  await page.getByLabel("A key and its values").fill("seed=7..8");
  await page.getByLabel("Another one").fill("dream.octaves=1,2");
  await page.getByRole("button", { name: "Show" }).click();
  const tiles = page.locator(".tiles button");
  await page.waitForFunction(() => document.querySelectorAll(".tiles img[src*='/api/pictures/']").length === 4);
  await tiles.nth(3).click();
  await page.waitForFunction(() => document.querySelector(".tiles li:nth-child(4) [aria-pressed=true]"));
  await page.getByRole("tab", { name: "Text" }).click();
  await page.locator(".cm-content", { hasText: "seed: 8" }).waitFor();
  assert.deepEqual(await serious(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("two pages of one job: what one saves, the other shows", async () => {
  const [one, other] = [await opened(), await opened()];
  for (const page of [one, other]) await openFile(page, "film.yaml");
  await one.getByLabel("Search the settings").fill("seed");
  await one.locator('[id="key-seed"]').fill("41");
  await one.keyboard.press("Tab");
  await one.keyboard.press("Control+s");
  await other.getByRole("tab", { name: "Text" }).click();
  await other.locator(".cm-content", { hasText: "seed: 41" }).waitFor();
  assert.match(read("film.yaml"), /seed: 41/);
  for (const page of [one, other]) await page.context().close();
});

test("a name is a name, on every size of screen, without a mouse", async () => {
  const page = await opened({ width: 390, height: 844 });
  await page.getByRole("button", { name: "odd.yaml" }).waitFor();
  assert.deepEqual(await serious(page), []);
  await page.getByRole("button", { name: "odd.yaml" }).focus();
  await page.keyboard.press("Enter");
  await wholeDream(page);
  assert.equal(await page.evaluate(() => window.broken), undefined);
  const before = await dreamed(page).getAttribute("src");
  await page.locator("#panel").focus();
  await page.keyboard.press("ArrowRight");
  await page.getByText("Frame 1 of 8").waitFor();
  await page.waitForFunction((src) => document.querySelector(".picture .dream").getAttribute("src") !== src, before);
  for (const [width, height] of [[390, 844], [1024, 768], [1440, 900]]) {
    await page.setViewportSize({ width, height });
    const wide = await page.evaluate(() =>
      document.documentElement.scrollWidth <= innerWidth
        ? []
        : [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5)
            .map((one) => `${one.tagName}.${one.className} ${Math.round(one.getBoundingClientRect().right)}`),
    );
    assert.deepEqual(wide, [], `wider than ${width}`);
  }
  assert.deepEqual(await serious(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("two pages show their own pictures", async () => {
  const numberOf = (address) => /pictures\/(\d+)-/.exec(address)?.[1];
  const page = await opened();
  const own = new Set();
  const shown = new Set();
  page.on("response", async (response) => {
    if (response.url().endsWith("/api/preview")) own.add(String((await response.json()).preview));
  });
  page.on("request", (request) => numberOf(request.url()) && shown.add(numberOf(request.url())));
  await openFile(page, "film.yaml");
  const other = await opened();
  await openFile(other, "odd.yaml");
  await other.context().close();
  // The events of the other page's picture have come once a later picture is shown.
  const answered = page.waitForResponse((response) => response.url().endsWith("/api/preview"));
  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByLabel("Search the settings").fill("zoom");
  await page.locator('[id="key-camera.zoom"]').fill("1.01");
  await page.keyboard.press("Tab");
  await answered;
  await wholeDream(page);
  assert.deepEqual([...shown].filter((number) => !own.has(number)), []);
  assert.ok(own.size >= 2);
  await page.context().close();
});

test("a render that is paused goes on after the studio was killed, and is the same", async () => {
  writeFileSync(inFolder("long.yaml"), job("clip.mkv", "long.mkv") + "temporal: {iterations: 150}\n");
  let page = await opened();
  await openFile(page, "long.yaml");
  await page.getByRole("button", { name: "Render" }).click();
  await page.getByText(/[1-9]\d* of 8 frames/).waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Go on" }).waitFor();
  await page.context().close();
  const killed = new Promise((done) => studio.once("exit", done));
  studio.kill("SIGKILL");
  await killed;
  await startStudio();
  page = await opened();
  await openFile(page, "long.yaml");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("Saved as long.mkv").waitFor();
  execFileSync(kProgram, ["-q", "render", inFolder("long.yaml"), "-o", inFolder("long_same.mkv")]);
  assert.equal(frames("long.mkv"), frames("long_same.mkv"));
  assert.deepEqual(readdirSync(folder).filter((name) => name.includes(".part")), []);
  await page.context().close();
});
