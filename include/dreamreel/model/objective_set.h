// The networks and objectives of a job. Everything about them that does not change over time is computed
// once: guides, Gram matrices, classes by name. Loading finds every missing layer, channel, class or picture
// before anything is rendered.
#pragma once

#include <memory>
#include <vector>

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/dream/networks.h"
#include "dreamreel/dream/objective.h"
#include "dreamreel/job/job.h"
#include "dreamreel/model/lesions.h"
#include "dreamreel/network/network.h"

namespace dreamreel::model {

/// The options for loading `network`: every layer that objectives name on it, each once and in their order,
/// and the layers of its lesions. Throws UnavailableError if the network's file, the device or the precision
/// is not available.
network::LoadOptions network_options(const job::Job& job, const cards::NetworkRef& network);

class NetworkShelf;

class ObjectiveSet {
 public:
  ObjectiveSet(const ObjectiveSet&) = delete;  // not copied, because the lesions refer to its networks
  ObjectiveSet& operator=(const ObjectiveSet&) = delete;
  /// Loads networks and pictures. Throws what loading a network throws. Throws JobError if a channel, class
  /// or vector does not fit its layer, if the label file lacks a class name, or if a picture is too small for
  /// a layer. Throws InputError if a picture cannot be read.
  explicit ObjectiveSet(const job::Job& job);
  /// The same with networks of the shelf, which loads the missing ones. No other set may use these networks
  /// at the same time.
  ObjectiveSet(const job::Job& job, NetworkShelf& shelf);

  /// Sets the networks' lesions for one time. They stay until the next call. Before the first call, networks
  /// have no lesions, so the features of guides and styles come from whole networks. Must be called before
  /// ascending, on the networks' thread.
  void apply_lesions(const curve::CurveTime& time);
  /// The same with the curves of `job`, which has the objectives and lesions of the set's own job.
  void apply_lesions(const job::Job& job, const curve::CurveTime& time);

  dream::Networks networks() const;
  at::Device device() const { return networks_.front()->device(); }

  /// The objectives at one time, in the order of the job. `source` is (3,H,W). Content objectives without a
  /// picture of their own stay near it. It is undefined if the dream feeds on itself; such objectives then
  /// stay near the still that the dream began with.
  std::vector<dream::Objective> at(const curve::CurveTime& time, const at::Tensor& source) const;
  /// The same with the curves of `job`, which has the objectives of the set's own job.
  std::vector<dream::Objective> at(const job::Job& job, const curve::CurveTime& time,
                                   const at::Tensor& source) const;

 private:
  ObjectiveSet(const job::Job& job, NetworkShelf* shelf);
  dream::Objective prepared(const job::LayerObjective& objective, const std::string& key) const;
  void add_target(dream::Objective& prepared, const job::LayerObjective& objective,
                  const std::string& key) const;
  std::vector<at::Tensor> pictures_of(const job::LayerObjective& objective, const std::string& key) const;

  const job::Job& job_;
  std::vector<cards::NetworkRef> refs_;
  std::vector<std::shared_ptr<network::Network>> networks_;
  struct LesionsOfNetwork {
    std::size_t objective = 0;  // the first one that dreams with the network
    Lesions lesions;
  };
  std::vector<LesionsOfNetwork> lesions_;  // one for each network with lesions
  std::vector<dream::Objective> objectives_;
  at::Tensor still_;  // first picture of a still that becomes a video
};

}  // namespace dreamreel::model
