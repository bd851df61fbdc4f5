// The studio's page in Debian's Chromium: looking at what is rendered, comparing, exporting, playing, choosing classes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import {
  dreamed, inFolder, job, kProgram, makeMedia, opened, openFile, read, serious, wholeDream, withStudio,
} from "./setup.mjs";

const kClasses = ["tench, Tinca tinca", "goldfish", ...Array.from({ length: 14 }, (_, i) => `beast ${i + 2}`)];
const kZoom = "camera: {zoom: {0f: 1, 4f: 1, 6f: 1}}\n";

withStudio(() => {
  makeMedia("song.mkv", "-f", "lavfi", "-i", "sine=d=1", "-c:v", "ffv1", "-c:a", "flac");
  writeFileSync(inFolder("sound.yaml"), job("song.mkv", "sound.mkv"));
  writeFileSync(inFolder("labels.txt"), kClasses.join("\n"));
  writeFileSync(
    inFolder("tiny.yaml"),
    "name: tiny\nfile: tiny.onnx\nlabels: labels.txt\nclasses: [relu1]\nrecommended: {layers: [relu0, relu1]}\n",
  );
  const names = ["kept", "outdated", "other", "export", "plain", "beasts", "text"];
  for (const name of names) writeFileSync(inFolder(`${name}.yaml`), job("clip.mkv", `${name}.mkv`, kZoom));
  for (const name of ["kept", "outdated"])
    execFileSync(kProgram, ["-q", "render", "--keep-dreams", inFolder(`${name}.yaml`)]);
});

const badge = (page, word) => page.locator(".badge", { hasText: word });
const edit = async (page, key, value) => {
  await page.getByLabel("Search the settings").fill(key);
  await page.locator(`[id="key-${key}"]`).fill(value);
  await page.keyboard.press("Tab");
};

test("rendered frames show as they are, however fast the playhead moves", async () => {
  const page = await opened();
  let previews = 0;
  await openFile(page, "kept.yaml");
  await badge(page, "rendered").waitFor();
  page.on("request", (request) => (previews += request.url().endsWith("/api/preview") ? 1 : 0));
  await page.getByText("Every frame is rendered.").waitFor();
  const pictures = new Set();
  await page.locator("#panel").focus();
  for (const key of ["ArrowRight", "ArrowRight", "ArrowRight", "PageUp", "PageDown", "ArrowLeft"]) {
    const before = await dreamed(page).getAttribute("src");
    await page.keyboard.press(key);
    await page.waitForFunction((src) => document.querySelector(".picture .dream")?.getAttribute("src") !== src, before);
    pictures.add(await page.evaluate(() => document.querySelector(".picture .dream").naturalWidth));
  }
  await badge(page, "rendered").waitFor();
  assert.equal(previews, 0, "nothing is dreamed where a render lies");
  assert.deepEqual([...pictures], [96]);
  assert.deepEqual(await serious(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("an edit says which frames it renders anew, and the frame shows as it was until it is dreamed", async () => {
  const page = await opened();
  await openFile(page, "outdated.yaml");
  await page.getByText("Every frame is rendered.").waitFor();
  await edit(page, "camera.zoom", "{0f: 1, 4f: 1, 6f: 1.3}");
  await page.getByText(/^3 frames to render/).waitFor();
  await page.getByText("camera.zoom changes from frame 5 on").waitFor();
  assert.equal(await page.locator(".strip .stale").getAttribute("title"), "5 to 7: will be rendered anew");
  await badge(page, "rendered").waitFor(); // frame 0 is kept
  // The dream is held back until the frame has been seen as it was.
  await page.route("**/api/preview", async (route) => {
    await badge(page, "before this edit").waitFor();
    await route.continue();
  });
  await page.locator("#panel").focus();
  await page.keyboard.press("PageDown");
  await page.getByText("Frame 7 of 8").waitFor();
  await wholeDream(page);
  await page.waitForFunction(() => document.querySelector(".picture .dream") && !document.querySelector(".badge"));
  assert.deepEqual(await serious(page), []);
  await page.context().close();
});

test("a delivery gives the film its ending, and is what is rendered", async () => {
  const page = await opened();
  await openFile(page, "export.yaml");
  await page.getByLabel("Export as").selectOption("prores_hq");
  await page.getByTitle("The render goes into export.mov").waitFor();
  await page.getByRole("button", { name: "Render" }).click();
  await page.getByText("Saved as export.mov").waitFor();
  assert.match(read("export.yaml"), /preset: prores_hq/);
  const said = execFileSync("ffprobe", ["-v", "error", "-show_entries", "stream=codec_name", inFolder("export.mov")]);
  assert.match(said.toString(), /prores/);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download export.mov" }).click();
  assert.equal((await download).suggestedFilename(), "export.mov");
  assert.deepEqual(await serious(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("the settings before are seen while a button or a key is held", async () => {
  const page = await opened();
  await openFile(page, "plain.yaml");
  assert.equal(await page.getByRole("button", { name: "Before" }).count(), 0);
  await edit(page, "seed", "77");
  const before = page.getByRole("button", { name: "Before" });
  await before.waitFor();
  await wholeDream(page);
  const now = await dreamed(page).getAttribute("src");
  await before.dispatchEvent("pointerdown");
  await badge(page, "before").waitFor();
  assert.notEqual(await dreamed(page).getAttribute("src"), now);
  await before.dispatchEvent("pointerup");
  await page.waitForFunction((src) => document.querySelector(".picture .dream").getAttribute("src") === src, now);
  await page.locator("#panel").focus();
  await page.keyboard.down("b");
  await badge(page, "before").waitFor();
  await page.keyboard.up("b");
  await page.waitForFunction(() => !document.querySelector(".badge"));
  assert.deepEqual(await serious(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("layers of the card and classes by name become objectives", async () => {
  const page = await opened();
  await openFile(page, "beasts.yaml");
  await page.getByRole("button", { name: "+ relu0" }).click();
  await page.getByLabel("A class to dream of").fill("goldfish");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.locator(".objective").nth(2).waitFor();
  await page.getByLabel("class", { exact: true }).fill("Tinca tinca");
  await page.keyboard.press("Tab");
  await page.getByRole("button", { name: "Take out objective 1" }).click();
  await wholeDream(page);
  await page.keyboard.press("Control+s");
  await page.waitForFunction(() => !document.querySelector(".dirty"));
  assert.match(read("beasts.yaml"), /objectives: \[ ?\{ ?layer: relu0 ?\}, \{ ?class: Tinca tinca ?\} ?\]/);
  const layer = page.getByLabel("layer", { exact: true });
  await layer.fill("relu9");
  await page.keyboard.press("Tab");
  await page.locator(".problem").waitFor(); // the network itself refuses it
  assert.deepEqual(await serious(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("the excerpt around the playhead plays with its sound", async () => {
  const page = await opened();
  await page.evaluate(() => {
    const start = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function () {
      window.heard = this.buffer.duration;
      start.call(this);
    };
  });
  await openFile(page, "sound.yaml");
  await page.getByRole("button", { name: "Play some seconds" }).click();
  await page.locator(".excerpt canvas").waitFor();
  assert.ok(Math.abs((await page.evaluate(() => window.heard)) - 1) < 0.01);
  assert.deepEqual(await serious(page), []);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Stop" }).click();
  await page.waitForFunction(() => !document.querySelector(".excerpt"));
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("the text completes keys and values from the schema", async () => {
  const page = await opened();
  await openFile(page, "text.yaml");
  await page.getByRole("tab", { name: "Text" }).click();
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("temporal:\n  blen");
  await page.locator(".cm-tooltip-autocomplete li", { hasText: "blend" }).waitFor();
  await page.keyboard.press("Escape");
  for (let i = 0; i < 4; ++i) await page.keyboard.press("Backspace");
  await page.keyboard.type("flow: fa");
  await page.locator(".cm-tooltip-autocomplete li", { hasText: "farneback" }).click();
  await page.locator(".cm-content", { hasText: "flow: farneback" }).waitFor();
  assert.deepEqual(page.problems, []);
  await page.context().close();
});
