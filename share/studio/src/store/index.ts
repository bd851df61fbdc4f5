// The one store: what is open, what is seen, and what may be done with it. Components read the signals and call the
// functions.
import { batch, effect } from "@preact/signals";
import { api, listen } from "../api";
import type { StudioEvent } from "../api";
import { hearAtlas } from "./atlas";
import { hearPinned } from "./compare";
import { hearFarm } from "./farm";
import { hearTile } from "./grids";
import { hearSaved, open } from "./job";
import { hearPreview } from "./picture";
import { hearRender } from "./render";
import * as state from "./state";

export * from "./atlas";
export * from "./compare";
export * from "./farm";
export * from "./grids";
export * from "./job";
export * from "./mask";
export * from "./picture";
export * from "./networks";
export * from "./play";
export * from "./render";
export * from "./shots";
export * from "./state";

export async function start(): Promise<void> {
  listen(hear, (yes) => (state.isConnected.value = yes));
  await state.attempt(async () => {
    const [studio, list, keys, all] = await Promise.all([
      api.studio(),
      api.files(),
      api.schema(),
      api.looks().catch(() => []),
    ]);
    batch(() => {
      state.folder.value = studio.folder;
      state.files.value = list;
      state.schema.value = keys;
      state.looks.value = all;
    });
    if (studio.opened) await open(studio.opened, studio.opened_kind);
  });
}

function hear(event: StudioEvent): void {
  switch (event.event) {
    case "preview":
      hearPinned(event);
      return hearPreview(event);
    case "tile":
      return hearTile(event);
    case "atlas":
      return hearAtlas(event);
    case "render":
      return hearRender(event);
    case "farm":
      return hearFarm(event);
    case "saved":
      return hearSaved(event);
  }
}

effect(() => {
  const mark = state.isDirty.value ? "• " : "";
  document.title = (state.job.value ? `${mark}${state.job.value.file} – ` : "") + "dreamreel studio";
});
