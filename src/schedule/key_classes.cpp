#include "dreamreel/schedule/key_classes.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>

namespace dreamreel::schedule {
namespace {

// A group of keys, such as `dream`, has the class of the key in it that matters most. `dream.mask` is
// `shown`, although a mask that confines the dream (dream.mask.confine) matters to the dream too; recipe_of()
// takes care of this case, and of numbered pictures, which hold `output.metadata` themselves. All networks
// share one fingerprint, so the network of a mask counts for the dream.
constexpr std::string_view kDream =
    "input input.path input.noise input.noise.size input.noise.fps input.noise.duration input.trim "
    "input.filter input.audio input.audio_start input.fps input.duration output.loop output.loop.crossfade "
    "network network.card network.path network.order network.scale network.mean network.std network.labels "
    "network.size network.ablate network.ablate.N.layer network.ablate.N.channels network.ablate.N.random "
    "network.ablate.N.amount networks device precision executor seed "
    "dream dream.objectives dream.objectives.N.layer dream.objectives.N.weight dream.objectives.N.mask "
    "dream.objectives.N.mask.path dream.objectives.N.mask.channel dream.objectives.N.mask.start "
    "dream.objectives.N.mask.from dream.objectives.N.mask.range dream.objectives.N.mask.colour "
    "dream.objectives.N.mask.tolerance dream.objectives.N.mask.softness dream.objectives.N.mask.relative "
    "dream.objectives.N.mask.class dream.show_masks "
    "dream.mask.network dream.objectives.N.mask.network dream.objectives.N.mask.windows "
    "dream.objectives.N.mask.invert dream.objectives.N.mask.feather dream.objectives.N.kind "
    "dream.objectives.N.network dream.objectives.N.channels dream.objectives.N.at dream.objectives.N.class "
    "dream.objectives.N.image dream.objectives.N.images dream.objectives.N.size dream.objectives.N.match "
    "dream.objectives.N.selectivity dream.objectives.N.rivals dream.objectives.N.vector "
    "dream.journey dream.journey.layers dream.journey.classes dream.journey.seconds_each "
    "dream.journey.crossfade dream.journey.weight dream.journey.loop dream.balance dream.octaves "
    "dream.motif dream.octave_scale dream.iterations dream.step dream.strength dream.jitter dream.stop_below "
    "dream.gradient dream.gradient.laplacian dream.gradient.smooth dream.gradient.decorrelate "
    "dream.regularise dream.regularise.total_variation dream.regularise.beta dream.regularise.grey "
    "dream.regularise.blur dream.regularise.blur_end dream.regularise.blur_every dream.regularise.clip "
    "dream.draft dream.transforms dream.transforms.scale dream.transforms.rotate dream.optimizer "
    "dream.parameterization "
    "temporal temporal.at_fps temporal.flow temporal.carry temporal.blend temporal.occlusion temporal.every "
    "temporal.hold "
    "temporal.iterations temporal.step temporal.warmup temporal.noise temporal.noise_motion temporal.sharpen "
    "temporal.marks "
    "temporal.calm temporal.memory temporal.passes temporal.deepen temporal.distrust "
    "temporal.distrust.uncovered temporal.distrust.outside temporal.distrust.edge temporal.maps "
    "temporal.cuts camera camera.zoom camera.rotate camera.pan camera.pivot camera.border "
    "colour colour.match colour.strength colour.chroma colour.contrast_limit colour.saturation_limit "
    "audio audio.loudness audio.loudness.attack audio.loudness.release audio.bass audio.bass.attack "
    "audio.bass.release audio.mid audio.mid.attack audio.mid.release audio.treble audio.treble.attack "
    "audio.treble.release audio.onset audio.onset.attack audio.onset.release audio.beat audio.beat.attack "
    "audio.beat.release audio.bpm audio.first_beat audio.meter audio.stems "
    "series series.NAME series.NAME.file series.NAME.column series.NAME.time_column series.NAME.time "
    "series.NAME.rate series.NAME.list series.NAME.interpolation "
    "scenes scenes.N.from scenes.N.look scenes.N.crossfade";
constexpr std::string_view kShown =
    "dream.opacity dream.mask dream.mask.path dream.mask.channel dream.mask.start dream.mask.from "
    "dream.mask.range dream.mask.colour dream.mask.tolerance dream.mask.softness dream.mask.relative "
    "dream.mask.class dream.mask.windows dream.mask.invert dream.mask.feather dream.mask.confine";
constexpr std::string_view kEncoding =
    "output.preset output.video output.video.codec output.video.pixel_format output.video.options "
    "output.first_number";
// With several outputs, the parts hold the frames themselves, and each file is encoded from them.
constexpr std::string_view kFinished =
    "output output.path output.audio output.audio_bitrate output.metadata "
    "outputs outputs.N.path outputs.N.preset outputs.N.first_number outputs.N.video outputs.N.video.codec "
    "outputs.N.video.pixel_format outputs.N.video.options outputs.N.audio outputs.N.audio_bitrate "
    "outputs.N.metadata";
constexpr std::string_view kNothing = "extends look";

using Classes = std::map<std::string, KeyClass, std::less<>>;

void add_names(Classes& classes, std::string_view names, KeyClass key_class) {
  while (!names.empty()) {
    const auto end = std::min(names.find(' '), names.size());
    classes.emplace(names.substr(0, end), key_class);
    names.remove_prefix(std::min(end + 1, names.size()));
  }
}

}  // namespace

std::optional<KeyClass> class_of(std::string_view path) {
  static const Classes classes = [] {
    Classes all;
    add_names(all, kDream, KeyClass::dream);
    add_names(all, kShown, KeyClass::shown);
    add_names(all, kEncoding, KeyClass::encoding);
    add_names(all, kFinished, KeyClass::finished);
    add_names(all, kNothing, KeyClass::nothing);
    return all;
  }();
  const auto found = classes.find(path);
  return found == classes.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace dreamreel::schedule
