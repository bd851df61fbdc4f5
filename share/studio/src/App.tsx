import { useEffect } from "preact/hooks";
import { Inspector } from "./Inspector";
import { Looks } from "./Looks";
import { RenderBar } from "./RenderBar";
import { Stage } from "./Stage";
import { Start } from "./Start";
import { Text } from "./Text";
import { Timeline } from "./Timeline";
import { Variations } from "./Variations";
import * as store from "./store";

const kPanels = [
  { id: "looks", title: "Looks" },
  { id: "settings", title: "Settings" },
  { id: "variations", title: "Variations" },
  { id: "text", title: "Text" },
] as const;

function Notice() {
  const notice = store.notice.value;
  return (
    <div class="notices" role="status" aria-live="polite">
      {!store.isConnected.value && <p class="notice error">The program does not answer. Is `dreamreel studio` still running?</p>}
      {notice && (
        <p class={notice.isError ? "notice error" : "notice"}>
          {notice.text}
          <button class="plain" aria-label="Close this message" onClick={() => (store.notice.value = null)}>
            ✕
          </button>
        </p>
      )}
    </div>
  );
}

function Panels() {
  const now = store.panel.value;
  const count = store.report.value?.problems.length ?? 0;
  return (
    <section class="side" aria-label="Panels">
      <div class="tabs" role="tablist">
        {kPanels.filter(({ id }) => id !== "looks" || store.looks.value.length > 0).map(({ id, title }) => (
          <button
            key={id}
            role="tab"
            id={`tab-${id}`}
            aria-selected={id === now}
            aria-controls="panel"
            onClick={() => (store.panel.value = id)}
          >
            {title}
            {id === "text" && count > 0 && <span class="count">{count}</span>}
          </button>
        ))}
      </div>
      <div class="panel" id="panel" role="tabpanel" aria-labelledby={`tab-${now}`} tabIndex={-1}>
        {now === "looks" && <Looks />}
        {now === "settings" && <Inspector />}
        {now === "variations" && <Variations />}
        {now === "text" && <Text />}
      </div>
    </section>
  );
}

const isTyping = (target: HTMLElement) =>
  target.closest("input:not([type=range]), textarea, select, [contenteditable=true]") !== null;

// Keys that work wherever nothing is being typed.
function onKey(event: KeyboardEvent) {
  if (!store.job.value) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    void store.save();
    return;
  }
  const target = event.target as HTMLElement;
  if (isTyping(target)) return;
  const hasOther = event.ctrlKey || event.metaKey || event.altKey;
  if (event.key.toLowerCase() === "b" && !hasOther) return store.compare(true);
  if (event.key.toLowerCase() === "m" && !hasOther) return event.repeat ? undefined : store.toggleMask();
  if (event.key === " " && !hasOther && !store.isPhoto.value && target.closest("button, a, summary") === null) {
    event.preventDefault();
    return void store.play();
  }
  if ((event.ctrlKey || event.metaKey) && event.key === "z") {
    event.preventDefault();
    store.undo();
  }
  if (target.closest("input[type=range]")) return; // it has arrow keys of its own
  const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -24, PageDown: 24 };
  if (event.key in steps && target.closest("[role=tablist], .tiles") === null && !store.isPhoto.value) {
    event.preventDefault();
    store.goTo(store.frame.value + steps[event.key]);
  }
}

function onKeyUp(event: KeyboardEvent) {
  if (event.key.toLowerCase() === "b") store.compare(false);
}

// The key may be let go of where the page does not hear it.
const onBlur = () => store.compare(false);

export function App() {
  useEffect(() => {
    window.addEventListener("blur", onBlur);
    document.addEventListener("keydown", onKey);
    document.addEventListener("keyup", onKeyUp);
    return () => {
      window.removeEventListener("blur", onBlur);
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("keyup", onKeyUp);
    };
  }, []);
  const job = store.job.value;
  return (
    <>
      <header>
        <button class="brand" onClick={store.close} aria-label="dreamreel studio: back to the files">
          dream<span>reel</span>
        </button>
        {job && (
          <p class="file">
            {store.input.value || job.file}
            {store.isDirty.value && <span class="dirty"> not saved</span>}
          </p>
        )}
        {job && <RenderBar />}
      </header>
      <Notice />
      {job ? (
        <main class={store.isPhoto.value ? "work photo" : "work"}>
          <Stage />
          <Panels />
          {!store.isPhoto.value && <Timeline />}
        </main>
      ) : (
        <Start />
      )}
    </>
  );
}
