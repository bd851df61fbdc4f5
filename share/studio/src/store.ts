// The one store: what is open, what is seen, and what may be done with it. Components read the signals and call the
// functions.
import { batch, computed, effect, signal } from "@preact/signals";
import { api, listen, RequestError } from "./api";
import type { CurveSheet, FileEntry, JobText, Look, PictureEvent, RenderState, Report, SchemaKey } from "./api";
import { type Keyframe, valueAt, withKeyframe, withValue } from "./job_text";

export interface Tile {
  title: string;
  sentence: string;
  set: string[];
  picture?: string;
  problem?: string;
  missing?: string[]; // networks that are yet to be fetched
}

export interface Growth {
  octave: number;
  octaves: number;
  step: number;
  steps: number;
}

export const folder = signal("");
export const files = signal<FileEntry[]>([]);
export const looks = signal<Look[]>([]);
export const schema = signal<SchemaKey[]>([]);
export const isConnected = signal(true);
export const notice = signal<{ text: string; isError: boolean } | null>(null);

export const job = signal<JobText | null>(null);
export const revision = signal("");
export const savedText = signal("");
export const input = signal("");
export const report = signal<Report | null>(null);
export const sheet = signal<CurveSheet | null>(null);
export const render = signal<RenderState | null>(null);
export const past = signal<string[]>([]);

export const frame = signal(0);
export const side = signal(640);
export const sourcePicture = signal("");
export const dreamPicture = signal("");
export const growth = signal<Growth | null>(null);
export const previewProblem = signal("");
export const tiles = signal<Tile[]>([]);
export const variations = signal<Tile[]>([]);
export const panel = signal<"looks" | "settings" | "variations" | "text">("looks");

/** The look that the job's text names; "" for none. */
export const look = computed(() => (job.value && valueAt(job.value.text, "look")) ?? "");
export const frames = computed(() => Math.max(1, report.value?.info?.frames ?? 1));
/** Whether a photo or clip alone is enough; else a job names it. */
export const canBegin = computed(() => looks.value.length > 0);
export const isPhoto = computed(() => report.value?.info?.is_still ?? false);
export const isDirty = computed(() => job.value !== null && job.value.text !== savedText.value);

// What a photo or clip began with: names that are free to change until they are saved.
let begun = { file: "", output: "" };
let previewNumber = 0; // of this page's latest preview; other pages have previews of their own
let previewsAsked = 0;
let earlyPreviews: PictureEvent[] | null = null; // what comes before the number is known waits
let gridNumber = 0;
let checks = 0;

export function say(text: string, isError = false): void {
  notice.value = { text, isError };
}

function tell(error: unknown): void {
  say(error instanceof Error ? error.message : String(error), true);
}

/** Runs what a person asked for, and shows what went wrong. */
async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    tell(error);
  }
}

export async function start(): Promise<void> {
  listen(hear, (yes) => (isConnected.value = yes));
  await attempt(async () => {
    const [studio, list, keys, all] = await Promise.all([api.studio(), api.files(), api.schema(), api.looks().catch(() => [])]);
    batch(() => {
      folder.value = studio.folder;
      files.value = list;
      schema.value = keys;
      looks.value = all;
    });
    if (studio.opened) await open(studio.opened, studio.opened_kind);
  });
}

export async function refreshFiles(): Promise<void> {
  files.value = await api.files();
}

/** Opens a job, or begins one that dreams on a photo or clip. */
export function open(name: string, kind: string): Promise<void> {
  return attempt(async () => {
    const opened = kind === "job" ? await api.job(name) : await api.begin(name);
    begun = { file: opened.file, output: valueAt(opened.text, "output.path") ?? "" };
    batch(() => {
      input.value = kind === "job" ? "" : name;
      tiles.value = variations.value = [];
      past.value = [];
      dreamPicture.value = sourcePicture.value = "";
      report.value = sheet.value = render.value = null;
      frame.value = 0;
      revision.value = opened.revision;
      savedText.value = opened.revision ? opened.text : "";
      panel.value = kind === "job" || looks.value.length === 0 ? "settings" : "looks";
      job.value = { file: opened.file, text: opened.text };
      notice.value = null;
    });
    await changed();
    if (kind !== "job") await dreamLooks();
    if (opened.revision) render.value = await api.renderState(opened.file).catch(() => null);
  });
}

export function close(): void {
  batch(() => {
    job.value = null;
    notice.value = null;
  });
  void attempt(refreshFiles);
}

/** Takes a dropped or chosen file into the folder and opens it. */
export function take(file: File): Promise<void> {
  return attempt(async () => {
    say(`${file.name} is being copied into the folder ...`);
    const { name } = await api.upload(file);
    await refreshFiles();
    const kind = files.value.find((entry) => entry.name === name)?.kind ?? "picture";
    if (kind === "sound" || (kind !== "job" && !canBegin.value))
      return say(`${name} is in the folder now: a job can name it.`);
    notice.value = null;
    await open(name, kind);
  });
}

/** The text has changed: what is wrong with it, its curves and its picture are asked for anew. */
async function changed(): Promise<void> {
  const now = job.value;
  if (!now) return;
  const number = ++checks;
  const found = await api.check(now);
  if (number !== checks) return;
  report.value = found;
  if (!found.ok) return;
  if (frame.value >= frames.value) frame.value = 0;
  void showCurves(number); // of some clips all frames are decoded for them
  await showFrame();
}

async function showCurves(number: number): Promise<void> {
  const now = job.value;
  if (!now || isPhoto.value) return;
  const found = await api.curves(now, 800).catch((error: unknown) => error);
  if (number !== checks) return;
  // A later request, perhaps of another page, has come first: this page still wants its own.
  if (found instanceof RequestError && found.status === 409) {
    await new Promise((done) => setTimeout(done, 200 + 300 * Math.random()));
    return showCurves(number);
  }
  if (!(found instanceof Error)) sheet.value = found as CurveSheet;
}

/** The source of the frame at once, and its dream as it grows. */
export async function showFrame(): Promise<void> {
  const now = job.value;
  if (!now || !report.value?.ok) return;
  const at = frame.value;
  await Promise.all([showSource(now, at), dream(now, at)]);
}

let sources = 0;
async function showSource(now: JobText, at: number): Promise<void> {
  const number = ++sources;
  const picture = await api.source(now, at, side.value).catch(() => null);
  if (number !== sources || !picture) return;
  const before = sourcePicture.value;
  sourcePicture.value = URL.createObjectURL(picture);
  if (before) URL.revokeObjectURL(before);
}

async function dream(now: JobText, at: number): Promise<void> {
  previewProblem.value = "";
  growth.value = { octave: 0, octaves: 1, step: 0, steps: 1 };
  const asked = ++previewsAsked;
  const early: PictureEvent[] = [];
  previewNumber = -1; // what still comes of the preview before is not shown
  earlyPreviews = early;
  try {
    const { preview } = await api.preview(now, at, side.value);
    if (asked !== previewsAsked) return;
    previewNumber = preview;
  } catch (error) {
    if (asked !== previewsAsked) return;
    growth.value = null;
    previewProblem.value = error instanceof Error ? error.message : String(error);
  } finally {
    if (asked === previewsAsked) earlyPreviews = null;
  }
  early.forEach(hearPreview);
}

let waiting: ReturnType<typeof setTimeout> | undefined;
function soon(work: () => Promise<void>, milliseconds = 120): void {
  clearTimeout(waiting);
  waiting = setTimeout(() => void attempt(work), milliseconds);
}

export function edit(text: string): void {
  const now = job.value;
  if (!now || now.text === text) return;
  past.value = [...past.value.slice(-199), now.text];
  job.value = { ...now, text };
  soon(changed);
}

export function undo(): void {
  const before = past.value[past.value.length - 1];
  const now = job.value;
  if (!now || before === undefined) return;
  past.value = past.value.slice(0, -1);
  job.value = { ...now, text: before };
  soon(changed, 0);
}

/** Sets a key to a YAML value; "" puts it back to its default. False where the value is no YAML. */
export function setKey(key: string, value: string): boolean {
  const now = job.value;
  const text = now && withValue(now.text, key, value);
  if (!text) return false;
  edit(text);
  return true;
}

/** Moves, adds or takes out a keyframe. False where that cannot be. */
export function setKeyframe(key: string, from: string | null, to: Keyframe | null): boolean {
  const now = job.value;
  const text = now && withKeyframe(now.text, key, from, to);
  if (!text) return false;
  edit(text);
  return true;
}

export function goTo(at: number): void {
  const wanted = Math.max(0, Math.min(frames.value - 1, Math.round(at)));
  if (wanted === frame.value) return;
  frame.value = wanted;
  const now = job.value;
  if (now && report.value?.ok) void showSource(now, wanted).catch(() => {});
  soon(showFrame, 150);
}

/** All looks on the frame that is shown, one after the other. */
export function dreamLooks(): Promise<void> {
  return attempt(async () => {
    const now = job.value;
    if (!now || !report.value?.ok || looks.value.length === 0) return;
    const wanted = looks.value.map((one) => ({
      title: one.name,
      sentence: one.sentence,
      set: [`look=${JSON.stringify(one.name)}`],
    }));
    await showGrid(tiles, async () => {
      tiles.value = wanted;
      return { ...(await api.grid(now, frame.value, 256, wanted.map(({ set }) => ({ set })))), tiles: wanted };
    });
  });
}

// One grid at a time: either the looks or variations. Events that come before its number is known wait.
let shownGrid = tiles;
let tooEarly: PictureEvent[] | null = null;

async function showGrid(shown: typeof tiles, ask: (now: JobText) => Promise<{ grid: number; tiles: Tile[] }>): Promise<void> {
  const now = job.value;
  if (!now) return;
  const early: PictureEvent[] = [];
  gridNumber = -1; // what still comes of the grid before is not shown
  tooEarly = early;
  shownGrid = shown;
  try {
    const made = await ask(now);
    shown.value = made.tiles;
    gridNumber = made.grid;
  } finally {
    tooEarly = null;
  }
  early.forEach(hear);
}

/** One frame with several values of a key or two, each as "seed=1..4". */
export function vary(over: string[]): Promise<void> {
  return attempt(() =>
    showGrid(variations, async (now) => {
      const made = await api.vary(now, frame.value, 320, over);
      return { grid: made.grid, tiles: made.tiles.map(({ set }) => ({ title: set.join("  "), sentence: "", set })) };
    }),
  );
}

/** Takes the values of a variation into the job. */
export function pickVariation(tile: Tile): void {
  for (const one of tile.set) setKey(one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1));
}

/** Takes a look: as on the command line, its network and objectives count, whatever the text has said before. */
export function pickLook(name: string): void {
  const now = job.value;
  if (!now) return;
  let text: string | null = now.text;
  for (const key of ["network", "dream.objectives", "dream.journey"]) text = text && withValue(text, key, "");
  text = text && withValue(text, "look", JSON.stringify(name));
  if (!text) return say("The text is no YAML at the moment; see Text.", true);
  if (input.value && revision.value && name !== look.value) beginAnother(now);
  edit(text);
}

// What is saved in one look stays: another look becomes a job and an output of its own.
function beginAnother(now: JobText): void {
  batch(() => {
    job.value = { ...now, file: begun.file };
    revision.value = savedText.value = "";
    render.value = null;
  });
}

function hear(event: PictureEvent | RenderState | { event: "saved"; job: string; revision: string }): void {
  switch (event.event) {
    case "preview":
      return hearPreview(event);
    case "tile":
      return hearTile(event);
    case "render":
      if (event.job === job.value?.file) hearRender(event);
      return;
    case "saved":
      if (event.job === job.value?.file && event.revision !== revision.value && !isSaving) void attempt(adopt);
  }
}

function hearPreview(event: PictureEvent): void {
  if (event.preview === undefined) return;
  if (event.preview !== previewNumber) {
    earlyPreviews?.push(event);
    return;
  }
  if (event.picture) dreamPicture.value = event.picture;
  if (event.state === "failed") previewProblem.value = event.problems?.[0]?.message ?? "the preview failed";
  if (event.state === "interrupted") previewProblem.value = "Another page has asked for a picture, which came first.";
  growth.value =
    event.state === "growing"
      ? {
          octave: event.octave ?? 1,
          octaves: event.octaves ?? 1,
          step: event.step ?? 1,
          steps: event.steps ?? 1,
        }
      : null;
}

function hearTile(event: PictureEvent): void {
  if (event.grid !== gridNumber) {
    tooEarly?.push(event);
    return;
  }
  shownGrid.value = shownGrid.value.map((tile, index) =>
    index === event.tile
      ? {
          ...tile,
          picture: event.picture,
          problem: event.state === "failed" ? (event.problems?.[0]?.message ?? "it cannot be dreamed") : undefined,
          missing: event.missing,
        }
      : tile,
  );
}

function hearRender(event: RenderState): void {
  const before = render.value?.state;
  render.value = event;
  if (event.state === "finished" && before === "running") {
    say(`Saved as ${event.output}`);
    void attempt(refreshFiles);
  }
}

let isSaving = false;

function sayStale(): void {
  say("Another page has saved this job. Saving here would be refused; copy your text first.", true);
}

// Another page has saved this job: what was not edited here follows it.
async function adopt(): Promise<void> {
  if (isDirty.value) return sayStale();
  const now = job.value;
  if (!now) return;
  const read = await api.job(now.file);
  if (job.value?.file !== now.file) return;
  if (isDirty.value) return sayStale(); // edited while the file was read
  batch(() => {
    revision.value = read.revision;
    savedText.value = read.text;
    job.value = { ...now, text: read.text };
  });
  await changed();
}

export function save(): Promise<void> {
  return attempt(async () => {
    await nameAfterLook();
    await saveJob();
  });
}

async function saveJob(): Promise<void> {
  const now = job.value;
  if (!now) return;
  isSaving = true;
  try {
    const saved = await api.save({ file: now.file, text: now.text }, revision.value);
    batch(() => {
      revision.value = saved.revision;
      savedText.value = now.text;
    });
  } finally {
    isSaving = false;
  }
}

// "photo_agate.png" in a folder ("" or "holidays/"), or with a number behind it where that is taken.
function freeName(directory: string, stem: string, ending: string): string {
  const taken = new Set(files.value.map((file) => file.name));
  let name = stem + ending;
  for (let i = 2; taken.has(directory + name); ++i) name = `${stem}-${i}${ending}`;
  return name;
}

/** A photo or clip in a look becomes a job and an output of its own beside it; nothing finished is replaced. */
async function nameAfterLook(): Promise<void> {
  const now = job.value;
  const output = report.value?.output;
  if (!now || !output || !input.value || revision.value) return;
  await refreshFiles();
  const directory = input.value.replace(/[^/]*$/, "");
  const nameOf = (path: string) => path.replace(/^.*\//, "").replace(/(.)\.[^.]*$/, "$1");
  // In an output's path, "%" may begin a frame's number.
  const stem = `${nameOf(input.value)}_${nameOf(look.value) || "dream"}`.replaceAll("%", "_");
  const path = freeName(directory, stem, output.slice(output.lastIndexOf(".")));
  const isGiven = valueAt(now.text, "output.path") === begun.output; // else a person has named the output
  const text = isGiven ? withValue(now.text, "output.path", JSON.stringify(path)) : now.text;
  if (!text) return;
  if (isGiven) begun.output = path;
  job.value = { file: directory + freeName(directory, stem, ".yaml"), text };
}

/** Saves the job and renders it at full size. */
export function renderJob(overwrite = false): Promise<void> {
  return attempt(async () => {
    await nameAfterLook();
    if (isDirty.value || !revision.value) await saveJob();
    const now = job.value;
    if (!now) return;
    try {
      render.value = await api.render(now.file, "start", overwrite);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      tell(error);
    }
  });
}

export function pauseRender(): Promise<void> {
  return attempt(async () => {
    if (job.value) render.value = await api.render(job.value.file, "pause");
  });
}

effect(() => {
  document.title = (job.value ? `${isDirty.value ? "• " : ""}${job.value.file} – ` : "") + "dreamreel studio";
});
