import { useState } from "preact/hooks";
import { api, type Beginning, type FileEntry } from "./api";
import * as store from "./store";

const kTitles: Record<FileEntry["kind"], string> = {
  job: "Jobs",
  picture: "Photos",
  clip: "Clips",
  sound: "Songs",
};

const kSigns: Record<FileEntry["kind"], string> = { job: "≡", picture: "", clip: "▶", sound: "♪" };

function Entry({ file, open }: { file: FileEntry; open: () => void }) {
  return (
    <li>
      <button class={`entry of-${file.kind}`} onClick={open}>
        {file.kind === "picture" ? (
          <img src={api.fileAddress(file.name)} alt="" loading="lazy" />
        ) : (
          <span class="sign" aria-hidden="true">
            {kSigns[file.kind]}
          </span>
        )}
        <span class="name">{file.name}</span>
      </button>
    </li>
  );
}

const kSizes = ["1280x720", "1920x1080", "1080x1920", "1080x1080", "640x360"];
const kMostSeconds = 14_400;

interface Made {
  size: string;
  seconds: number;
  song: string;
  look: string;
}

/** A dream out of noise, alone or with a song. */
function Noise({ made, set, begin }: { made: Made; set: (made: Made) => void; begin: (made: Made) => void }) {
  const songs = store.files.value.filter(({ kind }) => kind === "sound");
  return (
    <form
      class="noise"
      aria-label="Begin with noise"
      onSubmit={(event) => {
        event.preventDefault();
        begin(made);
      }}
    >
      <strong>Or let it grow out of noise</strong>
      <label>
        Size
        <select value={made.size} onChange={(event) => set({ ...made, size: event.currentTarget.value })}>
          {kSizes.map((size) => (
            <option key={size} value={size}>
              {size.replace("x", " × ")}
            </option>
          ))}
        </select>
      </label>
      <label>
        Look
        <select value={made.look} onChange={(event) => set({ ...made, look: event.currentTarget.value })}>
          <option value="">see all, choose later</option>
          {store.looks.value.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {songs.length > 0 && (
        <label>
          Song
          <select value={made.song} onChange={(event) => set({ ...made, song: event.currentTarget.value })}>
            <option value="">none</option>
            {songs.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      {made.song === "" && (
        <label>
          Seconds
          <input
            type="number"
            min={1}
            max={kMostSeconds}
            step="any"
            required
            value={made.seconds}
            onInput={(event) => set({ ...made, seconds: event.currentTarget.valueAsNumber })}
          />
        </label>
      )}
      <button type="submit">Begin with {made.song ? "the song" : "noise"}</button>
    </form>
  );
}

function beginningOf({ size, seconds, song, look }: Made): Beginning {
  const [width, height] = size.split("x").map(Number);
  const chosen = look ? { look } : {};
  return song ? { input: song, noise: { width, height }, ...chosen } : { noise: { width, height, seconds }, ...chosen };
}

export function Start() {
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer?.files[0];
    if (file) void store.take(file);
  };
  const canBegin = store.canBegin.value;
  const [made, setMade] = useState<Made>({ size: kSizes[0], seconds: 10, song: "", look: "" });
  const begin = (from: Made) => void store.begin(beginningOf(from));
  const kinds = canBegin ? (["picture", "clip", "sound", "job"] as const) : (["job"] as const);
  const shown = kinds
    .map((kind) => ({ kind, files: store.files.value.filter((file) => file.kind === kind) }))
    .filter(({ files }) => files.length > 0);
  return (
    <main class="start">
      <div class={canBegin ? "begin" : undefined}>
        <label
          class={isOver ? "drop over" : "drop"}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <input
            type="file"
            accept="image/*,video/*,audio/*,.yaml,.yml"
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              if (file) void store.take(file);
            }}
          />
          <strong>{canBegin ? "Drop a photo, a clip or a song here" : "Drop a job, or what a job names, here"}</strong>
          <span>or choose a file; it is copied into {store.folder.value || "the folder"}</span>
        </label>
        {canBegin && <Noise made={made} set={setMade} begin={begin} />}
      </div>
      {shown.map(({ kind, files }) => (
        <section key={kind} aria-labelledby={`files-${kind}`}>
          <h2 id={`files-${kind}`}>{kTitles[kind]}</h2>
          <ul class="entries">
            {files.map((file) => (
              <Entry
                key={file.name}
                file={file}
                open={() => (kind === "sound" ? begin({ ...made, song: file.name }) : void store.open(file.name, kind))}
              />
            ))}
          </ul>
        </section>
      ))}
    </main>
  );
}
