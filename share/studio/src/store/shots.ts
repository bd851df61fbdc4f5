// The shots of the source, and small pictures of its frames.
import { batch, signal } from "@preact/signals";
import { api, latestOnly, RequestError } from "../api";
import type { ShotList } from "../api";
import { soonAgain } from "./picture";
import * as state from "./state";

const kSide = 160; // px

export const shots = signal<ShotList | null>(null);
/** Addresses of pictures by frame, of the source that `shots` has. */
export const thumbnails = signal<ReadonlyMap<number, string>>(new Map());

let asked = 0;
const latestShots = latestOnly();

/** Asks for the shots of the present text. Of a clip that nobody has looked at yet, the program reads all frames for them. */
export async function showShots(): Promise<void> {
  const now = state.job.value;
  if (!now || state.isPhoto.value) return;
  const number = ++asked;
  const found = await api.shots(now, latestShots()).catch((error: unknown) => error);
  if (number !== asked || state.job.value?.file !== now.file) return;
  // A later request, perhaps of another page, has come first: this page still wants its own.
  if (found instanceof RequestError && found.status === 409) return soonAgain(showShots);
  if (found instanceof Error) return; // the timeline works without them
  const list = found as ShotList;
  batch(() => {
    if (list.source !== shots.value?.source) dropThumbnails();
    shots.value = list;
  });
  void fetchThumbnails();
}

/** Before another job is shown, nothing of the last one is. */
export function forgetShots(): void {
  ++asked;
  shots.value = null;
  wanted = [];
  dropThumbnails();
}

function dropThumbnails(): void {
  for (const address of thumbnails.value.values()) URL.revokeObjectURL(address);
  thumbnails.value = new Map();
}

let wanted: number[] = [];
let isFetching = false;

const kMostKept = 300; // pictures; a strip of another width wants other ones

function keep(frame: number, picture: Blob): void {
  const all = new Map(thumbnails.value).set(frame, URL.createObjectURL(picture));
  for (const [old, address] of all) {
    if (all.size <= kMostKept) break;
    if (wanted.includes(old)) continue;
    URL.revokeObjectURL(address);
    all.delete(old);
  }
  thumbnails.value = all;
}

/** Says which frames are to be seen. Their pictures come one after the other. */
export function wantThumbnails(frames: number[]): void {
  wanted = frames;
  void fetchThumbnails();
}

// Rising frames are quickest. What is wanted may change while a picture is on its way. One that cannot be had is left out.
async function fetchThumbnails(): Promise<void> {
  if (isFetching) return;
  isFetching = true;
  const failed = new Set<number>();
  try {
    for (;;) {
      const now = state.job.value;
      const source = shots.value?.source;
      const next = wanted.find((frame) => !thumbnails.value.has(frame) && !failed.has(frame));
      if (!now || !source || next === undefined) return;
      const picture = await api.thumbnail(now, next, kSide).catch(() => null);
      if (shots.value?.source !== source) continue; // another source's by now
      if (picture) keep(next, picture);
      else failed.add(next);
    }
  } finally {
    isFetching = false;
  }
}
