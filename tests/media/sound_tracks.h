// Makes sound by formula, so that a test knows every sample.
#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <numbers>

#include "support/files.h"

namespace dreamreel::test {

/// A 16-bit WAV file; `sample(seconds, channel)` in [-1, 1].
inline void write_wav(const std::filesystem::path& path, double seconds, int rate, int channels,
                      const std::function<double(double, int)>& sample) {
  const auto count = static_cast<std::uint32_t>(std::lround(seconds * rate));
  const auto bytes = static_cast<std::uint32_t>(count * static_cast<std::uint32_t>(channels) * 2);
  std::string out;
  const auto put = [&](std::uint32_t value, int size) {
    for (int i = 0; i < size; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
  };
  out += "RIFF";
  put(36 + bytes, 4);
  out += "WAVEfmt ";
  put(16, 4);
  put(1, 2);
  put(static_cast<std::uint32_t>(channels), 2);
  put(static_cast<std::uint32_t>(rate), 4);
  put(static_cast<std::uint32_t>(rate * channels * 2), 4);
  put(static_cast<std::uint32_t>(channels * 2), 2);
  put(16, 2);
  out += "data";
  put(bytes, 4);
  for (std::uint32_t i = 0; i < count; ++i)
    for (int c = 0; c < channels; ++c)
      put(static_cast<std::uint32_t>(std::lround(32767 * sample(static_cast<double>(i) / rate, c))), 2);
  write_file(path, out);
}

inline double sine(double hz, double seconds) {
  return std::sin(2 * std::numbers::pi * hz * seconds);
}

/// A click of 10 ms at 1 kHz at every multiple of `period`, 0 between.
inline double clicks(double period, double seconds) {
  constexpr double kLength = 0.01;
  const double since = seconds - period * std::floor(seconds / period + 1e-9);
  return since < kLength ? sine(1000, since) * (1 - since / kLength) : 0;
}

/// Plucked eighth notes that go with the clicks.
inline double bass_line(double period, double seconds) {
  constexpr double kNotesHz[] = {55, 65.4, 49, 73.4};
  const double note = period / 2;
  const auto number = static_cast<int>(seconds / note + 1e-9);
  return sine(kNotesHz[number / 8 % 4], seconds) * std::exp(-4 * (seconds - number * note));
}

}  // namespace dreamreel::test
