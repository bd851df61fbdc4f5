#include "mask_network.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <system_error>

#include "dreamreel/job/networks.h"

namespace dreamreel::job {
namespace {

struct NamedMask {
  std::string key;
  Place place;
  Mask* mask;
};

const Value* mask_in(const Value* map) {
  return map == nullptr ? nullptr : map->find("mask");
}

// Every mask that a network makes.
std::vector<NamedMask> masks_of(const Value& root, Job& job) {
  std::vector<NamedMask> masks;
  const Value* const dream = root.find("dream");
  const auto add = [&](const std::string& key, const Value* value, std::optional<Mask>& mask) {
    const bool is_of_network =
        mask && (mask->from == Mask::From::person || mask->from == Mask::From::class_map);
    if (is_of_network) masks.push_back({key, value == nullptr ? root.place : value->place, &*mask});
  };
  add("dream.mask", mask_in(dream), job.dream.mask);
  const Value* const list = dream == nullptr ? nullptr : dream->find("objectives");
  for (std::size_t i = 0; i < job.dream.objectives.size(); ++i) {
    const bool is_listed = list != nullptr && list->is_list() && i < list->items.size();
    add(fmt::format("dream.objectives.{}.mask", i), is_listed ? mask_in(&list->items[i]) : nullptr,
        job.dream.objectives[i].mask);
  }
  return masks;
}

bool is_fetched(const NetworkRef& network) {
  std::error_code unreadable;
  return std::filesystem::exists(network.path, unreadable);
}

class MaskNetworks {
 public:
  MaskNetworks(const Job& job, const LoadOptions& options, Problems& problems)
      : own_(class_networks_of(job)), job_(job), cards_(cards_with_classes(options)), problems_(problems) {}

  void fill(const NamedMask& named) {
    Mask& mask = *named.mask;
    if (!mask.network) mask.network = mask.from == Mask::From::person ? of_person(named) : of_class(named);
    if (mask.network && class_layers_of(*mask.network).empty())
      problems_.add(named.place, named.key + ".network",
                    fmt::format("the card of network {} names no layer of classes; the cards that do are {}",
                                mask.network->name, names_of(cards_.networks())));
  }

 private:
  std::optional<NetworkRef> of_person(const NamedMask& named) {
    if (const auto own = own_.of_persons(); !own.empty()) return own.front();
    std::optional<NetworkRef> first;
    for (const char* const name : {"selfie", "meet"}) {
      const auto card = std::ranges::find(cards_.networks(), name, &NetworkRef::name);
      if (card == cards_.networks().end()) continue;
      if (is_fetched(*card)) return *card;
      if (!first) first = *card;  // loading it says how to fetch it
    }
    if (!first)
      problems_.add(named.place, named.key + ".network",
                    "missing; there is no card selfie or meet: name a network that knows persons");
    return first;
  }

  std::optional<NetworkRef> of_class(const NamedMask& named) {
    const Mask& mask = *named.mask;
    if (mask.class_index) return job_.network;
    if (mask.class_name.empty()) return {};  // already reported
    auto own = own_.that_know(mask.class_name);
    std::erase_if(own, [](const NetworkRef& network) { return network.class_layers.empty(); });
    if (!own.empty()) return own.front();
    const auto others = cards_.that_know(mask.class_name);
    problems_.add(named.place, named.key + ".class",
                  others.empty()
                      ? fmt::format("no card knows a class called {}{}", in_quotes(mask.class_name),
                                    cards_.near(mask.class_name))
                      : fmt::format("no network of the job knows {}; say which shall see it: network: {}",
                                    in_quotes(mask.class_name), names_of(others)));
    return {};
  }

  ClassFinder own_;
  const Job& job_;
  ClassFinder cards_;
  Problems& problems_;
};

}  // namespace

void fill_mask_networks(const Value& root, Job& job, const LoadOptions& options, Problems& problems) {
  const auto masks = masks_of(root, job);
  if (masks.empty()) return;  // so that most jobs read no card
  MaskNetworks networks(job, options, problems);
  for (const auto& mask : masks) networks.fill(mask);
}

}  // namespace dreamreel::job
