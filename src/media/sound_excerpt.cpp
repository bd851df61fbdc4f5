#include "dreamreel/media/sound_excerpt.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "dreamreel/core/error.h"
#include "sound_decoder.h"

namespace dreamreel::media {
namespace {

constexpr int kSides = 2, kSampleBytes = 2;  // left and right; bytes a sample

// How loud a channel is on the left and on the right. A channel in the middle, or of no known place, is on
// both sides, 3 dB quieter (ITU-R BS.775). The channel of low frequencies is left out, as there.
std::array<float, kSides> sides_of(AVChannel channel, std::size_t count) {
  constexpr float kHalf = 0.70710678F;
  if (count == 1) return {1, 1};
  switch (channel) {
    case AV_CHAN_FRONT_LEFT:
    case AV_CHAN_FRONT_LEFT_OF_CENTER:
    case AV_CHAN_STEREO_LEFT:
      return {1, 0};
    case AV_CHAN_FRONT_RIGHT:
    case AV_CHAN_FRONT_RIGHT_OF_CENTER:
    case AV_CHAN_STEREO_RIGHT:
      return {0, 1};
    case AV_CHAN_SIDE_LEFT:
    case AV_CHAN_BACK_LEFT:
      return {kHalf, 0};
    case AV_CHAN_SIDE_RIGHT:
    case AV_CHAN_BACK_RIGHT:
      return {0, kHalf};
    case AV_CHAN_LOW_FREQUENCY:
      return {0, 0};
    default:
      return {kHalf, kHalf};
  }
}

void append_little_endian(std::string& bytes, std::uint32_t number, int count) {
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xFF);
}

// The header of a WAV file with this many bytes of samples.
std::string heading(std::size_t size) {
  const auto bytes = static_cast<std::uint32_t>(size);
  std::string text = "RIFF";
  append_little_endian(text, 36 + bytes, 4);
  text += "WAVEfmt ";
  append_little_endian(text, 16, 4);
  append_little_endian(text, 1, 2);  // PCM
  append_little_endian(text, kSides, 2);
  append_little_endian(text, kSoundRate, 4);
  append_little_endian(text, kSoundRate * kSides * kSampleBytes, 4);
  append_little_endian(text, kSides * kSampleBytes, 2);
  append_little_endian(text, 8 * kSampleBytes, 2);
  text += "data";
  append_little_endian(text, bytes, 4);
  return text;
}

// Whether sound can be decoded from the file's beginning.
bool can_be_heard(const std::filesystem::path& path) {
  bool found = false;
  SoundDecoder(path, 0).decode([&](const SoundBlock&) {
    found = true;
    return false;
  });
  return found;
}

}  // namespace

std::string sound_excerpt(const std::filesystem::path& path, double start_seconds, double seconds) {
  const auto count = std::llround(std::clamp(seconds, 0.0, kLongestExcerpt) * kSoundRate);
  std::vector<float> samples(static_cast<std::size_t>(count * kSides));
  SoundDecoder decoder(path, start_seconds);
  const auto mix = [&](const SoundBlock& block) {
    const std::int64_t first = std::max<std::int64_t>(0, -block.position);
    const std::int64_t last = std::min<std::int64_t>(block.count, count - block.position);
    for (std::size_t c = 0; c < block.channels.size(); ++c) {
      const auto sides = sides_of(decoder.channels()[c], block.channels.size());
      for (std::int64_t i = first; i < last; ++i)
        for (std::size_t side = 0; side < kSides; ++side)
          samples[static_cast<std::size_t>((block.position + i) * kSides) + side] +=
              sides[side] * block.channels[c][i];
    }
    return block.position + block.count < count;
  };
  try {
    decoder.decode(mix);
  } catch (const InputError&) {  // a start beyond the end of the sound, or nothing that can be decoded
    if (start_seconds <= 0 || !can_be_heard(path)) throw;
  }
  std::string wav = heading(samples.size() * kSampleBytes);
  for (const float sample : samples) {
    const auto level = std::lround(std::clamp(sample, -1.0F, 1.0F) * 32767);
    append_little_endian(wav, static_cast<std::uint32_t>(level), kSampleBytes);
  }
  return wav;
}

}  // namespace dreamreel::media
