#include "dreamreel/model/lesions.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/core/random.h"

namespace dreamreel::model {
namespace {

// Turns a layer's name into a number that fits where a key has the frame's number. The hash is FNV-1a by
// Fowler, Noll and Vo.
std::int64_t number_of(const std::string& name) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return static_cast<std::int64_t>(hash >> 16U);
}

std::vector<std::int64_t> drawn_channels(const cards::Ablation& ablation, std::int64_t count,
                                         std::uint64_t seed, int occurrence) {
  // The layer's name takes the place of a frame's number, because these draws belong to no frame.
  const RandomKey key{seed, number_of(ablation.layer), 0, occurrence};
  std::vector<std::int64_t> channels(static_cast<std::size_t>(count));
  std::iota(channels.begin(), channels.end(), 0);
  const auto draw = [&](std::int64_t channel) {
    return random_u32(key, Purpose::lesion, static_cast<std::uint32_t>(channel));
  };
  std::ranges::stable_sort(channels, {}, draw);
  channels.resize(static_cast<std::size_t>(std::lround(*ablation.random * static_cast<double>(count))));
  std::ranges::sort(channels);
  return channels;
}

}  // namespace

std::vector<std::string> ablated_layers(const cards::NetworkRef& network) {
  std::vector<std::string> layers;
  for (const auto& ablation : network.ablate)
    if (std::ranges::find(layers, ablation.layer) == layers.end()) layers.push_back(ablation.layer);
  return layers;
}

std::vector<std::int64_t> lesion_channels(const cards::Ablation& ablation, std::int64_t count,
                                          std::uint64_t seed, int occurrence) {
  if (ablation.random) return drawn_channels(ablation, count, seed, occurrence);
  std::vector<bool> taken(static_cast<std::size_t>(count));
  for (const auto& [first, last, class_name] : ablation.channels) {
    if (last >= count)
      throw JobError(fmt::format(
          "ablate: layer '{}' has the channels 0 to {}, got {} ('dreamreel layers' lists every layer's)",
          ablation.layer, count - 1, last));
    std::fill(taken.begin() + first, taken.begin() + last + 1, true);
  }
  std::vector<std::int64_t> channels;
  for (std::int64_t channel = 0; channel < count; ++channel)
    if (taken[static_cast<std::size_t>(channel)]) channels.push_back(channel);
  return channels;
}

Lesions::Lesions(const cards::NetworkRef& ref, network::Network& network, std::uint64_t seed)
    : network_(network) {
  const auto names = ablated_layers(ref);
  std::vector<int> occurrences(names.size(), 0);
  for (std::size_t i = 0; i < ref.ablate.size(); ++i) {
    const auto& ablation = ref.ablate[i];
    const auto layer = static_cast<std::size_t>(std::ranges::find(names, ablation.layer) - names.begin());
    const auto channels = network.ablatable().at(layer).channels;
    if (channels > 0) {
      lesions_.push_back({layer, i, lesion_channels(ablation, channels, seed, occurrences[layer]++)});
    } else if (occurrences[layer]++ == 0) {
      log_info(fmt::format("ablate: layer '{}' is left alone: no layer that the job dreams of lies behind it",
                           ablation.layer));
    }
  }
}

void Lesions::apply(const cards::NetworkRef& ref, const curve::CurveTime& time) {
  const auto& layers = network_.ablatable();
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    std::vector<float> factors;  // stays empty while no lesion is active, and then leaves the layer alone
    for (const auto& lesion : lesions_) {
      const double keep = lesion.layer == layer ? 1 - ref.ablate[lesion.ablation].amount.at(time) : 1;
      if (keep == 1) continue;
      factors.resize(static_cast<std::size_t>(layers[layer].channels), 1);
      for (const auto channel : lesion.channels)
        factors[static_cast<std::size_t>(channel)] *= static_cast<float>(keep);
    }
    network_.set_ablation(layer, factors);
  }
}

}  // namespace dreamreel::model
