import { api } from "./api";
import type { RenderState } from "./api";
import * as store from "./store";
import { count, duration } from "./words";

function Running({ state }: { state: RenderState }) {
  const share = state.total ? (state.done ?? 0) / state.total : 0;
  const left = state.eta_seconds ? `, ${duration(state.eta_seconds)} left` : "";
  return (
    <p class="said">
      <progress max={1} value={share} aria-label="The render" />
      {state.total ? `${state.done ?? 0} of ${count(state.total, "frame")}${left}` : state.activity || "beginning"}
    </p>
  );
}

/** What is finished: opened in a tab of its own, or saved elsewhere. Numbered pictures are no single file. */
function Finished({ output }: { output: string }) {
  if (/%\d*d/.test(output)) return <p class="said">{output}</p>;
  return (
    <>
      <a class="output" href={api.fileAddress(output)} target="_blank" rel="noreferrer" title={`Open ${output}`}>
        {output}
      </a>
      <a class="save" href={api.saveAddress(output)} download={output.replace(/^.*\//, "")} aria-label={`Download ${output}`} title="Download">
        ⤓
      </a>
    </>
  );
}

/** Where the render goes, and what it is for. */
function Delivery() {
  const output = store.report.value?.output;
  const state = store.render.value;
  const isLinked = state?.state === "finished" && state.output === output;
  if (store.isPhoto.value || store.presets.value.length === 0) return null;
  return (
    <label class="choice delivery">
      {!isLinked && (
        <span class="path" title={output && `The render goes into ${output}`}>
          {output}
        </span>
      )}
      <select
        aria-label="Export as"
        title="What the render is for"
        value={store.preset.value}
        onChange={(event) => void store.pickPreset(event.currentTarget.value)}
      >
        <option value="">as the job says</option>
        {store.presets.value.map((name) => (
          <option key={name} value={name}>
            {name.replaceAll("_", " ")}
          </option>
        ))}
      </select>
    </label>
  );
}

function Start({ state }: { state: RenderState | null }) {
  // What is finished is replaced only by a button that says so.
  const isThis = state?.output === store.report.value?.output;
  const isPaused = isThis && state?.state === "paused";
  const replaces = isThis && (state?.output_exists ?? false) && !isPaused;
  const word = store.isPhoto.value ? "Save" : "Render";
  return (
    <button
      class="main"
      disabled={!(store.report.value?.ok ?? false)}
      title={replaces ? `Replaces ${state?.output}` : undefined}
      onClick={() => void store.renderJob(replaces)}
    >
      {isPaused ? "Go on" : word + (replaces ? " again" : "")}
    </button>
  );
}

/** Rendering: begin, pause, go on; what is finished is a link. */
export function RenderBar() {
  const state = store.render.value;
  const isRunning = state?.state === "running";
  return (
    <div class="render">
      {isRunning && <Running state={state} />}
      {state?.state === "finished" && <Finished output={state.output} />}
      {state?.state === "failed" && (
        <p class="said error" title={state.message}>
          {state.message?.trim().split("\n").pop()}
        </p>
      )}
      {store.past.value.length > 0 && (
        <button class="plain" onClick={store.undo}>
          Undo
        </button>
      )}
      {!isRunning && <Delivery />}
      {isRunning ? <button onClick={() => void store.pauseRender()}>Pause</button> : <Start state={state} />}
    </div>
  );
}
