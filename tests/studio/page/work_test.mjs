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

// What the dream shows, as a data address: equal pictures have equal ones.
const pixels = (page) =>
  dreamed(page).evaluate(async (image) => {
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: image.naturalWidth, height: image.naturalHeight });
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL();
  });
const badge = (page, word) => page.locator(".badge", { hasText: word });
const edit = async (page, key, value) => {
  await page.getByLabel("Search the settings").fill(key);
  await page.locator(`[id="key-${key}"]`).fill(value);
  await page.keyboard.press("Tab");
};

const isAsked = (message, what) => message.url().endsWith(`/api/${what}`);
const previewsOf = (page) => {
  const previews = [];
  page.on("request", (request) => isAsked(request, "preview") && previews.push(request.postDataJSON()));
  return previews;
};

test("a rendered frame is not dreamed when its job is opened or edited", async () => {
  const page = await opened();
  // The page waits 150 ms for what is rendered; on a busy machine that may be too short.
  await page.addInitScript(() => {
    const later = window.setTimeout;
    window.setTimeout = (work, after, ...more) => (after === 150 ? 0 : later(work, after, ...more));
  });
  await page.reload();
  const previews = previewsOf(page);
  await openFile(page, "outdated.yaml");
  await badge(page, "rendered").waitFor();
  const shown = page.waitForResponse((response) => isAsked(response, "rendered_frame"));
  await edit(page, "camera.zoom", "{0f: 1, 4f: 1, 6f: 1.3}");
  await page.getByText(/^3 frames to render/).waitFor();
  await shown;
  assert.deepEqual(previews, []);
  await page.context().close();
});

test("what cannot be told of the render is said", async () => {
  const page = await opened();
  await page.route("**/api/rendered", (route) => route.fulfill({ status: 500, json: { error: "the work folder is odd" } }));
  await openFile(page, "plain.yaml");
  await page.getByText("What is rendered is not known: the work folder is odd").waitFor();
  await page.context().close();
});

test("a later edit ends the request before it", async () => {
  const page = await opened();
  let requests = 0;
  await page.route("**/api/rendered", (route) => (++requests === 1 ? undefined : route.continue())); // the first has no answer
  const ended = page.waitForEvent("requestfailed", (request) => isAsked(request, "rendered"));
  await openFile(page, "plain.yaml");
  await edit(page, "seed", "5");
  await ended;
  await page.context().close();
});

test("a network that could not be asked about is asked about again", async () => {
  const page = await opened();
  let requests = 0;
  await page.route(/\/api\/network\?/, (route) => (++requests === 1 ? route.fulfill({ status: 500, json: {} }) : route.continue()));
  const refused = page.waitForResponse((response) => response.url().includes("/api/network?"));
  await openFile(page, "plain.yaml");
  await refused;
  await edit(page, "seed", "6");
  await wholeDream(page);
  await page.getByLabel("Search the settings").fill("");
  await page.getByRole("button", { name: "+ relu0" }).waitFor();
  await page.context().close();
});

test("rendered frames show as they are, however fast the playhead moves", async () => {
  const page = await opened();
  await openFile(page, "kept.yaml");
  await badge(page, "rendered").waitFor();
  const previews = previewsOf(page);
  await page.getByText("Every frame is rendered.").waitFor();
  const pictures = new Set();
  // The source of a rendered frame is asked for when the playhead rests, and so would its dream be.
  const rested = page.waitForResponse((response) => isAsked(response, "source") && response.request().postDataJSON().frame === 6);
  await page.locator("#panel").focus();
  for (const key of ["ArrowRight", "ArrowRight", "ArrowRight", "PageUp", "PageDown", "ArrowLeft"]) {
    const before = await dreamed(page).getAttribute("src");
    await page.keyboard.press(key);
    // In one look: the next picture may come right after it, and an image that still loads has no width.
    const width = await page.waitForFunction((src) => {
      const image = document.querySelector(".picture .dream");
      return image && image.getAttribute("src") !== src && image.complete && image.naturalWidth;
    }, before);
    pictures.add(await width.jsonValue());
  }
  await badge(page, "rendered").waitFor();
  await rested;
  assert.deepEqual(previews, [], "nothing is dreamed where a render lies");
  assert.deepEqual([...pictures], [96]);
  assert.deepEqual(await serious(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("a rendered frame that comes late shows all the same while the playhead goes on", async () => {
  const page = await opened();
  await openFile(page, "kept.yaml");
  await badge(page, "rendered").waitFor();
  await page.getByText("Every frame is rendered.").waitFor();
  const before = await dreamed(page).getAttribute("src");
  let requests = 0;
  await page.route("**/api/rendered_frame", async (route) => {
    if (++requests > 1) return; // has no answer
    await page.keyboard.press("ArrowRight");
    await route.continue();
  });
  await page.locator("#panel").focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction((src) => document.querySelector(".picture .dream")?.getAttribute("src") !== src, before);
  await page.getByText("Frame 2 of 8").waitFor();
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

const enabled = (page, name) =>
  page.waitForFunction((word) => [...document.querySelectorAll("button")].some((one) => one.textContent === word && !one.disabled), name);

test("the settings before are seen while a button or a key is held", async () => {
  const page = await opened();
  await openFile(page, "plain.yaml");
  const before = page.getByRole("button", { name: "Before" });
  assert.ok(await before.isDisabled());
  await edit(page, "seed", "77");
  await enabled(page, "Before");
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
  await page.keyboard.down("b");
  await badge(page, "before").waitFor();
  await page.evaluate(() => window.dispatchEvent(new Event("blur"))); // the key is let go of elsewhere
  await page.waitForFunction(() => !document.querySelector(".badge"));
  await page.keyboard.up("b");
  // Where one types, keys are letters.
  const search = page.getByLabel("Search the settings");
  await search.fill("");
  await page.evaluate(() => {
    window.seen = 0;
    const look = () => (window.seen += document.querySelectorAll(".badge, .play[aria-pressed=true]").length);
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  await search.pressSequentially("b b");
  assert.equal(await search.inputValue(), "b b");
  assert.equal(await page.evaluate(() => window.seen), 0);
  assert.deepEqual(await serious(page), []);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("pinned settings are compared with at every frame until they are let go of", async () => {
  const page = await opened();
  const previews = previewsOf(page);
  const held = async () => {
    await enabled(page, "Before");
    await page.locator("#panel").focus();
    await page.keyboard.down("b");
    await badge(page, "before").waitFor();
    const picture = await pixels(page);
    await page.keyboard.up("b");
    return picture;
  };
  await openFile(page, "plain.yaml");
  await wholeDream(page);
  const first = await pixels(page);
  await page.getByRole("button", { name: "Pin", exact: true }).click();
  assert.equal(await page.getByRole("button", { name: "Pinned" }).getAttribute("aria-pressed"), "true");
  for (const seed of ["78", "79"]) {
    const whole = page.waitForResponse((response) => isAsked(response, "preview") && response.request().postData().includes(seed));
    await edit(page, "seed", seed);
    await whole;
    await wholeDream(page);
    assert.equal(await held(), first);
  }
  // Another frame has no dream of the pinned settings yet: it is dreamed after the present one.
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.querySelector(".playhead").textContent.includes("Frame 1 of"));
  await held();
  const asked = previews.filter(({ frame }) => frame === 1).map(({ text }) => text.includes("seed: 79"));
  assert.deepEqual(asked, [true, false]);
  await page.getByRole("button", { name: "Pinned" }).click();
  assert.equal(await page.getByRole("button", { name: "Pin", exact: true }).getAttribute("aria-pressed"), "false");
  // Another job has nothing before.
  await page.getByRole("button", { name: "back to the files" }).click();
  await openFile(page, "other.yaml");
  assert.ok(await page.getByRole("button", { name: "Before" }).isDisabled());
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test("layers of the card and classes by name become objectives", async () => {
  const page = await opened();
  await openFile(page, "beasts.yaml");
  await page.getByRole("button", { name: "+ relu0" }).click();
  const search = page.getByLabel("A class to dream of");
  await search.fill("no such beast");
  await page.getByText("No class is called so.").waitFor();
  await search.fill("beast");
  await page.getByText("2 more; type to find them").waitFor();
  assert.deepEqual(await serious(page), []);
  await search.fill("gold");
  await page.getByRole("button", { name: "+ goldfish" }).waitFor();
  await page.keyboard.press("Enter"); // takes the first class that is found
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
  const weight = page.getByLabel("weight", { exact: true }).first();
  for (const [typed, said] of [["much", /much/], ["[1", /"\[1" is no YAML value/]]) {
    await weight.fill(typed);
    await page.keyboard.press("Tab");
    await page.locator(".objective .wrong", { hasText: said }).waitFor();
  }
  for (let i = 0; i < 2; ++i) await page.getByRole("button", { name: "Take out objective 1" }).click();
  await page.getByText("The look or the defaults say it.").waitFor();
  await page.keyboard.press("Control+s");
  await page.waitForFunction(() => !document.querySelector(".dirty"));
  assert.doesNotMatch(read("beasts.yaml"), /objectives/);
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

test("a sound that cannot be had is told, and the pictures play", async () => {
  const page = await opened();
  await page.route("**/api/sound", (route) => route.fulfill({ status: 500, json: { error: "the song is odd" } }));
  await openFile(page, "sound.yaml");
  await page.getByRole("button", { name: "Play some seconds" }).click();
  await page.locator(".excerpt canvas").waitFor();
  await page.getByText("Plays without sound. the song is odd").waitFor();
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
