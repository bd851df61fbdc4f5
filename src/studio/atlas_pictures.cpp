#include "atlas_pictures.h"

#include <filesystem>
#include <utility>

#include "dreamreel/cards/find_network.h"
#include "dreamreel/core/cache_folder.h"
#include "dreamreel/core/error.h"
#include "dreamreel/study/atlas.h"
#include "dreamreel/study/picture_bytes.h"
#include "low_priority.h"

namespace dreamreel::studio {
namespace {

constexpr int kSide = 112, kStepsOfLayer = 64, kStepsOfClass = 24;
constexpr std::size_t kMostKept = 5000;

// Raised with every change that makes other pictures.
constexpr const char* kVersion = "1";

std::filesystem::path folder() {
  return cache_or_temporary_folder() / "atlas";
}

std::string key_of(const AtlasWish& wish) {
  const auto& network = wish.network;
  std::string key = std::string(kVersion) + "\n" + facts_of_file(network.path) + "\n" + network.input.order +
                    " " + std::to_string(network.input.scale) + " " +
                    std::to_string(network.size.value_or(0));
  for (std::size_t i = 0; i < network.input.mean.size(); ++i)
    key += " " + std::to_string(network.input.mean[i]) + "/" + std::to_string(network.input.std[i]);
  if (!wish.class_index) return key + "\nlayer " + wish.layer;
  for (const auto& layer : network.class_layers) key += " " + layer;
  return key + "\nclass " + std::to_string(*wish.class_index);
}

std::string bytes_of(const std::vector<AtlasPicture>& pictures) {
  BlobWriter bytes;
  bytes.put(static_cast<std::uint64_t>(pictures.size()));
  for (const auto& picture : pictures) {
    bytes.put(picture.channel.value_or(-1));
    bytes.put_all(picture.jpeg);
  }
  return bytes.bytes();
}

std::optional<std::vector<AtlasPicture>> pictures_in(const std::string& text) {
  BlobReader bytes(text);
  std::uint64_t count = 0;
  std::vector<AtlasPicture> pictures;
  if (!bytes.take(count)) return {};
  for (std::uint64_t i = 0; i < count; ++i) {
    std::int64_t channel = 0;
    std::string jpeg;
    if (!bytes.take(channel) || !bytes.take_all(jpeg)) return {};
    pictures.push_back({channel < 0 ? std::nullopt : std::optional(channel), std::move(jpeg)});
  }
  return pictures;
}

}  // namespace

AtlasPictures::AtlasPictures() : cache_(folder(), ".atlas", kMostKept) {}

std::optional<std::vector<AtlasPicture>> AtlasPictures::known(const AtlasWish& wish) const {
  const auto text = cache_.find(key_of(wish));
  return text ? pictures_in(*text) : std::nullopt;
}

std::vector<AtlasPicture> AtlasPictures::make(const AtlasWish& wish, const std::atomic<bool>& stop) const {
  cards::require_file(wish.network);
  study::AtlasOptions options;
  options.network = wish.network;
  options.size = kSide;
  options.stop = &stop;
  options.iterations = kStepsOfLayer;
  if (wish.class_index) {
    options.classes = true;
    const int number = static_cast<int>(*wish.class_index);
    options.channels = {{number, number}};
    options.iterations = kStepsOfClass;
  } else {
    options.layers = {wish.layer};
  }
  const auto atlas = at_low_priority([&] { return study::make_atlas(options); });
  std::vector<AtlasPicture> pictures;
  for (const auto& tile : atlas.layers.at(0).tiles)
    pictures.push_back({wish.class_index ? std::nullopt : tile.channel, study::jpeg_of(tile.picture)});
  cache_.store(key_of(wish), bytes_of(pictures));
  return pictures;
}

}  // namespace dreamreel::studio
