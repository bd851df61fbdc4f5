// audio: how fast the variables of the sound rise and fall, and where its beats are.
#include <fmt/core.h>

#include <array>

#include "dreamreel/core/sound_levels.h"
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

Row<Audio> bpm_row() {
  constexpr Range kTempi{30, 300};
  const std::string what = kTempi.name() + ", or [slowest, fastest]";
  Row<Audio> row = custom<Audio>(
      {"bpm", what, "", "beats a minute",
       "The tempo: a number settles it, so that all beats have the same distance; two numbers limit the "
       "search. "
       "Left out, it is looked for from 60 to 200; see [beats and tempo](sound.md#beats-and-tempo)."},
      [=](const Site& site, Audio& audio) {
        const NumberType type{kTempi};
        if (!site.value.is_list()) {
          if (const auto bpm = type.read(site)) audio.bpm = {*bpm, *bpm};
          return;
        }
        if (site.value.items.size() != 2) return site.expected(what);
        const auto slowest = type.read(site.at("0", site.value.items[0]));
        const auto fastest = type.read(site.at("1", site.value.items[1]));
        if (!slowest || !fastest) return;
        if (*slowest > *fastest)
          return site.problem(fmt::format("expected the slowest tempo first, got [{}, {}]", to_text(*slowest),
                                          to_text(*fastest)));
        audio.bpm = {*slowest, *fastest};
      },
      [](const Audio& audio) {
        if (!audio.bpm) return Value{};
        const Value slowest = Value::scalar(to_text(audio.bpm->slowest));
        if (audio.bpm->slowest == audio.bpm->fastest) return slowest;
        return flow_list({slowest, Value::scalar(to_text(audio.bpm->fastest))});
      });
  return row;
}

// The six levels, each with its smoothing, from the one list of all variables.
Table<Audio> audio_table() {
  constexpr std::array<Smoothing Audio::*, 6> kSmoothings{&Audio::loudness, &Audio::bass,  &Audio::mid,
                                                          &Audio::treble,   &Audio::onset, &Audio::beat};
  Table<Audio> table;
  for (const auto& known : kSoundVariables)
    if (known.is_level)
      table.push_back(variable(std::string(known.name), kSmoothings.at(table.size()),
                               fmt::format("Of the variable `{}`.", known.name)));
  table.push_back(bpm_row());
  table.push_back(field<Audio>(
      "first_beat", &Audio::first_beat, TimeType{}, "",
      "When the first beat falls, in the job's time; bars are counted from it. Left out, it is found."));
  table.push_back(field<Audio>("meter", &Audio::meter, SizeType{32}, "beats a bar",
                               "How many beats a bar has. Left out, it is 4."));
  table.push_back(stems_row());
  return table;
}

}  // namespace

Row<Job> audio_row() {
  return section<Job>(
      "audio", &Job::audio, audio_table(),
      "How the variables of the sound rise and fall, frame by frame, and where its beats are.");
}

}  // namespace dreamreel::job
