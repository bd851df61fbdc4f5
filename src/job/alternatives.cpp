#include "alternatives.h"

#include "octaves_key.h"
#include "outputs.h"

namespace dreamreel::job {
namespace {

void drop_other_input(Value& base, const Value& over) {
  if (says(over, "path") == says(over, "noise")) return;
  if (says(over, "path")) return drop(base, {"noise"});
  drop(base, {"path", "fps", "duration"});  // noise has its own rate and length
}

// The way in which a mask is made: "path", or the word after `from`.
std::string way_of(const Value& mask) {
  if (says(mask, "path")) return says(mask, "from") ? "" : "path";
  const Value* const from = mask.find("from");
  return from == nullptr ? "" : from->text;
}

// Keeps `invert`, `feather` and `confine`, because they belong to every mask.
void drop_other_way(Value& base, const Value& over) {
  const std::string way = way_of(over);
  if (!way.empty() && way != way_of(base))
    drop(base, {"path", "from", "channel", "start", "range", "colour", "tolerance", "softness", "relative",
                "class", "network", "windows"});
}

}  // namespace

void drop_what_is_replaced(Value& base, const Value& over, const std::string& path) {
  if (!base.is_map() || !over.is_map()) return;
  if (path.empty()) drop_other_outputs(base, over);
  if (path == "input") drop_other_input(base, over);
  if (path == "dream") drop_other_octaves(base, over);
  if (path == "dream.mask" || (path.starts_with("dream.objectives.") && path.ends_with(".mask")))
    drop_other_way(base, over);
}

}  // namespace dreamreel::job
