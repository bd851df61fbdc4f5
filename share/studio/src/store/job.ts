// The job that is open: its text, its edits, what is wrong with it, and its file.
import { batch } from "@preact/signals";
import { api, latestOnly, RequestError } from "../api";
import type { Beginning, CurveSheet, JobText } from "../api";
import { asKey, type Keyframe, valueAt, withKeyframe, withValue } from "../job_text";
import type { Key } from "../schema";
import { forgetDreams } from "./compare";
import { dreamLooks, forgetVariations } from "./grids";
import { rested, showFrame, soonAgain, stopDreaming, waitForRendered } from "./picture";
import { forgetShots, showShots } from "./shots";
import * as state from "./state";

// What a photo, a clip, a song or noise began with: names that are free to change until they are saved.
let begun = { file: "", output: "" };
let checks = 0;

export async function refreshFiles(): Promise<void> {
  state.files.value = await api.files();
}

/** Opens a job, or begins one that dreams on a photo or clip, or with a song. */
export function open(name: string, kind: string): Promise<void> {
  return kind === "job" ? show(() => api.job(name), "") : begin({ input: name });
}

/** Begins a job that is not saved yet. */
export function begin(from: Beginning): Promise<void> {
  return show(() => api.begin(from), from.input ?? "noise");
}

function show(ask: () => Promise<JobText & { revision: string }>, input: string): Promise<void> {
  return state.attempt(async () => {
    const opened = await ask();
    begun = { file: opened.file, output: valueAt(opened.text, "output.path") ?? "" };
    batch(() => {
      stopDreaming();
      forgetDreams();
      forgetShots();
      forgetVariations();
      state.forget();
      state.input.value = input;
      state.revision.value = opened.revision;
      state.savedText.value = opened.revision ? opened.text : "";
      state.panel.value = input === "" || state.looks.value.length === 0 ? "settings" : "looks";
      state.job.value = { file: opened.file, text: opened.text };
    });
    await changed();
    if (input !== "") await dreamLooks();
    if (opened.revision) state.render.value = await api.renderState(opened.file).catch(() => null);
  });
}

export function close(): void {
  batch(() => {
    state.job.value = null;
    state.notice.value = null;
  });
  void state.attempt(refreshFiles);
}

/** Takes a dropped or chosen file into the folder and opens it. */
export function take(file: File): Promise<void> {
  return state.attempt(async () => {
    state.say(`${file.name} is being copied into the folder ...`);
    const { name } = await api.upload(file);
    await refreshFiles();
    const kind = state.files.value.find((entry) => entry.name === name)?.kind ?? "picture";
    if (kind !== "job" && !state.canBegin.value)
      return state.say(`${name} is in the folder now: a job can name it.`);
    state.notice.value = null;
    await open(name, kind);
  });
}

/** The text has changed: what is wrong with it, its curves and its picture are asked for anew. */
async function changed(): Promise<void> {
  const now = state.job.value;
  if (!now) return;
  const number = ++checks;
  const found = await api.check(now);
  if (number !== checks) return;
  state.report.value = found;
  if (!found.ok) return;
  if (state.frame.value >= state.frames.value) state.frame.value = 0;
  void showCurves(number); // of some clips all frames are decoded for them
  await waitForRendered();
  if (number !== checks) return;
  void showShots();
  await showFrame();
}

const latestCurves = latestOnly();

async function showCurves(number: number): Promise<void> {
  const now = state.job.value;
  if (!now || state.isPhoto.value) return;
  const found = await api.curves(now, 800, latestCurves()).catch((error: unknown) => error);
  if (number !== checks) return;
  // A later request, perhaps of another page, has come first: this page still wants its own.
  if (found instanceof RequestError && found.status === 409) return soonAgain(() => showCurves(number));
  if (!(found instanceof Error)) state.sheet.value = found as CurveSheet;
}

const changedSoon = rested(changed);

let gesture = ""; // the last edit's

/** What moves next is another gesture. */
export function endGesture(): void {
  gesture = "";
}

/**
 * Changes the text. Edits of one gesture, such as a slider that is being moved, are taken back together; `name` is what moves.
 */
export function edit(text: string, name = ""): void {
  const now = state.job.value;
  if (!now || now.text === text) return;
  const isSame = name !== "" && name === gesture;
  gesture = name;
  if (!isSame) state.past.value = [...state.past.value.slice(-199), now.text];
  state.job.value = { ...now, text };
  changedSoon(120);
}

export function undo(): void {
  const before = state.past.value[state.past.value.length - 1];
  const now = state.job.value;
  if (!now || before === undefined) return;
  endGesture();
  state.past.value = state.past.value.slice(0, -1);
  state.job.value = { ...now, text: before };
  changedSoon(0);
}

/** Sets a key to a YAML value; "" puts it back to its default. False where the value is no YAML. `name` as for edit(). */
export function setKey(key: Key, value: string, name = ""): boolean {
  const now = state.job.value;
  const text = now && withValue(now.text, key, value);
  if (!text) return false;
  edit(text, name);
  return true;
}

/** Moves, adds or takes out a keyframe. False where that cannot be. */
export function setKeyframe(key: Key, from: string | null, to: Keyframe | null): boolean {
  const now = state.job.value;
  const text = now && withKeyframe(now.text, key, from, to);
  if (!text) return false;
  edit(text);
  return true;
}

/** A file of the studio's folder as the job names it: relative to the job's own folder. */
export function nameInJob(name: string): string {
  const folder = (state.job.value?.file ?? "").replace(/[^/]*$/, "");
  if (name.startsWith(folder)) return name.slice(folder.length);
  return "../".repeat(folder.split("/").length - 1) + name;
}

/** Takes the values of a variation into the job. */
export function pickVariation(tile: state.GridTile): void {
  for (const one of tile.set) setKey(asKey(one.slice(0, one.indexOf("="))), one.slice(one.indexOf("=") + 1));
}

/** Takes a look: as on the command line, its network and objectives count, whatever the text has said before. */
export function pickLook(name: string): void {
  const now = state.job.value;
  if (!now) return;
  let text: string | null = now.text;
  for (const key of ["network", "dream.objectives", "dream.journey"] as const) text = text && withValue(text, key, "");
  text = text && withValue(text, "look", JSON.stringify(name));
  if (!text) return state.say("The text is no YAML at the moment; see Text.", true);
  if (state.input.value && state.revision.value && name !== state.look.value) beginAnother();
  edit(text);
}

// What is saved in one look stays: another look becomes a job and an output of its own.
function beginAnother(): void {
  batch(() => {
    if (state.job.value) state.job.value = { ...state.job.value, file: begun.file };
    state.revision.value = state.savedText.value = "";
    state.render.value = null;
  });
}

let isSaving = false;

function sayStale(): void {
  state.say("Another page has saved this job. Saving here would be refused; copy your text first.", true);
}

export function hearSaved(event: { job: string; revision: string }): void {
  if (event.job === state.job.value?.file && event.revision !== state.revision.value && !isSaving)
    void state.attempt(adopt);
}

// Another page has saved this job: what was not edited here follows it.
async function adopt(): Promise<void> {
  if (state.isDirty.value) return sayStale();
  const now = state.job.value;
  if (!now) return;
  const read = await api.job(now.file);
  if (state.job.value?.file !== now.file) return;
  if (state.isDirty.value) return sayStale(); // edited while the file was read
  batch(() => {
    state.revision.value = read.revision;
    state.savedText.value = read.text;
    state.job.value = { ...now, text: read.text };
  });
  await changed();
}

export function save(): Promise<void> {
  return state.attempt(async () => {
    await nameAfterLook();
    await saveJob();
  });
}

export async function saveJob(): Promise<void> {
  const now = state.job.value;
  if (!now) return;
  isSaving = true;
  try {
    const saved = await api.save({ file: now.file, text: now.text }, state.revision.value);
    batch(() => {
      state.revision.value = saved.revision;
      state.savedText.value = now.text;
    });
  } finally {
    isSaving = false;
  }
}

// "photo_agate.png" in a folder ("" or "holidays/"), or with a number behind it where that is taken.
function freeName(directory: string, stem: string, ending: string): string {
  const taken = new Set(state.files.value.map((file) => file.name));
  let name = stem + ending;
  for (let i = 2; taken.has(directory + name); ++i) name = `${stem}-${i}${ending}`;
  return name;
}

/** A photo or clip in a look becomes a job and an output of its own beside it; nothing finished is replaced. */
export async function nameAfterLook(): Promise<void> {
  const now = state.job.value;
  const output = state.report.value?.output;
  if (!now || !output || !state.input.value || state.revision.value) return;
  await refreshFiles();
  const directory = state.input.value.replace(/[^/]*$/, "");
  const nameOf = (path: string) => path.replace(/^.*\//, "").replace(/(.)\.[^.]*$/, "$1");
  // In an output's path, "%" may begin a frame's number.
  const stem = `${nameOf(state.input.value)}_${nameOf(state.look.value) || "dream"}`.replaceAll("%", "_");
  const path = freeName(directory, stem, output.slice(output.lastIndexOf(".")));
  const isGiven = valueAt(now.text, "output.path") === begun.output; // else a person has named the output
  const text = isGiven ? withValue(now.text, "output.path", JSON.stringify(path)) : now.text;
  if (!text) return;
  if (isGiven) begun.output = path;
  state.job.value = { file: directory + freeName(directory, stem, ".yaml"), text };
}
