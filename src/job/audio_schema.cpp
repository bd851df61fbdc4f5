// audio: how fast the variables of the sound rise and fall.
#include "tables.h"

namespace dreamreel::job {
namespace {

Table<Smoothing> smoothing_table() {
  constexpr double kLongest = 60;
  const NumberType seconds{{0, kLongest}};
  return {
      field<Smoothing>("attack", &Smoothing::attack_seconds, seconds, "seconds",
                       "Time constant of rising; 0 follows at once."),
      field<Smoothing>("release", &Smoothing::release_seconds, seconds, "seconds",
                       "Time constant of falling; 0 follows at once."),
  };
}

Row<Audio> variable(std::string name, Smoothing Audio::*smoothing, std::string doc) {
  Row<Audio> row = section<Audio>(std::move(name), smoothing, smoothing_table(), std::move(doc));
  // Each variable has its own defaults, which a table of one Smoothing cannot know.
  for (KeyInfo& key : row.inner) {
    const Value defaults = row.write(Audio{});
    if (const Value* const value = defaults.find(key.path)) key.default_text = emit_inline(*value);
  }
  row.write = [write = row.write](const Audio& audio) {
    Value map = write(audio);
    map.flow = true;
    return map;
  };
  return row;
}

}  // namespace

Row<Job> audio_row() {
  return section<Job>("audio", &Job::audio,
                      Table<Audio>{
                          variable("loudness", &Audio::loudness, "Of the variable `loudness`."),
                          variable("bass", &Audio::bass, "Of the variable `bass`."),
                          variable("mid", &Audio::mid, "Of the variable `mid`."),
                          variable("treble", &Audio::treble, "Of the variable `treble`."),
                          variable("onset", &Audio::onset, "Of the variable `onset`."),
                          variable("beat", &Audio::beat, "Of the variable `beat`."),
                      },
                      "How the variables of the sound rise and fall, frame by frame.");
}

}  // namespace dreamreel::job
