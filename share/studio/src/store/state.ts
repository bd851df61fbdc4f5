// What the page shows, as signals. The other files of this folder change them; components read them.
import { batch, computed, signal } from "@preact/signals";
import type { CurveSheet, Farm, FileEntry, JobText, Look, Rendered, RenderState, Report, SchemaKey } from "../api";
import { valueAt } from "../job_text";

export interface GridTile {
  title: string;
  sentence: string;
  set: string[];
  picture?: string;
  pictures?: string[]; // of a loop
  share?: number; // of the loop's frames that are dreamed
  problem?: string;
  missing?: string[]; // networks that are yet to be fetched
}

export interface Growth {
  octave: number;
  octaves: number;
  step: number;
  steps: number;
}

/** What the picture is: a preview's dream, a frame as it is rendered, or one that the present edit will replace. */
export type Shown = "preview" | "rendered" | "outdated";

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
export const rendered = signal<(Rendered & { text: string }) | null>(null);
export const renderedProblem = signal(""); // why it is not known what is rendered
export const render = signal<RenderState | null>(null);
export const farm = signal<Farm | null>(null);
export const past = signal<string[]>([]);

export const frame = signal(0);
export const side = signal(640);
export const split = signal(0); // how much of the source is shown, percent from the left
export const sourcePicture = signal("");
export const dreamPicture = signal("");
export const shown = signal<Shown>("preview");
export const growth = signal<Growth | null>(null);
export const previewProblem = signal("");
export const isMaskShown = signal(false);
export const tiles = signal<GridTile[]>([]);
export const variations = signal<GridTile[]>([]);
export const panel = signal<"looks" | "settings" | "variations" | "text">("looks");

/** The look that the job's text names; "" for none. */
export const look = computed(() => (job.value && valueAt(job.value.text, "look")) ?? "");
export const frames = computed(() => Math.max(1, report.value?.info?.frames ?? 1));
export const rate = computed(() => report.value?.info?.frames_per_second ?? 24);
/** Whether a photo or clip alone is enough; else a job names it. */
export const canBegin = computed(() => looks.value.length > 0);
export const isPhoto = computed(() => report.value?.info?.is_still ?? false);
export const isDirty = computed(() => job.value !== null && job.value.text !== savedText.value);

export function say(text: string, isError = false): void {
  notice.value = { text, isError };
}

export function tell(error: unknown): void {
  say(error instanceof Error ? error.message : String(error), true);
}

/** Runs what a person asked for, and shows what went wrong. */
export async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    tell(error);
  }
}

/** Before another job is shown, nothing of the last one is. */
export function forget(): void {
  batch(() => {
    tiles.value = variations.value = [];
    past.value = [];
    dreamPicture.value = sourcePicture.value = previewProblem.value = renderedProblem.value = "";
    report.value = sheet.value = rendered.value = render.value = farm.value = growth.value = null;
    isMaskShown.value = false;
    frame.value = 0;
    notice.value = null;
  });
}
