#include "dreamreel/media/sound_cache.h"

#include <fmt/core.h>

#include <array>
#include <cstdio>
#include <string>

#include "dreamreel/core/blob_cache.h"

namespace dreamreel::media {
namespace {

namespace fs = std::filesystem;

constexpr int kVersion = 7;  // version of the analysis and of its bytes: raise it when either changes

std::string exact(double number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%a", number);
  return text.data();
}

// Everything that the analysis depends on, as text. "" if the file cannot be looked at.
std::string analysis_key(const SoundRange& range) {
  const std::string file = facts_of_file(range.path);
  if (file.empty()) return "";
  const BeatRules& beats = range.beats;
  return fmt::format("version {}\n{}start {}\nrate {}/{}\nframes {}\nbpm {} {} from {}\n", kVersion, file,
                     exact(range.start_seconds), range.frame_rate.num, range.frame_rate.den,
                     range.frame_count ? std::to_string(*range.frame_count) : "all", exact(beats.slowest_bpm),
                     exact(beats.fastest_bpm),
                     beats.first_beat_seconds ? exact(*beats.first_beat_seconds) : "where it is found");
}

std::string blob_of(const SoundAnalysis& analysis) {
  BlobWriter out;
  out.put_all(analysis.levels);
  out.put_all(analysis.peaks);
  out.put_all(analysis.beats);
  out.put(analysis.tempo_bpm);
  return out.bytes();
}

std::optional<SoundAnalysis> analysis_in(const std::string& bytes) {
  BlobReader reader(bytes);
  SoundAnalysis analysis;
  const bool whole = reader.take_all(analysis.levels) && reader.take_all(analysis.peaks) &&
                     reader.take_all(analysis.beats) && reader.take(analysis.tempo_bpm) && reader.at_end();
  if (!whole || analysis.peaks.size() != analysis.levels.size()) return {};
  return analysis;
}

}  // namespace

SoundAnalysis cached_sound(const SoundRange& range, const fs::path& folder) {
  const std::string key = analysis_key(range);
  if (key.empty()) return analyse_sound(range);
  const BlobCache cache(folder, ".sound", kCachedSounds);
  if (const auto bytes = cache.find(key))
    if (auto analysis = analysis_in(*bytes)) return *std::move(analysis);
  auto analysis = analyse_sound(range);
  cache.store(key, blob_of(analysis));
  return analysis;
}

}  // namespace dreamreel::media
