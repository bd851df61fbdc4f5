// The farm of the open job: a plan with chunks beside its output. The page only shows it.
import { effect } from "@preact/signals";
import { api } from "../api";
import type { Farm } from "../api";
import { farm, job, revision } from "./state";

export function hearFarm(event: Farm): void {
  if (event.job === job.value?.file) farm.value = event;
}

// A saved job may name another output, so its farm is asked for after each save. Events tell of it from then on.
let asked = "";
effect(() => {
  const file = job.value?.file ?? "";
  const wanted = file && revision.value ? `${file} ${revision.value}` : "";
  if (wanted === asked) return;
  asked = wanted;
  if (!wanted) return;
  void api.farm(file).then(hearFarm, () => {}); // without a farm's state, everything else still works
});
