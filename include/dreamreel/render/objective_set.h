// The networks of a job and its objectives, with everything that does not change over time computed once: guides, Gram
// matrices, classes by name. Loading it finds every layer, channel, class or picture that is not there, before anything
// is rendered.
#pragma once

#include <memory>
#include <vector>

#include "dreamreel/dream/networks.h"
#include "dreamreel/dream/objective.h"
#include "dreamreel/job/job.h"
#include "dreamreel/network/network.h"
#include "dreamreel/render/lesions.h"

namespace dreamreel::render {

/// `network` with every layer that objectives on it name, each once, in their order, and those of its lesions. Throws
/// UnavailableError if the network's file, the device or the precision is not there.
network::LoadOptions network_options(const job::Job& job, const job::NetworkRef& network);

class NetworkShelf;

class ObjectiveSet {
 public:
  ObjectiveSet(const ObjectiveSet&) = delete;  // the lesions refer to its networks
  ObjectiveSet& operator=(const ObjectiveSet&) = delete;
  /// Throws what loading a network throws, JobError for a channel, class or vector that does not fit its layer, for a
  /// class name that its label file does not have and for pictures too small for a layer, InputError for a picture
  /// that cannot be read.
  explicit ObjectiveSet(const job::Job& job);
  /// The same with networks of the shelf, which loads those that it has not. No other set may use them meanwhile.
  ObjectiveSet(const job::Job& job, NetworkShelf& shelf);

  /// Sets the networks' lesions for one time, until the next call; before the first they are whole, and so guides and
  /// styles are what the whole networks see in their pictures. Call before ascending, on the networks' thread.
  void apply_lesions(const curve::CurveTime& time);

  dream::Networks networks() const;
  at::Device device() const { return networks_.front()->device(); }

  /// The objectives at one time, in the job's order. `source`: (3,H,W), what content objectives without a picture of
  /// their own stay near; undefined where the dream feeds on itself: then the still it began with.
  std::vector<dream::Objective> at(const curve::CurveTime& time, const at::Tensor& source) const;

 private:
  ObjectiveSet(const job::Job& job, NetworkShelf* shelf);
  dream::Objective prepared(const job::LayerObjective& objective, const std::string& key) const;
  void add_target(dream::Objective& prepared, const job::LayerObjective& objective,
                  const std::string& key) const;
  std::vector<at::Tensor> pictures_of(const job::LayerObjective& objective, const std::string& key) const;

  const job::Job& job_;
  std::vector<job::NetworkRef> refs_;
  std::vector<std::shared_ptr<network::Network>> networks_;
  std::vector<Lesions> lesions_;  // one for each network that has any
  std::vector<dream::Objective> objectives_;
  at::Tensor still_;  // what a job that makes a still a video begins with
};

}  // namespace dreamreel::render
