// What networks offer: layers that dream well, and classes by name.
import { effect, signal } from "@preact/signals";
import { api } from "../api";
import type { NetworkEntry, NetworkInfo } from "../api";
import { report } from "./state";

export const networks = signal<NetworkEntry[]>([]);
const known = signal<Record<string, NetworkInfo | null>>({}); // null: asked for
const failed = signal<string[]>([]); // asked for again once the job has been checked again

/** A network by the name that a job gives it; null until it is known. */
export function networkCalled(name: string): NetworkInfo | null {
  if (!name) return null;
  if (!(name in known.value) && !failed.value.includes(name)) void load(name);
  return known.value[name] ?? null;
}

async function load(name: string): Promise<void> {
  known.value = { ...known.value, [name]: null };
  const info = await api.network(name).catch(() => null);
  if (!info) failed.value = [...failed.value, name];
  const { [name]: _, ...others } = known.value;
  known.value = info ? { ...others, [name]: info } : others;
}

// While a text has mistakes, its network is the one that it had before.
export const jobNetwork = signal("");
effect(() => {
  const found = report.value;
  jobNetwork.value = found ? (found.network ?? jobNetwork.peek()) : "";
});

effect(() => {
  const isChecked = report.value !== null;
  if (failed.peek().length > 0) failed.value = [];
  if (isChecked && networks.peek().length === 0) void loadNetworks();
});

async function loadNetworks(): Promise<void> {
  networks.value = await api.networks().catch(() => []);
}
