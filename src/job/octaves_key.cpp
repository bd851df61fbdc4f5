#include "octaves_key.h"

#include <string_view>

namespace dreamreel::job {
namespace {

constexpr std::string_view kAuto = "auto";
constexpr double kUsualMotif = 0.25;

bool is_auto(const Value& octaves) {
  return octaves.is_scalar() && octaves.text == kAuto;
}

bool is_zero(const Value& motif) {
  return motif.is_scalar() && parse_number(motif.text) == 0.0;
}

// Scenes have a motif of 0 where one of them counts its octaves.
bool is_always_by_motif(const Dream& dream) {
  return dream.motif.min() > 0;
}

}  // namespace

Row<Dream> octaves_row() {
  auto row = field<Dream>("octaves", &Dream::octaves, CurveType{{1, 20, false, true}}, "",
                          "Levels of the image pyramid; more make larger shapes. `auto` takes as many as "
                          "`motif` needs, so that frames of all sizes show one composition; see "
                          "[any size](#any-size).");
  row.info.type += ", or auto";
  row.read = [read = row.read](const Site& site, Dream& dream) {
    if (!is_auto(site.value)) read(site, dream);
  };
  row.write = [write = row.write](const Dream& dream) {
    return is_always_by_motif(dream) ? Value::scalar(std::string(kAuto)) : write(dream);
  };
  return row;
}

Row<Dream> motif_row() {
  return field<Dream>("motif", &Dream::motif, CurveType{{0, 1}}, "share of the frame's shorter side",
                      "About the size of the largest motifs, in place of a number of octaves. 0: `octaves` "
                      "counts. With `octaves: auto` it is 0.25.");
}

Row<Dream> draft_row() {
  return field<Dream>("draft", &Dream::draft, NumberType{{1, 100'000}}, "times",
                      "The frames are this many times smaller than those of the final render, and lack its "
                      "finest octaves; noise is that of its frames, scaled down. `--draft` sets it.");
}

void drop_other_octaves(Value& base, const Value& over) {
  const Value* const octaves = said(over, "octaves");
  const Value* const motif = said(over, "motif");
  if (octaves != nullptr && motif == nullptr && !is_auto(*octaves)) drop(base, {"motif"});
  if (motif != nullptr && octaves == nullptr && !is_zero(*motif)) drop(base, {"octaves"});
}

void settle_octaves(const Value& root, Job& job, Problems& problems) {
  const Value* const octaves = said(root, "dream", "octaves");
  const Value* const motif = said(root, "dream", "motif");
  if (octaves == nullptr) return;
  if (is_auto(*octaves)) {
    if (motif == nullptr) job.dream.motif = kUsualMotif;
    if (motif != nullptr && is_zero(*motif))
      problems.add(motif->place, "dream.motif", "expected more than 0 beside octaves: auto, got 0");
  } else if (motif != nullptr && is_always_by_motif(job.dream)) {
    problems.add(motif->place, "dream.motif",
                 "expected octaves: auto beside it, because a motif decides how many octaves there are, got "
                 "octaves: " +
                     describe(*octaves));
  }
}

}  // namespace dreamreel::job
