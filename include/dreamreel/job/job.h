// The checked values of one job, which a YAML file describes. Each member's initial value is the default of
// its key. Ranges and documentation of all keys are in the tables of src/job/schema.cpp. Nothing here knows
// Torch, libav or OpenCV.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "dreamreel/cards/network_ref.h"
#include "dreamreel/core/choices.h"
#include "dreamreel/job/audio.h"
#include "dreamreel/job/camera.h"
#include "dreamreel/job/colour.h"
#include "dreamreel/job/dream.h"
#include "dreamreel/job/input.h"
#include "dreamreel/job/load_options.h"
#include "dreamreel/job/mask.h"
#include "dreamreel/job/output.h"
#include "dreamreel/job/series.h"
#include "dreamreel/job/temporal.h"
#include "dreamreel/settings/key_places.h"

namespace dreamreel::job {

enum class Precision { automatic, fp32, bf16, fp16 };
using cards::NetworkRef;
using dreamreel::Executor;

struct Job {
  std::filesystem::path file;  ///< the job file itself
  Input input;
  Output output;                     ///< the first one; job/outputs.h tells about all of them
  std::vector<Output> more_outputs;  ///< further files of the same frames; `output.loop` holds for them too
  NetworkRef network;
  std::map<std::string, NetworkRef> networks;  ///< more networks, by the names that objectives use
  std::string device = "auto";                 ///< auto | cpu | cuda | cuda:N
  Precision precision = Precision::automatic;
  Executor executor = Executor::fused;
  std::uint64_t seed = 0;
  Dream dream;
  Temporal temporal;
  Camera camera;
  Colour colour;
  Audio audio;
  std::map<std::string, SeriesFile> series;  ///< variables for expressions, by name
  bool operator==(const Job&) const = default;
};

/// Reads the file, its chain of `extends`, its look and the overrides. A picture, a clip or a folder of
/// pictures stands for a job that dreams on it (job/input_job.h). The override "look=NAME" lays a look
/// beneath what the files say.
/// Throws JobError (78) with all problems, one per line: "file:line: path.to.key: expected ..., got ...".
/// Throws InputError (66) if the file itself cannot be read.
Job load_job(const std::filesystem::path& path, const LoadOptions& options);

/// What the command line asks of the output.
struct AskedOutput {
  std::filesystem::path path;  ///< relative to the current folder; "": as the job says
  /// Only some frames are rendered. A single picture may then be one frame of a film.
  bool is_excerpt = false;
};

/// load_job(), which also fills in the places of all keys. The path of `asked` counts as the last override.
Job load_job(const std::filesystem::path& path, const LoadOptions& options, const AskedOutput& asked,
             settings::KeyPlaces& places);

/// The resolved job as YAML with absolute paths. load_job() reads the same values back. The text is UTF-8,
/// even if the names of files are not.
std::string to_yaml(const Job& job);

/// Reads a job that to_yaml() wrote, as a plan contains it. Messages call it `name`. Throws JobError, also if
/// the job extends another file. options.overrides are ignored.
Job parse_job(const std::string& yaml, const std::filesystem::path& name, const LoadOptions& options);

/// `text` as a YAML value on one line, for an override. Every byte survives.
std::string as_yaml(const std::string& text);

}  // namespace dreamreel::job
