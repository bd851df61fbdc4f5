// The studio's page in Debian's Chromium: what a person does, from a photo to a saved picture.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  dreamed, endStudio, folder, frames, inFolder, job, kOddName, kOddPhoto, kProgram, makeMedia, opened, openFile, read, serious,
  startStudio, wholeDream, withStudio, writeLook,
} from "./setup.mjs";

withStudio(() => {
  makeMedia("photo.png", "-frames:v", "1");
  mkdirSync(inFolder("trip"));
  copyFileSync(inFolder("photo.png"), inFolder(join("trip", kOddPhoto)));
  makeMedia(kOddName, "-c:v", "ffv1");
  writeFileSync(inFolder("film.yaml"), job("clip.mkv", "film.mkv", "  step: {0s: 1, 500ms: 2} # grows\n"));
  writeFileSync(inFolder("plain.yaml"), job("clip.mkv", "plain.mkv"));
  for (const layer of ["relu0", "relu1"]) writeLook(layer);
  writeFileSync(inFolder("odd.yaml"), job(kOddName.replaceAll("'", "''"), "odd.mkv"));
});

const lookTile = (page, name) => page.getByRole("button", { name, exact: true }).and(page.locator(":has(img[src*='/api/pictures/'])"));

test("a photo in a look, saved, in three clicks", async () => {
  const page = await opened();
  await page.getByRole("button", { name: "photo.png", exact: true }).click();
  await lookTile(page, "look-relu1").click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved as photo_look-relu1.png").waitFor();
  const isLeft = await page.locator("#panel").evaluate((panel) =>
    panel.dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true, cancelable: true })),
  );
  assert.ok(isLeft, "a photo does not play: the space key scrolls");
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
  const tiles = page.locator(".tiles .tile");
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
  await page.waitForFunction((src) => ![null, src].includes(document.querySelector(".picture .dream")?.getAttribute("src") ?? null), before);
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
  await openFile(page, "plain.yaml");
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
  // Another delivery is another render.
  await page.getByLabel("Export as").selectOption("prores_hq");
  await page.getByRole("button", { name: "Render", exact: true }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "Go on" }).waitFor();
  await page.context().close();
  await endStudio("SIGKILL");
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
