// Grids of small pictures or loops: the looks, and variations. One grid is dreamed at a time.
import { effect, signal } from "@preact/signals";
import { api } from "../api";
import type { JobText, PictureEvent, TileSize } from "../api";
import { shots } from "./shots";
import * as state from "./state";
import type { GridTile } from "./state";

let numberOfGrid = 0;
let shownGrid = state.tiles;
let early: PictureEvent[] | null = null; // what comes before the number is known waits

async function showGrid(
  shown: typeof state.tiles,
  ask: (now: JobText) => Promise<{ grid: number; tiles: GridTile[] }>,
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

/** How many frames a variation has; 1: it is a still. */
export const loopLength = signal(1);
/** The two variations that are to be mixed; fewer while they are being chosen. */
export const parents = signal<GridTile[]>([]);
/** The grids before the one that is shown. */
export const generations = signal<GridTile[][]>([]);

// A loop begins at the playhead. Near the end of its shot it begins earlier, because a cut would be no part of the loop.
function sizeOfTiles(): TileSize {
  const frames = state.isPhoto.value ? 1 : loopLength.value;
  const at = state.frame.value;
  const shot = shots.value?.shots.find(({ begin, end }) => begin <= at && at < end);
  const frame = shot && frames > 1 ? Math.max(shot.begin, Math.min(at, shot.end - frames)) : at;
  const within = shot ? Math.min(frames, shot.end - shot.begin) : frames;
  return frames === 1 ? { frame, frames, side: 320 } : { frame, frames: within, side: 256 };
}

function showVariations(of: { over: string[] } | { breed: string[][] }): Promise<void> {
  return showGrid(state.variations, async (now) => {
    const made = await api.vary(now, sizeOfTiles(), of);
    parents.value = [];
    return { grid: made.grid, tiles: made.tiles.map(({ set }) => ({ title: set.join("  "), sentence: "", set })) };
  });
}

/** One frame, or a loop, with several values of a key or two, each as "seed=1..4". */
export function vary(over: string[]): Promise<void> {
  return state.attempt(async () => {
    await showVariations({ over });
    generations.value = [];
  });
}

/** Chooses a variation to be mixed with another one, or lets go of it. A third one takes the place of the first. */
export function chooseParent(tile: GridTile): void {
  const others = parents.value.filter(({ title }) => title !== tile.title);
  parents.value = others.length < parents.value.length ? others : [...others, tile].slice(-2);
}

/** The children of the two variations that are chosen. The same two always have the same ones. */
export function breed(): Promise<void> {
  return state.attempt(async () => {
    if (parents.value.length !== 2) return;
    const before = state.variations.value;
    await showVariations({ breed: parents.value.map(({ set }) => set) });
    generations.value = [...generations.value, before];
  });
}

/** The grid before. What it still had to dream is given up. */
export function backToParents(): void {
  const before = generations.value[generations.value.length - 1];
  if (!before) return;
  if (shownGrid === state.variations && numberOfGrid > 0) void api.cancel(numberOfGrid).catch(() => {});
  if (shownGrid === state.variations) numberOfGrid = -1;
  parents.value = [];
  generations.value = generations.value.slice(0, -1);
  state.variations.value = before;
}

/** Before another job is shown, nothing of the last one is. */
export function forgetVariations(): void {
  numberOfGrid = -1;
  parents.value = generations.value = [];
  loopLength.value = 1;
}

/** Which frame of every loop is seen. All loops play together, so that they can be compared. */
export const loopFrame = signal(0);
export const isLoopPlaying = signal(!matchMedia("(prefers-reduced-motion: reduce)").matches);

effect(() => {
  const isSeen = state.panel.value === "variations" && state.variations.value.some(({ pictures }) => pictures);
  if (!isSeen || !isLoopPlaying.value) return;
  const timer = setInterval(() => (loopFrame.value = loopFrame.peek() + 1), 1000 / state.rate.value);
  return () => clearInterval(timer);
});

export function hearTile(event: PictureEvent): void {
  if (event.grid !== numberOfGrid) {
    early?.push(event);
    return;
  }
  const problem = event.state === "failed" ? (event.problems?.[0]?.message ?? "it cannot be dreamed") : undefined;
  const share = event.state === "growing" ? (event.step ?? 0) / (event.steps ?? 1) : undefined;
  const { picture, pictures, missing } = event;
  shownGrid.value = shownGrid.value.map((tile, index) =>
    index === event.tile ? { ...tile, picture, pictures, share, problem, missing } : tile,
  );
}
