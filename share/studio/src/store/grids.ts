// Grids of small pictures: the looks, and variations. One grid is dreamed at a time.
import { api } from "../api";
import type { JobText, PictureEvent } from "../api";
import * as state from "./state";
import type { Tile } from "./state";

let numberOfGrid = 0;
let shownGrid = state.tiles;
let early: PictureEvent[] | null = null; // what comes before the number is known waits

async function showGrid(
  shown: typeof state.tiles,
  ask: (now: JobText) => Promise<{ grid: number; tiles: Tile[] }>,
): Promise<void> {
  const now = state.job.value;
  if (!now) return;
  const waiting: PictureEvent[] = [];
  numberOfGrid = -1; // what still comes of the grid before is not shown
  early = waiting;
  shownGrid = shown;
  try {
    const made = await ask(now);
    shown.value = made.tiles;
    numberOfGrid = made.grid;
  } finally {
    early = null;
  }
  waiting.forEach(hearTile);
}

/** All looks on the frame that is shown, one after the other. */
export function dreamLooks(): Promise<void> {
  return state.attempt(async () => {
    const now = state.job.value;
    if (!now || !state.report.value?.ok || state.looks.value.length === 0) return;
    const wanted = state.looks.value.map((one) => ({
      title: one.name,
      sentence: one.sentence,
      set: [`look=${JSON.stringify(one.name)}`],
    }));
    await showGrid(state.tiles, async () => {
      state.tiles.value = wanted;
      const sets = wanted.map(({ set }) => ({ set }));
      return { ...(await api.grid(now, state.frame.value, 256, sets)), tiles: wanted };
    });
  });
}

/** One frame with several values of a key or two, each as "seed=1..4". */
export function vary(over: string[]): Promise<void> {
  return state.attempt(() =>
    showGrid(state.variations, async (now) => {
      const made = await api.vary(now, state.frame.value, 320, over);
      return { grid: made.grid, tiles: made.tiles.map(({ set }) => ({ title: set.join("  "), sentence: "", set })) };
    }),
  );
}

export function hearTile(event: PictureEvent): void {
  if (event.grid !== numberOfGrid) {
    early?.push(event);
    return;
  }
  const problem = event.state === "failed" ? (event.problems?.[0]?.message ?? "it cannot be dreamed") : undefined;
  shownGrid.value = shownGrid.value.map((tile, index) =>
    index === event.tile ? { ...tile, picture: event.picture, problem, missing: event.missing } : tile,
  );
}
