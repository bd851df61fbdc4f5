// What networks offer: layers that dream well, and classes by name.
import { computed, effect, signal } from "@preact/signals";
import { api } from "../api";
import type { NetworkEntry, NetworkInfo } from "../api";
import { report } from "./state";

export const networks = signal<NetworkEntry[]>([]);
const known = signal<Record<string, NetworkInfo | null>>({}); // null: asked for

/** A network by the name that a job gives it; null until it is known. */
export function networkCalled(name: string): NetworkInfo | null {
  if (!name) return null;
  if (!(name in known.value)) void load(name);
  return known.value[name] ?? null;
}

async function load(name: string): Promise<void> {
  known.value = { ...known.value, [name]: null };
  const info = await api.network(name).catch(() => null);
  if (info) known.value = { ...known.value, [name]: info };
}

// While a text has mistakes, its network is the one that it had before.
let last = "";
export const jobNetwork = computed(() => {
  if (report.value?.network) last = report.value.network;
  return report.value ? last : "";
});

effect(() => {
  if (report.value && networks.peek().length === 0) void loadNetworks();
});

async function loadNetworks(): Promise<void> {
  networks.value = await api.networks().catch(() => []);
}
