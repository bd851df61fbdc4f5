// A/B: the dream of the settings before, kept beside the present one.
//
// Each whole dream becomes the one before once a later text has a whole dream of the same frame. A pinned one stays the one
// before until it is let go.
import { signal } from "@preact/signals";
import { onWhole } from "./picture";
import { frame, job, side } from "./state";

interface Dream {
  text: string;
  frame: number;
  side: number;
  picture: string; // the address of a blob: the program keeps only the latest pictures
}

export const beforePicture = signal("");
export const isComparing = signal(false);
export const isPinned = signal(false);

let latest: Dream | null = null;
let before: Dream | null = null;

function isOfThis(dream: Dream | null): dream is Dream {
  return dream !== null && dream.frame === frame.value && dream.side === side.value && job.value !== null;
}

function drop(dream: Dream | null): void {
  if (dream && dream !== latest && dream !== before) URL.revokeObjectURL(dream.picture);
}

function keepAsBefore(dream: Dream | null): void {
  const old = before;
  before = dream;
  drop(old);
  beforePicture.value = isOfThis(before) && before.text !== job.value?.text ? before.picture : "";
}

onWhole((of, picture) => void remember(of, picture));

async function remember(of: Omit<Dream, "picture">, picture: () => Promise<Blob>): Promise<void> {
  const blob = await picture().catch(() => null);
  if (!blob || of.text !== job.value?.text) return;
  const last = latest;
  latest = { ...of, picture: URL.createObjectURL(blob) };
  const isAnother = isOfThis(last) && last.text !== of.text;
  if (isAnother && !(isPinned.value && isOfThis(before))) keepAsBefore(last);
  else keepAsBefore(before);
  drop(last);
}

/** Shows the settings before, or the present ones again. */
export function compare(yes: boolean): void {
  isComparing.value = yes && beforePicture.value !== "";
}

/** The settings as they are now stay the ones to compare with; again: they no longer do. */
export function pin(): void {
  isPinned.value = !isPinned.value;
  if (isPinned.value && isOfThis(latest)) keepAsBefore(latest);
}

frame.subscribe(() => keepAsBefore(before));
side.subscribe(() => keepAsBefore(before));
job.subscribe(() => keepAsBefore(before));
