// The mask of the whole dream: what kind it is, and its picture over the frame, as the program computes it.
import { computed, effect, signal, untracked } from "@preact/signals";
import { api, RequestError } from "../api";
import type { JobText } from "../api";
import { mapAt, quoted, withValue } from "../job_text";
import { edit } from "./job";
import { inTurn, soonAgain } from "./picture";
import { frame, isMaskShown, job, report, schema, say, side } from "./state";

/** What a mask is made of: a word of `dream.mask.from`, or "file"; "" for no mask. */
export type MaskKind = string;

/** The kinds that the program knows, so that a new one needs no change here. */
export const maskKinds = computed<MaskKind[]>(() => [
  "file",
  ...(schema.value.find(({ key }) => key === "dream.mask.from")?.words ?? []),
]);

export const mask = computed(() => (job.value ? mapAt(job.value.text, "dream.mask") : null));
export const maskKind = computed<MaskKind>(() => {
  if (!mask.value) return "";
  return "path" in mask.value ? "file" : String(mask.value.from ?? "");
});

// Every mask has these keys, so they stay when its kind changes.
const kShared = ["invert", "feather", "confine"];
// What a kind cannot do without.
const kNeeded: Record<MaskKind, Record<string, unknown>> = {
  luma: { range: [0.5, 1] },
  chroma: { colour: "#00b140" },
  motion: { range: [0.04, 1] },
};

/** Makes the mask of another kind; `more` has the keys that this kind needs and a person has chosen. */
export function setMaskKind(kind: MaskKind, more: Record<string, unknown> = {}): void {
  const now = job.value;
  if (!now) return;
  const before = Object.entries(mask.value ?? {}).filter(([key]) => kShared.includes(key));
  const made = { ...(kind === "file" ? {} : { from: kind }), ...kNeeded[kind], ...more, ...Object.fromEntries(before) };
  const text = withValue(now.text, "dream.mask", kind === "" ? "" : flow(made));
  if (!text) return say("The text is no YAML at the moment; see Text.", true);
  edit(text);
  isMaskShown.value = kind !== "";
}

// YAML on one line, as a person writes it.
function flow(map: Record<string, unknown>): string {
  const written = (value: unknown) => (typeof value === "string" ? quoted(value) : JSON.stringify(value));
  return `{${Object.entries(map).map(([key, value]) => `${key}: ${written(value)}`).join(", ")}}`;
}

/** The mask as a picture, white where the dream may be. */
export const maskPicture = signal<ImageBitmap | null>(null);
export const maskProblem = signal("");
/** Whether a colour of the frame is being chosen for the mask. */
export const isPicking = signal(false);

function put(bitmap: ImageBitmap | null, problem = ""): void {
  const before = maskPicture.value;
  maskPicture.value = bitmap;
  maskProblem.value = problem;
  before?.close();
}

// While the playhead is dragged, each mask is a little late when it comes, and shows all the same.
const isWanted = (now: JobText) => isMaskShown.value && job.value?.text === now.text && job.value.file === now.file;

const fetchMask = inTurn(async (now, at) => {
  try {
    const bitmap = await createImageBitmap(await api.mask(now, at, side.value));
    if (isWanted(now)) put(bitmap);
    else bitmap.close();
  } catch (error) {
    if (!isWanted(now) || frame.value !== at) return;
    // A later request, perhaps of another page, has come first: this page still wants its own.
    if (error instanceof RequestError && error.status === 409) return void soonAgain(showMask);
    put(null, error instanceof Error ? error.message : String(error));
  }
});

async function showMask(): Promise<void> {
  const now = job.value;
  if (now && isMaskShown.value && report.value?.ok && report.value.has_mask) await fetchMask(now, frame.value);
}

// The mask follows the text once it has been checked, the playhead, and the size of the preview.
effect(() => {
  const isAsked = isMaskShown.value && (report.value?.ok ?? false) && (report.value?.has_mask ?? false);
  void [frame.value, side.value];
  if (isAsked) untracked(() => void showMask());
  else if (!isMaskShown.value && maskPicture.peek()) put(null);
});

// A mask that was taken out of the text, or undone, no longer lies over the frame. Looks have masks too, so the report
// counts, once it is about a text without one.
effect(() => {
  if (isMaskShown.value && maskKind.value === "" && report.value?.ok && !report.value.has_mask) isMaskShown.value = false;
});

// A colour is picked for the mask of this job only, and only while the mask is one of a colour.
let pickedIn: string | undefined;
effect(() => {
  const file = job.value?.file;
  if (maskKind.value !== "chroma" || file !== pickedIn) isPicking.value = false;
  pickedIn = file;
});

/** A text with mistakes has no mask to show, but one that shows can be hidden. */
export const canToggleMask = computed(() => isMaskShown.value || (report.value?.has_mask ?? false));

/** Shows the mask over the frame, or no longer. */
export function toggleMask(): void {
  if (canToggleMask.value) isMaskShown.value = !isMaskShown.value;
}

/** Takes a colour of the frame for the mask. */
export function pickColour(colour: string): void {
  isPicking.value = false;
  const now = job.value;
  const text = now && withValue(now.text, "dream.mask.colour", quoted(colour));
  if (text) edit(text);
}
