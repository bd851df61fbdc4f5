// The render of the open job: another process, which goes on without the page.
import { computed } from "@preact/signals";
import { api, RequestError } from "../api";
import type { RenderState } from "../api";
import { quoted, valueAt, withValue } from "../job_text";
import { edit, nameAfterLook, refreshFiles, saveJob } from "./job";
import { lookAtRendered } from "./picture";
import * as state from "./state";

const kLookEvery = 2000; // ms
let lookedAt = 0;

export function hearRender(event: RenderState): void {
  if (event.job !== state.job.value?.file) return;
  const before = state.render.value;
  state.render.value = event;
  const hasEnded = before?.state === "running" && event.state !== "running";
  if (hasEnded || (event.done !== before?.done && Date.now() - lookedAt > kLookEvery)) {
    lookedAt = Date.now();
    void lookAtRendered();
  }
  if (event.state === "finished" && hasEnded) {
    state.say(`Saved as ${event.output}`);
    void state.attempt(refreshFiles);
  }
}

/** Saves the job and renders it at full size. */
export function renderJob(overwrite = false): Promise<void> {
  return state.attempt(async () => {
    await nameAfterLook();
    if (state.isDirty.value || !state.revision.value) await saveJob();
    const now = state.job.value;
    if (!now) return;
    try {
      state.render.value = await api.render(now.file, "start", overwrite);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      state.tell(error);
    }
  });
}

/** The deliveries that a job may name; see docs/job.md. */
export const presets = computed(() => state.schema.value.find(({ key }) => key === "output.preset")?.words ?? []);
export const preset = computed(() => (state.job.value && valueAt(state.job.value.text, "output.preset")) ?? "");

/**
 * Sets what the output is for; "" leaves it to the job's own keys. What the text says of its encoder makes way, and its output
 * gets the ending that the program gives it.
 */
export function pickPreset(name: string): Promise<void> {
  return state.attempt(async () => {
    const now = state.job.value;
    if (!now) return;
    let text: string | null = now.text;
    for (const key of ["codec", "pixel_format", "options"] as const) text = text && withValue(text, `output.video.${key}`, "");
    text = text && withValue(text, "output.preset", name);
    const path = valueAt(now.text, "output.path");
    if (text && name && path) {
      // As an override, the preset changes the path; beside the path, it would leave it.
      const { output } = await api.check({ ...now, text: withValue(text, "output.preset", "") ?? text, set: [`output.preset=${name}`] });
      const file = output?.replace(/^.*\//, "");
      const folder = path.replace(/[^/]*$/, "");
      if (file) text = withValue(text, "output.path", quoted(folder + file));
    }
    if (!text) return state.say("The text is no YAML at the moment; see Text.", true);
    if (state.job.value?.text === now.text) edit(text);
  });
}

export function pauseRender(): Promise<void> {
  return state.attempt(async () => {
    if (state.job.value) state.render.value = await api.render(state.job.value.file, "pause");
  });
}
