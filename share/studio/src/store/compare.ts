// A/B: the dream of other settings, kept beside the present one.
//
// Without a pin they are the settings before: each whole dream becomes the one before once a later text has a whole dream of
// the same frame. A pin keeps one text instead. Where it has no dream of the frame yet, it gets one after the present text.
import { signal } from "@preact/signals";
import { api } from "../api";
import type { JobText, PictureEvent } from "../api";
import { onWhole } from "./picture";
import { frame, job, side } from "./state";

interface Settings {
  text: string;
  frame: number;
  side: number;
}

interface Dream extends Settings {
  picture: string; // the address of a blob: the program keeps only the latest pictures
}

export const beforePicture = signal("");
export const isComparing = signal(false);
export const pinned = signal<JobText | null>(null);

let latest: Dream | null = null;
let before: Dream | null = null;
let opened = 0; // jobs: a dream of an earlier one comes too late

const isSeen = (dream: Dream | null): dream is Dream =>
  dream !== null && dream.frame === frame.value && dream.side === side.value;

function drop(dream: Dream | null): void {
  if (dream && dream !== latest && dream !== before) URL.revokeObjectURL(dream.picture);
}

function show(): void {
  const isWanted = isSeen(before) && job.value !== null && before.text !== job.value.text;
  const isPinned = !pinned.value || before?.text === pinned.value.text;
  beforePicture.value = isWanted && isPinned ? before!.picture : "";
  if (!beforePicture.value) isComparing.value = false;
}

function keepAsBefore(dream: Dream): void {
  const old = before;
  before = dream;
  drop(old);
  show();
}

/** Before another job is shown, nothing of the last one is compared with. */
export function forgetDreams(): void {
  ++opened;
  stopPinned();
  for (const dream of new Set([latest, before])) if (dream) URL.revokeObjectURL(dream.picture);
  latest = before = pinned.value = null;
  show();
}

onWhole((of, picture) => void remember(of, picture));

async function kept(of: Settings, picture: () => Promise<Blob>): Promise<Dream | null> {
  const number = opened;
  const blob = await picture().catch(() => null);
  return blob && number === opened ? { ...of, picture: URL.createObjectURL(blob) } : null;
}

async function remember(of: Settings, picture: () => Promise<Blob>): Promise<void> {
  const dream = await kept(of, picture);
  if (!dream) return;
  const last = latest;
  latest = dream;
  if (pinned.value) {
    if (of.text === pinned.value.text) keepAsBefore(dream);
  } else if (isSeen(last) && last.text !== of.text) {
    keepAsBefore(last);
  }
  drop(last);
  show();
  await dreamPinned();
}

let asked = 0;
let growing: { preview: number; of: Settings } | null = null; // the dream of the pinned settings
let early: PictureEvent[] | null = null; // what comes before the number is known waits

function stopPinned(): void {
  ++asked;
  if (growing) void api.cancel(growing.preview).catch(() => {});
  growing = early = null;
}

async function dreamPinned(): Promise<void> {
  const settings = pinned.value;
  if (!settings || job.value?.text === settings.text || latest?.text !== job.value?.text || !isSeen(latest)) return;
  if (isSeen(before) && before.text === settings.text) return;
  stopPinned();
  const number = asked;
  const waiting: PictureEvent[] = [];
  early = waiting;
  const of = { text: settings.text, frame: frame.value, side: side.value };
  const made = await api.preview(settings, of.frame, of.side).catch(() => null);
  if (number !== asked) return void (made && api.cancel(made.preview).catch(() => {}));
  early = null;
  if (!made) return;
  growing = { preview: made.preview, of };
  waiting.forEach(hearPinned);
}

export function hearPinned(event: PictureEvent): void {
  if (event.preview === undefined) return;
  if (event.preview !== growing?.preview) {
    early?.push(event);
    return;
  }
  if (event.state === "growing") return;
  const { of } = growing;
  const address = event.picture;
  growing = null;
  if (event.state !== "whole" || !address) return;
  void kept(of, () => api.picture(address)).then((dream) => {
    if (dream && pinned.value?.text === dream.text) keepAsBefore(dream);
  });
}

/** Shows the other settings, or the present ones again. */
export function compare(yes: boolean): void {
  isComparing.value = yes && beforePicture.value !== "";
}

/** The settings as they are now stay the ones to compare with; again: they no longer do. */
export function pin(): void {
  stopPinned();
  pinned.value = pinned.value ? null : job.value;
  if (pinned.value && isSeen(latest) && latest.text === pinned.value.text) keepAsBefore(latest);
  else show();
}

function follow(): void {
  stopPinned();
  show();
}

frame.subscribe(follow);
side.subscribe(follow);
job.subscribe(follow);
