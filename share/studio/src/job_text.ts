// Edits of a job's YAML that keep its comments and its order.
import { Document, isMap, isScalar, isSeq, parseDocument, Scalar, stringify } from "yaml";
import type { Key } from "./schema";

/** A key that a person or the program names, not the page itself: the program checks it. */
export const asKey = (text: string) => text as Key;

/** A text as YAML that reads as this text, whatever it looks like: `8` becomes `"8"`. */
export function quoted(text: string): string {
  return stringify(text, { lineWidth: 0 }).trimEnd();
}

/** "dream.objectives.0.layer" as the steps that lead there. */
export function stepsOf(key: string): (string | number)[] {
  return key.split(".").map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

function parsed(text: string): Document.Parsed | null {
  const document = parseDocument(text, { keepSourceTokens: true });
  return document.errors.length > 0 ? null : document;
}

/** The value at a key as YAML on one line; null where the text does not say it, or is no YAML. */
export function valueAt(text: string, key: Key): string | null {
  const node = parsed(text)?.getIn(stepsOf(key), true);
  if (node === undefined || node === null) return null;
  if (isScalar(node)) return node.source ?? String(node.value);
  if (isMap(node) || isSeq(node)) return JSON.stringify(node.toJSON());
  return String(node);
}

/** The maps of a list; null where the text has no list there. */
export function mapsAt(text: string, key: Key): Record<string, unknown>[] | null {
  const node = parsed(text)?.getIn(stepsOf(key), true);
  if (!isSeq(node)) return null;
  return (node.toJSON() as unknown[]).map((one) => (typeof one === "object" && one ? (one as Record<string, unknown>) : {}));
}

/** A map; null where the text has none there. */
export function mapAt(text: string, key: Key): Record<string, unknown> | null {
  const node = parsed(text)?.getIn(stepsOf(key), true);
  return isMap(node) ? (node.toJSON() as Record<string, unknown>) : null;
}

export interface Keyframe {
  time: string; // as it is written: "2s", "48f"
  value: number;
}

// The number of a keyframe, which may be written as {value: 1, ease: in}; null for an expression.
function numberOf(value: unknown): Scalar<number> | null {
  const found = isMap(value) ? value.get("value", true) : value;
  return isScalar(found) && typeof found.value === "number" ? (found as Scalar<number>) : null;
}

/** Keyframes at a key whose values are numbers; null where it has no keyframes at all. */
export function keyframesAt(text: string, key: Key): Keyframe[] | null {
  const node = parsed(text)?.getIn(stepsOf(key), true);
  if (!isMap(node) || node.items.length === 0) return null;
  const frames: Keyframe[] = [];
  for (const { key: time, value } of node.items) {
    const written = isScalar(time) ? String(time.source ?? time.value) : "";
    if (secondsOf(written, 1) === null) return null;
    const number = numberOf(value);
    if (number) frames.push({ time: written, value: number.value });
  }
  return frames;
}

/** "2s", "250ms", "48f", "1:30" and "4" in seconds; null for what is no time. */
export function secondsOf(time: string, framesPerSecond: number): number | null {
  const plain = /^(\d+(?:\.\d+)?)(s|ms|f)?$/.exec(time);
  if (plain) return Number(plain[1]) / (plain[2] === "f" ? framesPerSecond : plain[2] === "ms" ? 1000 : 1);
  const clock = /^(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(time);
  return clock ? Number(clock[1] ?? 0) * 3600 + Number(clock[2]) * 60 + Number(clock[3]) : null;
}

/** A time in the unit that another is written in. */
export function timeLike(like: string, frame: number, framesPerSecond: number): string {
  return like.endsWith("f") ? `${frame}f` : `${Number((frame / framesPerSecond).toFixed(3))}s`;
}

/** The text with one keyframe somewhere else; `to` null takes it out. Null where that leaves none, or two at one time. */
export function withKeyframe(text: string, key: Key, from: string | null, to: Keyframe | null): string | null {
  const document = parsed(text);
  const node = document?.getIn(stepsOf(key), true);
  if (!document || !isMap(node)) return null;
  const written = (time: unknown) => (isScalar(time) ? String(time.source ?? time.value) : String(time));
  const at = node.items.findIndex((pair) => written(pair.key) === from);
  if (to && to.time !== from && node.items.some((pair) => written(pair.key) === to.time)) return null;
  if (to === null) {
    if (at < 0 || node.items.length === 1) return null;
    node.items.splice(at, 1);
  } else {
    const pair = at >= 0 ? node.items[at] : document.createPair(to.time, to.value);
    const number = numberOf(pair.value);
    if (to.time !== from) pair.key = document.createNode(to.time);
    if (number) {
      number.value = to.value;
      number.source = undefined;
    }
    if (at < 0) node.items.push(pair as (typeof node.items)[number]);
  }
  node.items.sort((a, b) => (secondsOf(written(a.key), 24) ?? 0) - (secondsOf(written(b.key), 24) ?? 0));
  return document.toString({ lineWidth: 0 });
}

/** The text with a value at a key; the value is YAML. "" takes the key out. Null where either is no YAML. */
export function withValue(text: string, key: Key, value: string): string | null {
  const document = parsed(text);
  if (!document) return null;
  const steps = stepsOf(key);
  if (value.trim() === "") {
    if (!document.hasIn(steps)) return text;
    document.deleteIn(steps);
    // A section that lost its last key would read as null, and a list without entries would not be the default.
    for (let last = steps.length - 1; last > 0; --last) {
      const section = document.getIn(steps.slice(0, last), true);
      if (!(isMap(section) || isSeq(section)) || section.items.length > 0) break;
      document.deleteIn(steps.slice(0, last));
    }
    return document.toString({ lineWidth: 0 });
  }
  const parsedValue = parseDocument(value);
  if (parsedValue.errors.length > 0) return null;
  const before = document.getIn(steps, true);
  if (isScalar(before) && isScalar(parsedValue.contents)) {
    before.value = parsedValue.contents.value;
    before.source = undefined;
    before.type = (parsedValue.contents as Scalar).type;
  } else {
    document.setIn(steps, parsedValue.contents);
  }
  return document.toString({ lineWidth: 0 });
}
