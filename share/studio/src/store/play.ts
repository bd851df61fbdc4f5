// Plays the frames around the playhead with their sound: rendered frames where they exist, the source elsewhere. All
// pictures are fetched first, so that they come in time.
import { effect, signal } from "@preact/signals";
import { api, RequestError } from "../api";
import type { JobText } from "../api";
import { stateOf } from "./picture";
import { attempt, frame, frames, isPhoto, job, rate, report, say, side, tell } from "./state";

const kBefore = 1; // seconds before the playhead
const kLength = 5; // seconds
const kMostPerSecond = 15; // pictures
const kLargestSide = 640; // px

export interface Playing {
  share: number; // of the pictures that have come; at 1 they play
  canvas: HTMLCanvasElement;
}
export const playing = signal<Playing | null>(null);

let number = 0; // of the latest excerpt: an older one gives up
let sound: AudioContext | null = null;

export function stop(): void {
  ++number;
  playing.value = null;
  void sound?.close().catch(() => {});
  sound = null;
}

/** Plays the excerpt around the playhead, again and again; stops where one plays. */
export function play(): Promise<void> {
  return attempt(async () => {
    if (playing.value) return stop();
    const now = job.value;
    if (!now || !report.value?.ok || isPhoto.value) return;
    const begin = Math.max(0, Math.round(frame.value - kBefore * rate.value));
    const end = Math.min(frames.value, Math.round(begin + kLength * rate.value));
    const canvas = document.createElement("canvas");
    const mine = ++number;
    playing.value = { share: 0, canvas };
    sound = new AudioContext(); // made while the click counts as a person's wish to hear something
    const context = sound;
    try {
      const [bitmaps, heard] = await Promise.all([fetchPictures(now, begin, end, mine), fetchSound(now, begin, end, context)]);
      if (mine !== number) return bitmaps.forEach((bitmap) => bitmap.close());
      run(bitmaps, heard, context, { seconds: (end - begin) / rate.value, mine, canvas });
    } catch (error) {
      if (mine !== number) return;
      stop();
      tell(error);
    }
  });
}

async function fetchPictures(now: JobText, begin: number, end: number, mine: number): Promise<ImageBitmap[]> {
  const bitmaps: ImageBitmap[] = [];
  const step = Math.max(1, Math.ceil(rate.value / kMostPerSecond));
  for (let at = begin; at < end && mine === number; at += step) {
    const size = Math.min(side.value, kLargestSide);
    const source = () => api.source(now, at, size);
    const blob = await (stateOf(at) === "missing" ? source() : api.renderedFrame(now, at, size).catch(source));
    bitmaps.push(await createImageBitmap(blob));
    if (mine === number && playing.value) playing.value = { ...playing.value, share: 0.99 * ((at - begin) / (end - begin)) };
  }
  return bitmaps;
}

// Null where the job has no sound. A sound that cannot be had is told, and the pictures play without it.
async function fetchSound(now: JobText, begin: number, end: number, context: AudioContext): Promise<AudioBuffer | null> {
  try {
    return await context.decodeAudioData(await api.sound(now, begin, end));
  } catch (error) {
    const isSilent = error instanceof RequestError && error.status === 404;
    if (!isSilent && context.state !== "closed") say(`Plays without sound. ${error instanceof Error ? error.message : error}`, true);
    return null;
  }
}

interface Excerpt {
  seconds: number;
  mine: number;
  canvas: HTMLCanvasElement;
}

// The sound's clock leads, and the pictures follow.
function run(bitmaps: ImageBitmap[], heard: AudioBuffer | null, context: AudioContext, excerpt: Excerpt): void {
  const { seconds: length, mine, canvas } = excerpt;
  const paint = canvas.getContext("2d");
  canvas.width = bitmaps[0]?.width ?? 1;
  canvas.height = bitmaps[0]?.height ?? 1;
  if (heard) {
    const source = new AudioBufferSourceNode(context, { buffer: heard, loop: true, loopEnd: length });
    source.connect(context.destination);
    source.start();
  }
  void context.resume();
  playing.value = { share: 1, canvas };
  const started = context.currentTime;
  const show = () => {
    if (mine !== number) return bitmaps.forEach((one) => one.close());
    const share = ((context.currentTime - started) % length) / length;
    const bitmap = bitmaps[Math.floor(share * bitmaps.length)];
    if (bitmap) paint?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    requestAnimationFrame(show);
  };
  show();
}

// Another frame, another text: what plays is no longer what is seen.
let seen = { frame: -1, text: "" };
effect(() => {
  const now = { frame: frame.value, text: job.value?.text ?? "" };
  const isSame = now.frame === seen.frame && now.text === seen.text;
  seen = now;
  if (!isSame && playing.peek()) stop();
});
