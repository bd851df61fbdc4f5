// Uses the installed headers, libraries and configuration: reads a job file, and expects a file that is no
// network to be refused. This links every library and the third parties behind it.
#include <cstdio>
#include <filesystem>

#include "dreamreel/core/error.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/job/job.h"
#include "dreamreel/network/layer_list.h"
#include "dreamreel/network/network.h"

namespace {

const std::filesystem::path kData = DREAMREEL_DATA_DIR;

bool reads_an_installed_job() {
  dreamreel::job::LoadOptions options;
  options.card_folders = {kData / "networks"};
  const auto job = dreamreel::job::load_job(kData / "configs" / "infinite_zoom.yaml", options);
  return !job.dream.objectives.empty();
}

bool refuses_what_is_no_network() {
  try {
    dreamreel::network::list_layers(kData / "configs" / "base.yaml");
    return false;
  } catch (const dreamreel::InputError& error) {
    std::printf("as it should: %s\n", error.what());
    return true;
  }
}

bool makes_noise() {
  const auto noise = dreamreel::image::noise_frame(4, 6, {.seed = 1}, dreamreel::Purpose::start_noise);
  return noise.size(1) == 4 && noise.size(2) == 6;
}

}  // namespace

int main() {
  return reads_an_installed_job() && refuses_what_is_no_network() && makes_noise() ? 0 : 1;
}
