// The studio's page in Debian's Chromium: masks over the frame, series and ranges on the time line, a farm's chunks, and
// a render whose job was edited while it runs.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { inFolder, job, kProgram, makeMedia, opened, openFile, read, serious, wholeDream, withStudio } from "./setup.mjs";

withStudio(() => {
  makeMedia("photo.png", "-frames:v", "1");
  writeFileSync(inFolder("knob.csv"), "time,knob\n0,0\n0.5,1\n1,1\n");
  const range = "  mask: {from: luma, range: [0.25, {0f: 0.5, 4f: 1}]}\n";
  writeFileSync(inFolder("drawn.yaml"), job("clip.mkv", "drawn.mkv", `${range}  opacity: knob\nseries: {knob: knob.csv}\n`));
  for (const name of ["masked", "picked", "filed", "person", "farmed"])
    writeFileSync(inFolder(`${name}.yaml`), job("clip.mkv", `${name}.mkv`));
  writeFileSync(inFolder("moved.yaml"), job("clip.mkv", "moved.mkv") + "temporal: {iterations: 400}\n");
});

const settings = (page) => page.locator("#panel");
const kind = (page, name) => page.getByRole("radio", { name, exact: true });
// How much the mask's picture covers the frame, for each of its pixels, from 0 to 255.
const covers = (page) =>
  page.locator("canvas.mask").evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return Array.from({ length: data.length / 4 }, (_, i) => data[4 * i + 3]);
  });
// The answer to a request for the mask of a job whose text matches.
const maskOf = (page, text = /mask:/) =>
  page.waitForResponse((response) => response.url().endsWith("/api/mask") && response.ok() && text.test(response.request().postDataJSON().text));
async function save(page) {
  await page.keyboard.press("Control+s");
  await page.waitForFunction(() => !document.querySelector(".dirty"));
}

test("a mask of brightness is chosen, seen over the frame, and moved by keys", async () => {
  const page = await opened();
  await openFile(page, "masked.yaml");
  await settings(page).getByText("where it dreams").click();
  let answered = maskOf(page);
  await kind(page, "brightness").check();
  await answered;
  await page.locator("canvas.mask").waitFor();
  const half = await covers(page);
  const dark = half.filter((one) => one > 190).length / half.length;
  assert.ok(dark > 0.1 && half.some((one) => one < 60), `${dark} of the frame is dark, and some of it is not`);
  // The slider moves by keys, and one undo takes all of its steps back.
  answered = maskOf(page, /range: \[ ?0\.8, 1 ?\]/);
  await page.getByLabel("from, as a slider").focus();
  for (let i = 0; i < 30; ++i) await page.keyboard.press("ArrowRight");
  await answered;
  await page.waitForFunction(
    (before) => {
      const canvas = document.querySelector("canvas.mask");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((one, at) => at % 4 === 3 && one > 190).length > before;
    },
    half.filter((one) => one > 190).length,
  );
  await page.getByLabel("everything else instead").check();
  await page.locator('[id="mask-dream.mask.feather"]').fill("9");
  await page.keyboard.press("Tab");
  await save(page);
  assert.match(read("masked.yaml"), /mask: \{ ?from: luma, range: \[ ?0\.8, 1 ?\], invert: true, feather: 9 ?\}/);
  assert.deepEqual(await serious(page), []);
  answered = maskOf(page, /range: \[ ?0\.5, 1 ?\] ?\}/);
  for (let i = 0; i < 3; ++i) await page.getByRole("button", { name: "Undo" }).click();
  await answered;
  await save(page);
  assert.match(read("masked.yaml"), /range: \[ ?0\.5, 1 ?\]/);
  await page.locator("#panel").focus();
  await page.keyboard.press("m");
  await page.waitForFunction(() => !document.querySelector("canvas.mask"));
  await page.keyboard.press("m");
  await page.locator("canvas.mask").waitFor();
  await kind(page, "everywhere").check();
  await page.waitForFunction(() => !document.querySelector("canvas.mask"));
  await save(page);
  assert.doesNotMatch(read("masked.yaml"), /mask:/);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a colour is picked on the frame without a mouse", async () => {
  const page = await opened();
  await openFile(page, "picked.yaml");
  await settings(page).getByText("where it dreams").click();
  await kind(page, "colour").check();
  const picker = page.getByRole("button", { name: /Pick a colour of the frame/ });
  await picker.waitFor();
  assert.ok(await picker.evaluate((one) => one === document.activeElement));
  for (let i = 0; i < 4; ++i) await page.keyboard.press("Shift+ArrowLeft");
  await page.waitForFunction(() => Math.abs(parseFloat(document.querySelector(".picker .cross").style.left) - 30) < 0.01);
  const colour = /Here it is (#[0-9a-f]{6})/.exec(await picker.getAttribute("aria-label"))[1];
  const shown = await page.locator(".picture .source").evaluate((image) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: image.naturalWidth, height: image.naturalHeight });
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(Math.round(0.3 * canvas.width) - 2, Math.round(0.5 * canvas.height) - 2, 5, 5);
    return [0, 1, 2].map((part) => data.filter((_, at) => at % 4 === part).reduce((sum, one) => sum + one, 0) / 25);
  });
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  parts.forEach((part, i) => assert.ok(Math.abs(part - shown[i]) < 1, `${parts} is the mean around the cross, ${shown}`));
  assert.deepEqual(await serious(page), []);
  const answered = maskOf(page);
  await page.keyboard.press("Enter");
  await answered;
  await page.locator("canvas.mask").waitFor();
  await save(page);
  assert.ok(read("picked.yaml").includes(`colour: "${colour}"`), read("picked.yaml"));
  await page.getByRole("button", { name: "Pick on the frame" }).click();
  await picker.waitFor();
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.querySelector(".picker"));
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a mask of a file, and a mask whose network is yet to be fetched", async () => {
  const page = await opened();
  await openFile(page, "filed.yaml");
  await settings(page).getByText("where it dreams").click();
  await kind(page, "file").check();
  assert.equal(await page.locator(".dirty").count(), 0, "nothing is written before a file is chosen");
  const answered = maskOf(page);
  await page.locator("label.field select").selectOption("photo.png");
  await answered;
  await page.locator("canvas.mask").waitFor();
  await save(page);
  assert.match(read("filed.yaml"), /mask: \{ ?path: photo\.png ?\}/);
  assert.equal(await page.getByRole("group", { name: "dream.mask.range" }).count(), 0, "this mask has no range");
  await kind(page, "person").check();
  await settings(page).getByText(/dreamreel fetch/).first().waitFor();
  assert.deepEqual(await serious(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("series and the mask's range are drawn beside the curves", async () => {
  const page = await opened();
  await openFile(page, "drawn.yaml");
  for (const name of ["series knob", "dream.mask.range", "dream.opacity"])
    await page.getByRole("group", { name, exact: true }).locator("canvas").waitFor();
  const range = page.getByRole("group", { name: "dream.mask.range", exact: true });
  const keyframe = range.getByRole("button", { name: /^dream.mask.range.1 is 0.5 at 0f/ });
  await keyframe.focus();
  await page.keyboard.press("ArrowUp");
  await page.getByText("not saved").waitFor();
  await save(page);
  assert.match(read("drawn.yaml"), /range: \[ ?0\.25, \{ ?0f: 0\.525, 4f: 1 ?\} ?\]/);
  assert.deepEqual(await serious(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a farm's chunks are seen while they are rendered", async () => {
  const farm = (...more) => execFileSync(kProgram, ["-q", "farm", ...more], { encoding: "utf8" });
  farm("plan", inFolder("farmed.yaml"), "-o", inFolder("plan.json"), "--max-frames", "4");
  const page = await opened();
  await openFile(page, "farmed.yaml");
  await page.getByText("Farm of plan.json: 2 chunks: 2 waiting").click();
  await page.getByRole("cell", { name: "4 to 7" }).waitFor();
  farm("chunk", "--plan", inFolder("plan.json"), "--index", "1");
  await page.getByText("Farm of plan.json: 2 chunks: 1 done, 1 waiting").waitFor();
  await page.getByRole("row", { name: "1 4 to 7 done 4 of 4" }).waitFor();
  assert.deepEqual(await serious(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a render is paused though its job names another output by now", async () => {
  const page = await opened();
  await openFile(page, "moved.yaml");
  await page.getByRole("button", { name: "Render" }).click();
  await page.getByText(/[1-9]\d* of 8 frames/).waitFor();
  await page.getByLabel("Search the settings").fill("output.path");
  await page.locator('[id="key-output.path"]').fill("elsewhere.mkv");
  await page.keyboard.press("Tab");
  await save(page);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Render", exact: true }).waitFor();
  assert.ok(!existsSync(inFolder("moved.mkv.work/lock")), "nobody works on it any more");
  assert.ok(!existsSync(inFolder("moved.mkv")), "it is not finished");
  assert.deepEqual(page.problems, []);
  await page.context().close();
});
