// The studio's page in Debian's Chromium: beginning with noise or a song, shots, loops and their children, pictures of layers
// and classes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { inFolder, job, opened, openFile, read, serious, wholeDream, withStudio, writeLook } from "./setup.mjs";

withStudio(() => {
  const sources = ["testsrc2=size=96x64:rate=8:duration=1", "mandelbrot=size=96x64:rate=8,trim=duration=1"];
  const inputs = sources.flatMap((source) => ["-f", "lavfi", "-i", source]);
  execFileSync("ffmpeg", ["-v", "error", ...inputs, "-filter_complex", "[0][1]concat", "-c:v", "ffv1", inFolder("two.mkv")]);
  execFileSync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "sine=d=1.5", inFolder("song.wav")]);
  writeFileSync(inFolder("shots.yaml"), job("two.mkv", "shots.mkv"));
  writeFileSync(inFolder("sung.yaml"), job("two.mkv", "sung.mkv"));
  writeFileSync(inFolder("loops.yaml"), job("two.mkv", "loops.mkv"));
  writeFileSync(inFolder("beasts.yaml"), job("clip.mkv", "beasts.mkv"));
  writeFileSync(inFolder("labels.txt"), ["tench, Tinca tinca", "goldfish", ...Array(14).fill(0).map((_, i) => `beast ${i}`)].join("\n"));
  writeFileSync(
    inFolder("tiny.yaml"),
    "name: tiny\nfile: tiny.onnx\nlabels: labels.txt\nclasses: [relu1]\nrecommended: {layers: [relu0]}\n",
  );
  writeLook("relu1");
});

const save = async (page) => {
  await page.keyboard.press("Control+s");
  await page.waitForFunction(() => !document.querySelector(".dirty"));
};
const frame = (page, number) => page.getByText(new RegExp(`^Frame ${number} of 16`)).waitFor();

test("the timeline shows the shots, and goes to them", async () => {
  const page = await opened();
  await openFile(page, "shots.yaml");
  const [first, second] = [0, 1].map((i) => page.getByRole("button", { name: `Shot ${i + 1} of 2: frames ${8 * i} to ${8 * i + 7}` }));
  for (const shot of [first, second]) await shot.locator("img").first().waitFor();
  // A click goes to the frame that is seen there.
  const picture = second.locator("[data-frame]").nth(2);
  await picture.click();
  await frame(page, await picture.getAttribute("data-frame"));
  assert.equal(await second.getAttribute("aria-current"), "true");
  await second.focus();
  await page.keyboard.press("ArrowLeft");
  await frame(page, 8);
  await page.keyboard.press("ArrowLeft");
  await frame(page, 0);
  assert.ok(await first.evaluate((one) => one === document.activeElement));
  await page.keyboard.press("ArrowRight");
  await frame(page, 8);
  assert.deepEqual(await serious(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("an edit of the dream keeps the pictures of the shots, and another source has others", async () => {
  const page = await opened();
  await openFile(page, "shots.yaml");
  const picture = page.locator(".shots img").first();
  await picture.waitFor();
  const address = await picture.getAttribute("src");
  const edit = async (key, value) => {
    const answered = page.waitForResponse((response) => response.url().endsWith("/api/shots"));
    await page.getByLabel("Search the settings").fill(key);
    await page.locator(`[id="key-${key}"]`).fill(value);
    await page.keyboard.press("Tab");
    await answered;
  };
  await edit("dream.step", "2");
  assert.equal(await picture.getAttribute("src"), address);
  await edit("input.filter", "hflip");
  await page.waitForFunction((old) => ![old, undefined].includes(document.querySelector(".shots img")?.src), address);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a song for the clip is chosen beside the playhead", async () => {
  const page = await opened();
  await openFile(page, "sung.yaml");
  await page.getByLabel("Song").selectOption("song.wav");
  await page.getByRole("group", { name: "sound", exact: true }).locator("canvas").waitFor();
  await save(page);
  assert.match(read("sung.yaml"), /input: \{ ?path: 'two.mkv', audio: song.wav ?\}/);
  await page.getByLabel("Song").selectOption({ label: "none" });
  await page.waitForFunction(() => !document.querySelector("[role=group][aria-label=sound]"));
  assert.deepEqual(await serious(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a dream out of noise, in a look", async () => {
  const page = await opened();
  const form = page.getByRole("form", { name: "Begin with noise" });
  await form.getByLabel("Size").selectOption("640x360");
  await form.getByLabel("Look").selectOption("look-relu1");
  await form.getByLabel("Seconds").fill("2");
  assert.deepEqual(await serious(page), []);
  await form.getByRole("button", { name: "Begin with noise" }).click();
  await page.getByText("Frame 0 of 48").waitFor();
  await wholeDream(page);
  await save(page);
  const text = read("noise_look-relu1.yaml");
  assert.match(text, /noise: \{ ?size: 640x360, fps: 24, duration: 2s ?\}/);
  assert.match(text, /output: \{ ?path: "?noise_look-relu1\.mp4"? ?\}/);
  assert.equal(await page.locator(".shots").count(), 0, "noise is one shot, and has no pictures");
  assert.deepEqual(await serious(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a song alone becomes a video as long as it is", async () => {
  const page = await opened({ width: 390, height: 844 });
  const form = page.getByRole("form", { name: "Begin with noise" });
  await form.getByLabel("Size").selectOption("1080x1920");
  await form.getByLabel("Look").selectOption("look-relu1");
  await page.getByRole("button", { name: "song.wav" }).click();
  await page.getByText("Frame 0 of 36").waitFor();
  for (const name of ["sound", "camera.zoom", "temporal.step"])
    await page.getByRole("group", { name, exact: true }).locator("canvas").waitFor();
  assert.equal(await page.locator(".picture .source").evaluate((image) => image.naturalWidth < image.naturalHeight), true);
  await save(page);
  const text = read("song_look-relu1.yaml");
  assert.match(text, /audio: song\.wav/);
  assert.match(text, /size: 1080x1920/);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("variations play side by side, and two of them have children", async () => {
  const page = await opened();
  await openFile(page, "loops.yaml");
  await page.getByRole("button", { name: /^Shot 2 of 2/ }).waitFor();
  await page.getByRole("tab", { name: "Variations" }).click();
  await page.getByLabel("What each one shows").selectOption({ label: "loops of 4 frames" });
  await page.getByLabel("A key and its values").fill("seed=7..8");
  await page.getByLabel("Another one").fill("dream.step=1,3");
  const asked = page.waitForRequest((request) => request.url().endsWith("/api/grid"));
  await page.locator("#panel").focus();
  for (let i = 0; i < 6; ++i) await page.keyboard.press("ArrowRight"); // two frames before the cut
  await frame(page, 6);
  await page.getByRole("button", { name: "Show", exact: true }).click();
  const { frame: begin, frames } = (await asked).postDataJSON();
  assert.deepEqual([begin, frames], [4, 4], "a loop lies within its shot");
  await page.waitForFunction(() => document.querySelectorAll(".tiles .loop img").length === 16);
  const shown = () => page.evaluate(() => document.querySelector(".tiles .loop img.now").src);
  const before = await shown();
  await page.waitForFunction((src) => document.querySelector(".tiles .loop img.now").src !== src, before);
  await page.getByRole("button", { name: "Hold the loops" }).click();
  await page.getByRole("button", { name: "Play the loops" }).waitFor();
  assert.deepEqual(await serious(page), []);
  const bred = async () => {
    for (const name of ["Mix seed=7 dream.step=1", "Mix seed=8 dream.step=3"]) await page.getByRole("button", { name }).click();
    await page.getByRole("button", { name: "Breed" }).click();
    await page.waitForFunction(() => document.querySelectorAll(".tiles .tile").length === 6);
    return page.locator(".tiles .tile .name").allTextContents();
  };
  const children = await bred();
  assert.equal(new Set(children).size, 6);
  await page.getByRole("button", { name: "Back", exact: true }).click();
  await page.waitForFunction(() => document.querySelectorAll(".tiles .loop img").length === 16);
  assert.deepEqual(await bred(), children, "the same two have the same children");
  await page.locator(".tiles .tile").first().click();
  await page.getByRole("tab", { name: "Text" }).click();
  const [, step] = /dream\.step=([\d.]+)/.exec(children[0]);
  await page.locator(".cm-content", { hasText: `step: ${step}` }).waitFor();
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("layers are picked by what they dream of, and classes by name", async () => {
  const page = await opened();
  await openFile(page, "beasts.yaml");
  const layers = page.getByRole("list", { name: "Layers", exact: true });
  assert.equal(await layers.getByRole("button", { name: "+ relu0", exact: true }).count(), 1);
  assert.equal(await layers.locator("img").count(), 0, "nothing is made before it is asked for");
  await page.getByRole("button", { name: "Draw what they dream of" }).click();
  await layers.locator("img").nth(2).waitFor();
  await layers.getByRole("button", { name: /^\+ relu0, channel \d+$/ }).first().click();
  await page.getByText("and kind, channels: see the tab Text").waitFor();
  await page.getByRole("button", { name: "All 2 layers" }).click(); // the other one, relu1, is in the job already
  await page.getByRole("button", { name: "Only the recommended layers" }).waitFor();
  const search = page.getByLabel("A class to dream of");
  await search.fill("tinca");
  const tench = page.getByRole("list", { name: "Classes" }).getByRole("button", { name: "+ tench" });
  assert.deepEqual(await serious(page), []);
  await tench.click();
  await save(page);
  assert.match(read("beasts.yaml"), /\{ ?layer: relu0, kind: channels, channels: \[ ?\d+ ?\] ?\}, \{ ?class: tench ?\}/);
  // They are there at once when the job is opened again.
  await page.reload();
  await openFile(page, "beasts.yaml");
  await layers.locator("img").nth(2).waitFor();
  assert.deepEqual(page.problems, []);
  await page.context().close();
});
