// The picture of the frame under the playhead: its source, and its dream, which is a preview that grows, or the frame as it
// is rendered.
import { api, latestOnly, RequestError } from "../api";
import type { JobText, PictureEvent } from "../api";
import * as state from "./state";

/** Does one thing after the other, and of those that wait only the last: a dragged playhead asks faster than pictures come. */
export function inTurn(work: (now: JobText, at: number) => Promise<void>): (now: JobText, at: number) => Promise<void> {
  let running: Promise<void> | null = null;
  let next: [JobText, number] | null = null;
  const drain = async () => {
    while (next) {
      const [now, at] = next;
      next = null;
      await work(now, at);
    }
    running = null;
  };
  return (now, at) => {
    next = [now, at];
    return (running ??= drain());
  };
}

/** Puts a picture into a signal; the blob that it takes the place of is given back. */
function put(picture: typeof state.sourcePicture, blob: Blob | string): void {
  const before = picture.value;
  picture.value = typeof blob === "string" ? blob : URL.createObjectURL(blob);
  if (before.startsWith("blob:")) URL.revokeObjectURL(before);
}

// Pictures come in the order in which they were asked for. While the playhead is dragged, each is a little late when it
// comes, and shows all the same: the last one is of the frame where the playhead rests.
const showSource = inTurn(async (now, at) => {
  const picture = await api.source(now, at, state.side.value).catch(() => null);
  if (picture && state.job.value?.file === now.file) put(state.sourcePicture, picture);
});

/** Whether a frame is rendered, and whether a render of the present text would keep it. */
export function stateOf(at: number): "kept" | "stale" | "missing" {
  const found = state.rendered.value;
  const range = found?.ranges.find(({ begin, end }) => begin <= at && at < end);
  if (!range) return "missing";
  return range.state === "kept" && found?.text !== state.job.value?.text ? "stale" : range.state;
}

let isDreamShown = false; // of the frame under the playhead
let renderedSide = 0; // px of the rendered frame that is wanted
const showRendered = inTurn(async (now, at) => {
  const kind = stateOf(at);
  const picture = await api.renderedFrame(now, at, renderedSide).catch(() => null);
  const isHere = at === state.frame.value;
  if (state.job.value?.file !== now.file || stateOf(at) !== kind || (isDreamShown && kind !== "kept")) return;
  if (!isHere && (stateOf(state.frame.value) === "missing" || isDreamShown)) return;
  if (!picture) return isHere && kind === "kept" ? dream(now, at) : undefined; // its file has gone or is damaged
  put(state.dreamPicture, picture);
  state.shown.value = kind === "kept" ? "rendered" : "outdated";
  if (!isHere) return;
  const of = { text: now.text, frame: at, side: state.side.value };
  if (kind === "kept") for (const hear of hearers) hear(of, async () => picture);
});

/** The source of the frame at once; then the frame as it is rendered, or its dream as it grows. */
export async function showFrame(): Promise<void> {
  const now = state.job.value;
  if (!now || !state.report.value?.ok) return;
  const at = state.frame.value;
  const source = showSource(now, at);
  if (stateOf(at) === "kept") {
    stopDreaming();
    const { width = 0, height = 0 } = state.report.value.info ?? {};
    renderedSide = Math.min(4096, Math.max(width, height, 16));
    await Promise.all([source, showRendered(now, at)]);
  } else {
    await Promise.all([source, dream(now, at)]);
  }
}

let numberOfPreview = 0; // of this page's latest preview; other pages have previews of their own
let asked = 0;
let early: PictureEvent[] | null = null; // what comes before the number is known waits
let dreamed: { text: string; frame: number; side: number } | null = null; // of the preview that is asked for
// Only a later preview ends the request of one: the program interrupts that dream itself, so its number is not needed.
const latestPreview = latestOnly();

/** Ends the dream that grows. */
export function stopDreaming(): void {
  if (state.growth.value && numberOfPreview > 0) void api.cancel(numberOfPreview).catch(() => {});
  ++asked;
  numberOfPreview = -1;
  early = null;
  state.growth.value = null;
  state.previewProblem.value = "";
}

async function dream(now: JobText, at: number): Promise<void> {
  state.previewProblem.value = "";
  state.growth.value = { octave: 0, octaves: 1, step: 0, steps: 1 };
  const number = ++asked;
  const waiting: PictureEvent[] = [];
  numberOfPreview = -1; // what still comes of the preview before is not shown
  early = waiting;
  dreamed = { text: now.text, frame: at, side: state.side.value };
  try {
    const { preview } = await api.preview(now, at, state.side.value, latestPreview());
    if (number !== asked) return void api.cancel(preview).catch(() => {});
    numberOfPreview = preview;
  } catch (error) {
    if (number !== asked) return;
    state.growth.value = null;
    state.previewProblem.value = error instanceof Error ? error.message : String(error);
  } finally {
    if (number === asked) early = null;
  }
  waiting.forEach(hearPreview);
}

type HearWhole = (of: { text: string; frame: number; side: number }, picture: () => Promise<Blob>) => void;
const hearers: HearWhole[] = [];
/** Calls `hear` for every dream that is whole, and for every rendered frame. */
export function onWhole(hear: HearWhole): void {
  hearers.push(hear);
}

export function hearPreview(event: PictureEvent): void {
  if (event.preview === undefined) return;
  if (event.preview !== numberOfPreview) {
    early?.push(event);
    return;
  }
  if (event.picture) {
    isDreamShown = true;
    put(state.dreamPicture, event.picture);
    state.shown.value = "preview";
  }
  if (event.state === "failed") state.previewProblem.value = event.problems?.[0]?.message ?? "the preview failed";
  if (event.state === "interrupted") state.previewProblem.value = "Another page has asked for a picture, which came first.";
  const { octave = 1, octaves = 1, step = 1, steps = 1 } = event;
  state.growth.value = event.state === "growing" ? { octave, octaves, step, steps } : null;
  const address = event.picture;
  if (event.state === "whole" && address && dreamed)
    for (const hear of hearers) hear(dreamed, () => api.picture(address));
}

/** Makes a function that does some work once it has not been called for a while. */
export function rested(work: () => Promise<void>): (milliseconds: number) => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  return (milliseconds) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => void state.attempt(work), milliseconds);
  };
}

const showFrameSoon = rested(showFrame);

/** Moves the playhead. Rendered frames show while it is dragged; elsewhere the source does, and dreams once it rests. */
export function goTo(to: number): void {
  const at = Math.max(0, Math.min(state.frames.value - 1, Math.round(to)));
  if (at === state.frame.value) return;
  state.frame.value = at;
  const now = state.job.value;
  if (!now || !state.report.value?.ok) return;
  stopDreaming();
  isDreamShown = false;
  const isRendered = stateOf(at) !== "missing";
  if (isRendered) {
    renderedSide = state.side.value;
    void showRendered(now, at);
  } else {
    put(state.dreamPicture, "");
  }
  if (!isRendered || state.split.value > 0 || state.isMaskShown.value) void showSource(now, at);
  showFrameSoon(150);
}

let looked = 0;
const latestLook = latestOnly();

// Asks which frames are rendered. Whether the picture is now to be a rendered frame, and is not yet.
async function findRendered(): Promise<boolean> {
  const now = state.job.value;
  if (!now || !state.report.value?.ok) return false;
  const number = ++looked;
  const found = await api.rendered(now, latestLook()).catch((error: unknown) => error);
  if (number !== looked || state.job.value?.text !== now.text) return false;
  // A later request, perhaps of another page, has come first: this page still wants its own.
  if (found instanceof RequestError && found.status === 409) {
    void soonAgain(lookAtRendered);
    return false;
  }
  const before = stateOf(state.frame.value);
  const isKnown = !(found instanceof Error);
  state.renderedProblem.value = isKnown ? "" : found.message;
  state.rendered.value = isKnown ? { ...(found as Awaited<ReturnType<typeof api.rendered>>), text: now.text } : null;
  return stateOf(state.frame.value) === "kept" && (before !== "kept" || state.shown.value !== "rendered");
}

/** Asks which frames are rendered, and shows the frame as it is rendered if it is. */
export async function lookAtRendered(): Promise<void> {
  if (await findRendered()) await showFrame();
}

const kPatience = 150; // ms
/**
 * Asks which frames are rendered, and waits a little for the answer: a dream that is begun before it would be for nothing where
 * the frame is rendered. A late answer shows the rendered frame when it comes.
 */
export async function waitForRendered(): Promise<void> {
  let isLate = false;
  const answered = findRendered().then((isOther) => (isOther && isLate ? showFrame() : undefined));
  await Promise.race([answered, new Promise((done) => setTimeout(done, kPatience))]);
  isLate = true;
}

/** A request that another took the turn of is made again, a little later. */
export async function soonAgain(ask: () => Promise<void>): Promise<void> {
  await new Promise((done) => setTimeout(done, 200 + 300 * Math.random()));
  return ask();
}
