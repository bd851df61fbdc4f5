// Pictures of what layers and classes dream of. Those that have been made once are there at once; others are made when a person
// asks for them, after everything else.
import { effect, signal } from "@preact/signals";
import { api } from "../api";
import type { AtlasEvent, AtlasPicture } from "../api";
import { jobNetwork } from "./networks";
import { rested } from "./picture";

const kMost = 48; // of each kind at a time: more are not seen at once

/** Layers and classes (by their numbers) that are seen at present. */
export const seenLayers = signal<string[]>([]);
export const seenClasses = signal<number[]>([]);
/** Whether pictures that are missing are to be made. */
export const isDrawing = signal(false);

const known = signal<Record<string, AtlasPicture[]>>({});
const failed = signal<Record<string, string>>({});
const keyOf = (of: string | number) => JSON.stringify([jobNetwork.value, of]);

export const atlasOf = (of: string | number): AtlasPicture[] | undefined => known.value[keyOf(of)];
export const atlasProblem = (of: string | number): string | undefined => failed.value[keyOf(of)];

let asked = 0;
let numberOfAtlas = 0;
let wishes: Record<number, string> = {};
let early: AtlasEvent[] | null = null; // what comes before the number is known waits

async function ask(): Promise<void> {
  if (numberOfAtlas > 0 && !isDrawing.value) void api.cancel(numberOfAtlas).catch(() => {});
  const network = jobNetwork.value;
  const isMissing = (of: string | number) => !atlasOf(of);
  const layers = seenLayers.value.slice(0, kMost).filter(isMissing);
  const classes = seenClasses.value.slice(0, kMost).filter(isMissing);
  if (!network || layers.length + classes.length === 0) return;
  const number = ++asked;
  const waiting: AtlasEvent[] = [];
  early = waiting;
  const answer = await api.atlas(network, layers, classes, isDrawing.value).catch(() => null);
  if (number !== asked) return;
  early = null;
  if (!answer || network !== jobNetwork.value) return;
  const found = { ...known.value };
  wishes = {};
  for (const { of, pictures, wish } of answer.shown) {
    if (pictures) found[keyOf(of)] = pictures;
    if (wish !== null) wishes[wish] = keyOf(of);
  }
  known.value = found;
  numberOfAtlas = answer.atlas ?? -1;
  waiting.forEach(hearAtlas);
}

const askSoon = rested(ask);

effect(() => {
  if (jobNetwork.value && (seenLayers.value.length > 0 || seenClasses.value.length > 0)) {
    void isDrawing.value;
    askSoon(100);
  }
});

export function hearAtlas(event: AtlasEvent): void {
  if (event.atlas !== numberOfAtlas) {
    early?.push(event);
    return;
  }
  const key = wishes[event.wish];
  if (!key) return;
  if (event.pictures) known.value = { ...known.value, [key]: event.pictures };
  if (event.state === "failed")
    failed.value = { ...failed.value, [key]: event.problems?.[0]?.message ?? "it cannot be dreamed" };
}
