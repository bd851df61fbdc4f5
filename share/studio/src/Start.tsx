import { useState } from "preact/hooks";
import { api, type FileEntry } from "./api";
import * as store from "./store";

const kTitles: Record<FileEntry["kind"], string> = {
  job: "Jobs",
  picture: "Photos",
  clip: "Clips",
  sound: "Songs",
};

function Entry({ file }: { file: FileEntry }) {
  return (
    <li>
      <button class={`entry ${file.kind}`} onClick={() => void store.open(file.name, file.kind)}>
        {file.kind === "picture" ? (
          <img src={api.fileAddress(file.name)} alt="" loading="lazy" />
        ) : (
          <span class="sign" aria-hidden="true">
            {file.kind === "clip" ? "▶" : "≡"}
          </span>
        )}
        <span class="name">{file.name}</span>
      </button>
    </li>
  );
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
  const kinds = canBegin ? (["picture", "clip", "job"] as const) : (["job"] as const);
  const shown = kinds
    .map((kind) => ({ kind, files: store.files.value.filter((file) => file.kind === kind) }))
    .filter(({ files }) => files.length > 0);
  return (
    <main class="start">
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
          accept="image/*,video/*,.yaml,.yml"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file) void store.take(file);
          }}
        />
        <strong>{canBegin ? "Drop a photo or a clip here" : "Drop a job, or what a job names, here"}</strong>
        <span>or choose a file; it is copied into {store.folder.value || "the folder"}</span>
      </label>
      {shown.map(({ kind, files }) => (
        <section key={kind} aria-labelledby={`files-${kind}`}>
          <h2 id={`files-${kind}`}>{kTitles[kind]}</h2>
          <ul class="entries">
            {files.map((file) => (
              <Entry key={file.name} file={file} />
            ))}
          </ul>
        </section>
      ))}
    </main>
  );
}
