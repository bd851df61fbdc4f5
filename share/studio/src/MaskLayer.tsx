import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import * as store from "./store";

const kOutside = [9, 11, 16, 0.8]; // R, G, B, and how much it covers
const kInside = [220, 167, 104, 0.2];

// Where the mask is white, the frame shows through a little of the accent colour; where it is black, it is dark.
function paint(canvas: HTMLCanvasElement, mask: ImageBitmap): void {
  canvas.width = mask.width;
  canvas.height = mask.height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return;
  context.drawImage(mask, 0, 0);
  const image = context.getImageData(0, 0, mask.width, mask.height);
  for (let at = 0; at < image.data.length; at += 4) {
    const inside = image.data[at] / 255;
    const covers = inside * kInside[3] + (1 - inside) * kOutside[3];
    for (let i = 0; i < 3; ++i)
      image.data[at + i] = (inside * kInside[3] * kInside[i] + (1 - inside) * kOutside[3] * kOutside[i]) / covers;
    image.data[at + 3] = 255 * covers;
  }
  context.putImageData(image, 0, 0);
}

/** The mask over the frame: bright where the dream may be. */
export function MaskLayer() {
  const place = useRef<HTMLCanvasElement>(null);
  const mask = store.maskPicture.value;
  // At once: the next mask closes this one, and a closed picture cannot be painted.
  useLayoutEffect(() => {
    if (mask && place.current) paint(place.current, mask);
  }, [mask]);
  if (!mask) return null;
  return <canvas class="mask" ref={place} role="img" aria-label={`The mask of frame ${store.frame.value}: bright where the dream may be`} />;
}

// The mean colour around a place of the picture; a single pixel may be noise.
function colourAt(context: CanvasRenderingContext2D, x: number, y: number): string {
  const { width, height } = context.canvas;
  const left = Math.max(0, Math.min(width - 5, Math.round(x * width) - 2));
  const top = Math.max(0, Math.min(height - 5, Math.round(y * height) - 2));
  const { data } = context.getImageData(left, top, 5, 5);
  const sum = [0, 0, 0];
  for (let at = 0; at < data.length; at += 4) for (let i = 0; i < 3; ++i) sum[i] += data[at + i];
  return `#${sum.map((one) => Math.round((4 * one) / data.length).toString(16).padStart(2, "0")).join("")}`;
}

/** Chooses a colour of the frame: by the pointer, or with the arrow keys and Enter. Escape leaves it. */
export function Picker() {
  const place = useRef<HTMLButtonElement>(null);
  const source = useRef<CanvasRenderingContext2D | null>(null);
  const at = useRef({ x: 0.5, y: 0.5 }); // keys may come faster than the page is drawn
  const [colour, setColour] = useState("#000000");
  const [, setLooks] = useState(0); // draws the cross where it is now
  const picture = store.sourcePicture.value;
  useEffect(() => place.current?.focus(), []);
  useEffect(() => {
    if (!picture) return;
    const image = new Image();
    image.src = picture;
    void image.decode().then(() => {
      const canvas = document.createElement("canvas");
      canvas.width = image.naturalWidth;
      canvas.height = image.naturalHeight;
      source.current = canvas.getContext("2d", { willReadFrequently: true });
      source.current?.drawImage(image, 0, 0);
      look(at.current.x, at.current.y);
    }, () => {});
  }, [picture]);
  const look = (x: number, y: number) => {
    at.current = { x, y };
    setLooks((count) => count + 1);
    if (source.current) setColour(colourAt(source.current, x, y));
  };
  const lookAt = (event: { clientX: number; clientY: number }) => {
    const box = place.current!.getBoundingClientRect();
    const share = (value: number) => Math.max(0, Math.min(1, value));
    look(share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height));
  };
  const onKey = (event: KeyboardEvent) => {
    const by = event.shiftKey ? 0.05 : 0.005;
    const steps: Record<string, [number, number]> = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] };
    const step = steps[event.key];
    if (!step && !["Escape", " ", "Enter"].includes(event.key)) return;
    event.stopPropagation();
    if (event.key === "Escape") store.isPicking.value = false;
    if (!step) return; // the other keys click
    event.preventDefault();
    const share = (value: number) => Math.max(0, Math.min(1, value));
    look(share(at.current.x + step[0]), share(at.current.y + step[1]));
  };
  return (
    <button
      class="picker"
      ref={place}
      aria-label={`Pick a colour of the frame. Here it is ${colour}. The arrow keys move, Enter picks, Escape leaves.`}
      onPointerDown={(event) => event.stopPropagation()}
      onPointerMove={lookAt}
      onKeyDown={onKey}
      onClick={(event) => {
        if (event.detail > 0) lookAt(event); // a key clicks where the cross stands
        if (source.current) store.pickColour(colourAt(source.current, at.current.x, at.current.y));
      }}
    >
      <span class="cross" style={{ left: `${100 * at.current.x}%`, top: `${100 * at.current.y}%`, "--picked": colour }} />
    </button>
  );
}
