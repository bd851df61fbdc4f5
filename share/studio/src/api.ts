// The program's API (docs/studio.md): every request and event of the page goes through here.

export interface Problem {
  file: string;
  line: number;
  place: string;
  key: string;
  message: string;
}

export interface SourceInfo {
  width: number;
  height: number;
  frames_per_second: number;
  frames: number;
  frames_are_exact: boolean;
  seconds: number;
  is_still: boolean;
  sound_tracks: number;
}

export interface Report {
  ok: boolean;
  exit_code: number;
  problems: Problem[];
  output?: string;
  network?: string; // as /api/network takes it
  has_mask?: boolean; // of the whole dream
  info: SourceInfo | null;
}

/** Which frames of a job are rendered, and what its next render does. */
export interface Rendered {
  ranges: { begin: number; end: number; state: "kept" | "stale" | "missing" }[];
  lines: string[];
  frames_to_render: number | null;
  seconds: number | null;
}

/** Half-open: frames from `begin` up to, not including, `end`. */
export interface Shot {
  begin: number;
  end: number;
}

export interface ShotList {
  shots: Shot[]; // the first ones, where there are very many
  count: number;
  source: string; // equal for jobs with the same source frames
  has_pictures: boolean; // noise has none
}

export interface NetworkEntry {
  name: string;
  description: string;
  is_fetched: boolean;
  has_classes: boolean;
}

export interface NetworkInfo {
  name: string;
  description: string;
  is_fetched: boolean;
  layers: string[]; // recommended
  other_layers: string[];
  class_layers: string[];
  classes: string[][];
}

export interface FileEntry {
  name: string;
  kind: "job" | "picture" | "clip" | "sound";
  bytes: number;
  changed: number;
}

export interface Look {
  name: string;
  sentence: string;
}

export interface SchemaKey {
  key: string;
  is_section: boolean;
  form: "any" | "flag" | "number" | "curve" | "text" | "choice" | "texts" | "list" | "map";
  words: string[];
  least: number | null;
  most: number | null;
  type: string;
  default: string;
  unit: string;
  sentence: string;
  required: boolean;
}

export interface Curve {
  key: string;
  constant: boolean;
  values: (number | null)[];
}

export interface CurveSheet {
  frames_per_second: number;
  frame_count: number;
  frames: number[];
  seconds: number[];
  curves: Curve[];
  own_variables: { name: string; values: (number | null)[] }[]; // series, and levels of stems ("drums.onset")
  sound: {
    levels: Record<string, number[]>;
    counts: Record<string, number[]>;
    peaks: number[];
    beats: number[];
    beats_per_minute: number;
  } | null;
}

export interface PictureEvent {
  event: "preview" | "tile";
  preview?: number;
  grid?: number;
  tile?: number;
  state: "growing" | "whole" | "interrupted" | "failed";
  picture?: string;
  pictures?: string[]; // of a loop, in order
  width?: number;
  height?: number;
  octave?: number;
  octaves?: number;
  step?: number;
  steps?: number;
  seconds?: number;
  problems?: Problem[];
  missing?: string[];
}

/** What a layer, one of its channels, or a class dreams of. */
export interface AtlasPicture {
  channel: number | null;
  picture: string;
}

/** The pictures that are there; `wish` is the place of the others in the events that follow. */
export interface AtlasAnswer {
  atlas: number | null;
  shown: { of: string | number; pictures: AtlasPicture[] | null; wish: number | null }[];
}

export interface AtlasEvent {
  event: "atlas";
  atlas: number;
  wish: number;
  state: "whole" | "interrupted" | "failed";
  pictures?: AtlasPicture[];
  problems?: Problem[];
}

export interface RenderState {
  event: "render";
  job: string;
  output: string;
  output_exists: boolean;
  state: "none" | "running" | "paused" | "finished" | "failed";
  activity: string;
  done?: number;
  total?: number;
  seconds_per_frame?: number;
  eta_seconds?: number;
  message?: string;
}

export type ChunkState = "waiting" | "running" | "done" | "failed";

export interface Chunk {
  chunk: number;
  state: ChunkState;
  status: string; // as `dreamreel farm status` has it
  frames: number;
  frames_done: number;
  holder: string;
  ranges: { begin: number; end: number }[];
}

/** The farm of a job; `plan` is null where there is none. */
export interface Farm {
  event: "farm";
  job: string;
  plan: string | null;
  output?: string;
  output_exists?: boolean;
  frames?: number;
  frames_done?: number;
  counts?: Record<ChunkState, number>;
  chunks: Chunk[];
}

export interface SavedEvent {
  event: "saved";
  job: string;
  revision: string;
}

export type StudioEvent = PictureEvent | AtlasEvent | RenderState | Farm | SavedEvent;

/** A job as it is being written: `set` has overrides as on the command line. */
export interface JobText {
  file: string;
  text: string;
  set?: string[];
}

/** What a tile shows: so many frames from one on. More than one are a loop. */
export interface TileSize {
  frame: number;
  frames: number;
  side: number;
}

export class RequestError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly problems: Problem[] = [],
  ) {
    super(message);
  }
}

/** What a job begins with: a picture, a clip or a song (`input`), or noise. A song dreams on noise, too. */
export interface Beginning {
  input?: string;
  noise?: { width?: number; height?: number; seconds?: number };
  look?: string;
}

async function answer(response: Response): Promise<Response> {
  if (response.ok) return response;
  const said = await response.json().catch(() => ({}));
  throw new RequestError(response.status, said.error ?? `the studio answered ${response.status}`, said.problems ?? []);
}

async function get<T>(path: string): Promise<T> {
  return (await answer(await fetch(path))).json();
}

async function send(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const headers = { "Content-Type": "application/json" };
  return answer(await fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal }));
}

async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return (await send(path, body, signal)).json();
}

/**
 * Makes signals, each of which ends the request with the signal before it. A browser has six connections to a program, so
 * requests that nobody waits for would hold up the others.
 */
export function latestOnly(): () => AbortSignal {
  let latest: AbortController | null = null;
  return () => {
    latest?.abort();
    latest = new AbortController();
    return latest.signal;
  };
}

const named = (file: string) => `file=${encodeURIComponent(file)}`;

export const api = {
  studio: () => get<{ folder: string; opened: string; opened_kind: string }>("/api/studio"),
  schema: async () => (await get<{ keys: SchemaKey[] }>("/api/schema")).keys,
  files: async () => (await get<{ files: FileEntry[] }>("/api/files")).files,
  looks: async () => (await get<{ looks: Look[] }>("/api/looks")).looks,
  begin: (from: Beginning) => post<{ file: string; text: string; revision: string }>("/api/begin", from),
  job: (file: string) => get<{ file: string; text: string; revision: string }>(`/api/job?${named(file)}`),
  save: (job: JobText, revision: string) => post<{ revision: string }>("/api/job", { ...job, revision }),
  check: (job: JobText) => post<Report>("/api/check", job),
  curves: (job: JobText, points: number, signal: AbortSignal) =>
    post<CurveSheet>("/api/curves", { ...job, points }, signal),
  mask: async (job: JobText, frame: number, side: number) => (await send("/api/mask", { ...job, frame, side })).blob(),
  farm: (file: string) => get<Farm>(`/api/farm?${named(file)}`),
  shots: (job: JobText, signal: AbortSignal) => post<ShotList>("/api/shots", job, signal),
  thumbnail: async (job: JobText, frame: number, side: number) =>
    (await send("/api/thumbnail", { ...job, frame, side })).blob(),
  rendered: (job: JobText, signal: AbortSignal) => post<Rendered>("/api/rendered", job, signal),
  renderedFrame: async (job: JobText, frame: number, side: number) =>
    (await send("/api/rendered_frame", { ...job, frame, side })).blob(),
  sound: async (job: JobText, begin: number, end: number) =>
    (await send("/api/sound", { ...job, begin, end })).arrayBuffer(),
  networks: async () => (await get<{ networks: NetworkEntry[] }>("/api/networks")).networks,
  network: (name: string) => get<NetworkInfo>(`/api/network?name=${encodeURIComponent(name)}`),
  atlas: (network: string, layers: string[], classes: number[], draws: boolean) =>
    post<AtlasAnswer>("/api/atlas", { network, layers, classes, draws }),
  cancel: (number: number) => post<object>("/api/cancel", { number }),
  picture: async (address: string) => (await answer(await fetch(address))).blob(),
  source: async (job: JobText, frame: number, side: number) =>
    (await send("/api/source", { ...job, frame, side })).blob(),
  preview: (job: JobText, frame: number, side: number, signal?: AbortSignal) =>
    post<{ preview: number }>("/api/preview", { ...job, frame, side }, signal),
  grid: (job: JobText, frame: number, side: number, tiles: { set: string[] }[]) =>
    post<{ grid: number }>("/api/grid", { ...job, frame, side, tiles }),
  vary: (job: JobText, size: TileSize, of: { over: string[] } | { breed: string[][] }) =>
    post<{ grid: number; tiles: { set: string[] }[] }>("/api/grid", { ...job, ...size, ...of }),
  renderState: (file: string) => get<RenderState>(`/api/render?${named(file)}`),
  render: (file: string, action: "start" | "pause", overwrite = false) =>
    post<RenderState>("/api/render", { file, action, overwrite }),
  upload: async (file: File) => {
    const headers = { "Content-Type": "application/octet-stream" };
    const path = `/api/files?name=${encodeURIComponent(file.name)}`;
    return (await answer(await fetch(path, { method: "POST", headers, body: file }))).json() as Promise<{ name: string }>;
  },
  fileAddress: (name: string) => `/api/files/${name.split("/").map(encodeURIComponent).join("/")}`,
  saveAddress: (name: string) => `${api.fileAddress(name)}?save`,
};

/** Calls `hear` for every event, from now on. */
export function listen(hear: (event: StudioEvent) => void, connected: (yes: boolean) => void): void {
  const events = new EventSource("/api/events");
  events.onopen = () => connected(true);
  events.onerror = () => connected(false);
  events.onmessage = (message) => hear(JSON.parse(message.data));
}
