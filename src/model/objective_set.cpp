#include "dreamreel/model/objective_set.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "dreamreel/cards/find_network.h"
#include "dreamreel/cards/labels.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "dreamreel/dream/targets.h"
#include "dreamreel/footage/reader_options.h"
#include "dreamreel/image/pyramid.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/media/reader.h"
#include "dreamreel/model/device.h"
#include "dreamreel/model/network_shelf.h"
#include "dreamreel/network/layer_faults.h"
#include "dreamreel/report/faults.h"

namespace dreamreel::model {
namespace {

std::size_t index_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

std::size_t first_objective_of(const job::Job& job, const cards::NetworkRef& ref) {
  const auto& objectives = job.dream.objectives;
  const auto found = std::ranges::find_if(objectives, [&](const auto& objective) {
    return cards::is_same_network(job::network_of(job, objective), ref);
  });
  return static_cast<std::size_t>(found - objectives.begin());
}

std::string key_of_network(const cards::NetworkRef& ref) {
  return ref.alias.empty() ? "network" : "networks." + ref.alias;
}

// Adds a fault for each objective whose layer does not exist. The message lists the layers that the card
// recommends.
void add_layer_faults(const job::Job& job, const cards::NetworkRef& ref, const network::LoadOptions& options,
                      report::FaultList& faults) {
  std::string recommended;
  for (const auto& layer : ref.recommended_layers) recommended += (recommended.empty() ? "" : ", ") + layer;
  if (!recommended.empty()) recommended = "; recommended layers: " + recommended;
  const auto& objectives = job.dream.objectives;
  for (const auto& fault : network::find_layer_faults(options.path, options.layers))
    for (std::size_t i = 0; i < objectives.size(); ++i)
      if (objectives[i].layer == fault.layer &&
          cards::is_same_network(job::network_of(job, objectives[i]), ref))
        faults.add(
            {ExitCode::bad_job, fmt::format("dream.objectives.{}.layer", i), fault.message + recommended});
}

std::shared_ptr<network::Network> take_or_load(const job::Job& job, const cards::NetworkRef& ref,
                                               NetworkShelf* shelf) {
  const auto options = network_options(job, ref);
  try {
    return shelf != nullptr ? shelf->take(options)
                            : std::make_shared<network::Network>(network::Network::load(options));
  } catch (const JobError&) {
    report::FaultList faults;
    add_layer_faults(job, ref, options, faults);
    faults.throw_if_any();
    throw;
  }
}

void tell_of_windows(const network::Network& network, const cards::NetworkRef& ref) {
  const auto& only = network.only_size();
  if (!only) return;
  const auto size = fmt::format("{}x{} px", only->width, only->height);
  const std::string why = ref.size ? "as network.size says" : "because its layers run at that size alone";
  log_info(fmt::format("network {} sees each frame through windows of {}, {}", ref.name, size, why));
}

at::Tensor first_picture(const media::ReaderOptions& options) {
  const auto frame = media::Reader(options).next();
  if (!frame) throw InputError(options.path.string() + ": no picture could be decoded");
  return frame->rgb;
}

at::Tensor read_picture(const std::filesystem::path& path, std::optional<int> longer_side) {
  media::ReaderOptions options;
  options.path = path;
  const at::Tensor picture = first_picture(options);
  if (!longer_side) return picture;
  const auto longer = static_cast<double>(std::max(picture.size(1), picture.size(2)));
  const auto scaled = [&](std::int64_t side) {
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(side) * *longer_side / longer));
  };
  return image::resize(picture, {scaled(picture.size(1)), scaled(picture.size(2))}).clamp(0, 1);
}

// A dream out of a still has no source after its first frame.
bool feeds_on_a_still(const job::Job& job) {
  return !job.input.noise && job.input.duration &&
         std::ranges::any_of(job.dream.objectives, [](const auto& objective) {
           return objective.kind == ObjectiveKind::content && objective.images.empty();
         });
}

std::int64_t class_called(const std::string& name, const cards::NetworkRef& network, const std::string& key) {
  try {
    return cards::find_class(network, name);
  } catch (const JobError& error) {
    throw JobError(key + ": " + error.what());
  }
}

// Replaces names of classes by numbers of channels.
std::vector<cards::ChannelRange> numbered(std::vector<cards::ChannelRange> channels,
                                          const cards::NetworkRef& network, const std::string& key) {
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (channels[i].class_name.empty()) continue;
    const auto index = class_called(channels[i].class_name, network, fmt::format("{}.{}", key, i));
    channels[i] = {static_cast<int>(index), static_cast<int>(index)};
  }
  return channels;
}

// The channels of `ranges`, each once, in the order of their first mention. `count` is the layer's number of
// channels. Numbers beyond it are kept, so that the caller can complain about them.
std::vector<std::int64_t> listed(const std::vector<cards::ChannelRange>& ranges, std::int64_t count) {
  std::vector<std::int64_t> channels;
  std::vector<bool> taken(static_cast<std::size_t>(count));
  for (const auto& [first, last, class_name] : ranges) {
    for (std::int64_t channel = first; channel <= last && channel < count; ++channel) {
      if (!taken[static_cast<std::size_t>(channel)]) channels.push_back(channel);
      taken[static_cast<std::size_t>(channel)] = true;
    }
    if (last >= count) channels.push_back(last);
  }
  return channels;
}

}  // namespace

network::LoadOptions network_options(const job::Job& job, const cards::NetworkRef& network) {
  cards::require_file(network);
  network::LoadOptions options;
  options.path = network.path;
  options.scaling = input_scaling(network.input);
  for (const auto& objective : job.dream.objectives)
    if (cards::is_same_network(job::network_of(job, objective), network) &&
        std::ranges::find(options.layers, objective.layer) == options.layers.end())
      options.layers.push_back(objective.layer);
  options.size = network.size.value_or(0);
  options.ablated = ablated_layers(network);
  options.device = resolve_device(job.device);
  options.precision = resolve_precision(job.precision, options.device);
  options.executor = job.executor;
  return options;
}

ObjectiveSet::ObjectiveSet(const job::Job& job) : ObjectiveSet(job, nullptr) {}

ObjectiveSet::ObjectiveSet(const job::Job& job, NetworkShelf& shelf) : ObjectiveSet(job, &shelf) {}

ObjectiveSet::ObjectiveSet(const job::Job& job, NetworkShelf* shelf)
    : job_(job), refs_(job::networks_of(job)) {
  report::FaultList faults;
  for (const auto& ref : refs_)
    faults.guard(key_of_network(ref), [&] {
      networks_.push_back(take_or_load(job, ref, shelf));
      tell_of_windows(*networks_.back(), ref);
    });
  faults.throw_if_any();
  for (std::size_t i = 0; i < refs_.size(); ++i)
    faults.guard(key_of_network(refs_[i]) + ".ablate", [&] {
      if (!refs_[i].ablate.empty())
        lesions_.push_back({first_objective_of(job, refs_[i]), Lesions(refs_[i], *networks_[i], job.seed)});
    });
  for (std::size_t i = 0; i < job.dream.objectives.size(); ++i) {
    const std::string key = fmt::format("dream.objectives.{}", i);
    faults.guard(key, [&] { objectives_.push_back(prepared(job.dream.objectives[i], key)); });
  }
  faults.throw_if_any();
  if (feeds_on_a_still(job)) {
    media::ReaderOptions options = footage::reader_options(job.input);
    still_ = first_picture(options).to(device());
  }
}

void ObjectiveSet::apply_lesions(const curve::CurveTime& time) {
  apply_lesions(job_, time);
}

// Networks are told apart by the curves of their lesions too, which may differ in `job`. So each network is
// found by an objective that dreams with it.
void ObjectiveSet::apply_lesions(const job::Job& job, const curve::CurveTime& time) {
  for (auto& [objective, lesions] : lesions_)
    lesions.apply(job::network_of(job, job.dream.objectives[objective]), time);
}

dream::Networks ObjectiveSet::networks() const {
  std::vector<const network::Network*> all;
  for (const auto& network : networks_) all.push_back(network.get());
  return dream::Networks(std::move(all));
}

dream::Objective ObjectiveSet::prepared(const job::LayerObjective& objective, const std::string& key) const {
  dream::Objective result;
  result.network = cards::index_of_network(refs_, job::network_of(job_, objective));
  const auto& network = *networks_[result.network];
  result.layer = index_of(network.layers(), objective.layer);
  result.kind = objective.kind;
  const auto& ref = job::network_of(job_, objective);
  if (!objective.channels.empty())
    result.channels = listed(numbered(objective.channels, ref, key + ".channels"),
                             dream::channels_of(network, result.layer));
  if (objective.class_index) result.channels = {*objective.class_index};
  if (!objective.class_name.empty())
    result.channels = {class_called(objective.class_name, ref, key + ".class")};
  if (!result.channels.empty()) {
    const auto count = dream::channels_of(network, result.layer);
    const auto largest = *std::ranges::max_element(result.channels);
    if (largest >= count)
      throw JobError(fmt::format("{}{}: layer {} has {} channels, 0 to {}; got {}", key,
                                 result.kind == dream::Kind::logit ? ".class" : ".channels", objective.layer,
                                 count, count - 1, largest));
  }
  add_target(result, objective, key);
  return result;
}

void ObjectiveSet::add_target(dream::Objective& prepared, const job::LayerObjective& objective,
                              const std::string& key) const {
  const auto& network = *networks_[prepared.network];
  switch (prepared.kind) {
    case dream::Kind::guide:
      prepared.target =
          dream::guide_target(network, prepared.layer, pictures_of(objective, key), objective.match);
      return;
    case dream::Kind::style:
      prepared.target = dream::style_target(network, prepared.layer, pictures_of(objective, key));
      return;
    case dream::Kind::content:
      if (!objective.images.empty())
        prepared.picture = read_picture(objective.images.front(), {}).to(network.device());
      return;
    case dream::Kind::direction:
      try {
        prepared.target = dream::direction_target(network, prepared.layer, objective.vector);
      } catch (const std::invalid_argument& wrong) {
        throw JobError(fmt::format("{}.vector: {}", key, wrong.what()));
      }
      return;
    default:
      return;
  }
}

std::vector<at::Tensor> ObjectiveSet::pictures_of(const job::LayerObjective& objective,
                                                  const std::string& key) const {
  const auto side = networks().min_input_side();
  std::vector<at::Tensor> pictures;
  for (const auto& path : objective.images) {
    pictures.push_back(read_picture(path, objective.size).to(device()));
    const auto shorter = std::min(pictures.back().size(1), pictures.back().size(2));
    if (shorter < side)
      throw JobError(
          fmt::format("{}.image: {} is {}x{}, but the wanted layers need at least {} px on the shorter side; "
                      "give a larger size",
                      key, path.string(), pictures.back().size(2), pictures.back().size(1), side));
  }
  return pictures;
}

std::vector<dream::Objective> ObjectiveSet::at(const curve::CurveTime& time, const at::Tensor& source) const {
  return at(job_, time, source);
}

std::vector<dream::Objective> ObjectiveSet::at(const job::Job& job, const curve::CurveTime& time,
                                               const at::Tensor& source) const {
  std::vector<dream::Objective> objectives = objectives_;
  for (std::size_t i = 0; i < objectives.size(); ++i) {
    const auto& said = job.dream.objectives[i];
    objectives[i].weight = said.weight.at(time);
    objectives[i].at_x = said.at_x.at(time);
    objectives[i].at_y = said.at_y.at(time);
    objectives[i].selectivity = said.selectivity.at(time);
    objectives[i].rivals = said.rivals.at(time);
    if (objectives[i].kind == dream::Kind::content && !objectives[i].picture.defined())
      objectives[i].picture = source.defined() ? source : still_;
  }
  return objectives;
}

}  // namespace dreamreel::model
