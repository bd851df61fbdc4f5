#include "sound_meters.h"

#include <aubio/aubio.h>
#include <ebur128.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <numbers>

#include "dreamreel/media/sound_analysis.h"

namespace dreamreel::media {

// It is in no anonymous namespace, because members of Spectrum::Aubio and OnsetMeter::Band have it in their
// types.
struct AubioFreer {
  void operator()(aubio_fft_t* fft) const { del_aubio_fft(fft); }
  void operator()(fvec_t* vector) const { del_fvec(vector); }
  void operator()(cvec_t* vector) const { del_cvec(vector); }
  void operator()(aubio_specdesc_t* descriptor) const { del_aubio_specdesc(descriptor); }
};

namespace {

template <typename T>
using AubioPtr = std::unique_ptr<T, AubioFreer>;

template <typename T>
AubioPtr<T> owned(T* object) {
  if (object == nullptr) throw std::bad_alloc();
  return AubioPtr<T>(object);
}

std::vector<float> hann_window(int size) {
  std::vector<float> window;
  for (int i = 0; i < size; ++i)
    window.push_back(static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / size)));
  return window;
}

// A steady tone seems to rise and fall, because windows cut its periods differently. Rises up to these shares
// do not count: a share of the band's own magnitude, and, for a tone that leaks in from a neighbouring band,
// a share of the whole spectrum's magnitude.
constexpr float kLeastRise = 0.03F, kLeastRiseOfAll = 0.003F;

double sum_between(const std::vector<float>& values, double from_hz, double to_hz, double bin_hz) {
  const auto bin = [&](double hz) {
    return std::min(values.size(), static_cast<std::size_t>(std::ceil(hz / bin_hz)));
  };
  double total = 0;
  for (std::size_t i = bin(from_hz); i < bin(to_hz); ++i) total += values[i];
  return total;
}

int ebur128_channel(AVChannel channel, std::size_t count) {
  if (count == 1) return EBUR128_CENTER;
  switch (channel) {
    case AV_CHAN_FRONT_LEFT:
    case AV_CHAN_STEREO_LEFT:
      return EBUR128_LEFT;
    case AV_CHAN_FRONT_RIGHT:
    case AV_CHAN_STEREO_RIGHT:
      return EBUR128_RIGHT;
    case AV_CHAN_LOW_FREQUENCY:
    case AV_CHAN_LOW_FREQUENCY_2:
      return EBUR128_UNUSED;
    case AV_CHAN_BACK_LEFT:
    case AV_CHAN_SIDE_LEFT:
      return EBUR128_LEFT_SURROUND;
    case AV_CHAN_BACK_RIGHT:
    case AV_CHAN_SIDE_RIGHT:
      return EBUR128_RIGHT_SURROUND;
    default:
      return EBUR128_CENTER;  // weight 1, as every channel that the standard does not name
  }
}

}  // namespace

struct Spectrum::Aubio {
  AubioPtr<aubio_fft_t> fft;
  AubioPtr<fvec_t> windowed, spectrum;
};

Spectrum::Spectrum(int size)
    : size_(size),
      hann_(hann_window(size)),
      power_(static_cast<std::size_t>(size / 2 + 1)),
      aubio_(std::make_unique<Aubio>()) {
  const auto length = static_cast<uint_t>(size);
  aubio_->fft = owned(new_aubio_fft(length));
  aubio_->windowed = owned(new_fvec(length));
  aubio_->spectrum = owned(new_fvec(length));
}

Spectrum::~Spectrum() = default;

const std::vector<float>& Spectrum::power_at(const SoundWindow& sound, std::int64_t centre) {
  const auto size = static_cast<std::size_t>(size_);
  std::ranges::fill(power_, 0.0F);
  for (std::size_t c = 0; c < sound.channel_count(); ++c) {
    const float* samples = sound.at(c, centre - size_ / 2);
    for (std::size_t i = 0; i < size; ++i) aubio_->windowed->data[i] = hann_[i] * samples[i];
    aubio_fft_do_complex(aubio_->fft.get(), aubio_->windowed.get(), aubio_->spectrum.get());
    // aubio stores real parts from the front, and imaginary parts from the back.
    const float* x = aubio_->spectrum->data;
    power_.front() += x[0] * x[0];
    power_.back() += x[size / 2] * x[size / 2];
    for (std::size_t i = 1; i < size / 2; ++i) power_[i] += x[i] * x[i] + x[size - i] * x[size - i];
  }
  // Parseval: mean square = 2 * sum over bins / (size * sum of the squared window), which is 3/8 size for
  // Hann.
  const auto scale = static_cast<float>(2 * 2 / (size_ * 0.375 * size_));
  for (float& value : power_) value *= scale;
  return power_;
}

BandLevels BandMeter::at(const SoundWindow& sound, std::int64_t centre) {
  const auto& power = spectrum_.power_at(sound, centre);
  const double hz = spectrum_.bin_hz();
  const auto level = [&](double from, double to) { return std::sqrt(sum_between(power, from, to, hz)); };
  return {level(kBassFrom, kMidFrom), level(kMidFrom, kTrebleFrom), level(kTrebleFrom, kTrebleTo)};
}

// One aubio descriptor over a part of the spectrum.
struct OnsetMeter::Band {
  AubioPtr<aubio_specdesc_t> flux;
  AubioPtr<cvec_t> magnitudes;
  AubioPtr<fvec_t> result;
  std::size_t first_bin = 0;
};

OnsetMeter::OnsetMeter() {
  constexpr std::array<double, kBands + 1> kLimitsHz{40, 250, 1000, 4000, 16000};
  for (std::size_t i = 0; i < kBands; ++i) {
    Band band;
    band.first_bin = static_cast<std::size_t>(std::lround(kLimitsHz[i] / spectrum_.bin_hz()));
    const auto end = static_cast<std::size_t>(std::lround(kLimitsHz[i + 1] / spectrum_.bin_hz()));
    const auto size = static_cast<uint_t>(2 * (end - band.first_bin - 1));  // aubio counts bins as size/2 + 1
    band.flux = owned(new_aubio_specdesc("specflux", size));
    band.magnitudes = owned(new_cvec(size));
    band.result = owned(new_fvec(1));
    bands_.push_back(std::move(band));
  }
}

OnsetMeter::~OnsetMeter() = default;

OnsetMeter::Rise OnsetMeter::at(const SoundWindow& sound, std::int64_t centre) {
  const auto& power = spectrum_.power_at(sound, centre);
  Rise rise{};
  float all = 0;
  for (const float value : power) all += std::sqrt(value);
  for (std::size_t i = 0; i < kBands; ++i) {
    const Band& band = bands_[i];
    float magnitude = 0, level = 0;
    for (uint_t k = 0; k < band.magnitudes->length; ++k) {
      level += power[band.first_bin + k];
      magnitude += band.magnitudes->norm[k] = std::sqrt(power[band.first_bin + k]);
    }
    aubio_specdesc_do(band.flux.get(), band.magnitudes.get(), band.result.get());
    const float least = std::max(kLeastRise * magnitude, kLeastRiseOfAll * all);
    const bool is_heard = 10 * std::log10(level) > kSilence;
    rise[i] = is_heard && band.result->data[0] > least ? band.result->data[0] : 0;
  }
  return rise;
}

struct LoudnessMeter::State {
  ebur128_state* ebur128 = nullptr;
  ~State() { ebur128_destroy(&ebur128); }
};

LoudnessMeter::LoudnessMeter(const std::vector<AVChannel>& channels, std::int64_t begin)
    : state_(std::make_unique<State>()), next_(begin) {
  state_->ebur128 = ebur128_init(static_cast<unsigned>(channels.size()), kSoundRate, EBUR128_MODE_M);
  if (state_->ebur128 == nullptr) throw std::bad_alloc();
  for (std::size_t i = 0; i < channels.size(); ++i)
    ebur128_set_channel(state_->ebur128, static_cast<unsigned>(i),
                        ebur128_channel(channels[i], channels.size()));
}

LoudnessMeter::~LoudnessMeter() = default;

double LoudnessMeter::at(const SoundWindow& sound, std::int64_t centre) {
  const std::int64_t end = centre + kHalfWindow;
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(0, end - next_));
  interleaved_.resize(count * sound.channel_count());
  for (std::size_t c = 0; c < sound.channel_count(); ++c) {
    const float* samples = sound.at(c, next_);
    for (std::size_t i = 0; i < count; ++i) interleaved_[i * sound.channel_count() + c] = samples[i];
  }
  if (ebur128_add_frames_float(state_->ebur128, interleaved_.data(), count) != EBUR128_SUCCESS)
    throw std::bad_alloc();
  next_ = std::max(next_, end);
  double lufs = 0;
  ebur128_loudness_momentary(state_->ebur128, &lufs);
  return lufs == -HUGE_VAL ? -std::numeric_limits<double>::infinity() : lufs;
}

}  // namespace dreamreel::media
