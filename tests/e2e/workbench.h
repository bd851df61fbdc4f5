// A scratch folder with a tiny network, a short clip and a job, and the executable to run on them.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/device.h"
#include "support/files.h"
#include "support/tiny_network.h"
#include "support/warm_engine.h"

namespace dreamreel::test {

class Workbench {
 public:
  Workbench() { write_tiny_network(folder_.path()); }

  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }

  /// Writes 12 frames of 64x48 at 24 fps with a moving pattern and, if wanted, a tone.
  std::filesystem::path clip(const std::string& name = "clip.mkv", bool sound = true) const {
    std::vector<std::string> args{"-f", "lavfi", "-i", "testsrc2=size=64x48:rate=24:duration=0.5"};
    if (sound)
      args.insert(args.end(), {"-f", "lavfi", "-i", "sine=frequency=440:duration=0.5", "-c:a", "flac"});
    args.insert(args.end(), {"-c:v", "ffv1", (folder_ / name).string()});
    ffmpeg(args);
    return folder_ / name;
  }

  /// Writes a job on clip.mkv that renders within a second; `more` is appended as YAML. If a device under
  /// test is set, the last line names it.
  std::filesystem::path job(const std::string& more = "", const std::string& name = "job.yaml") const {
    write_file(folder_ / name,
               "input: {path: clip.mkv}\n"
               "output: {path: out.mkv}\n"
               "network: {path: tiny.onnx}\n"
               "precision: fp32\n"
               "dream: {objectives: [{layer: mixed1}], octaves: 2, iterations: 3, jitter: 4}\n" +
                   more + (device_name() == "cpu" ? "" : "device: " + device_name() + "\n"));
    return folder_ / name;
  }

  /// Runs the executable under test. Tests often render again over the same output, so this adds -y. Tests of
  /// the question about overwriting call dreamreel_that_asks().
  ProcessResult dreamreel(std::vector<std::string> args) const {
    const bool asks = !args.empty() && (args[0] == "render" || (args[0] == "farm" && args.size() > 1 &&
                                                                (args[1] == "plan" || args[1] == "join")));
    if (asks) args.emplace_back("-y");
    return dreamreel_that_asks(args);
  }

  ProcessResult dreamreel_that_asks(const std::vector<std::string>& args) const {
    return run_engine(DREAMREEL_EXECUTABLE, args);
  }

  /// Names of all entries of the folder that start with `prefix`, including hidden files.
  std::vector<std::string> files(const std::string& prefix = "") const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      if (entry.path().filename().string().starts_with(prefix)) names.push_back(entry.path().filename());
    return names;
  }

  /// One md5 for each decoded frame, with its time stamp.
  static std::string frame_md5s(const std::filesystem::path& video, const std::string& stream = "v") {
    const auto result = run_process(
        {"ffmpeg", "-loglevel", "error", "-i", video.string(), "-map", "0:" + stream, "-f", "framemd5", "-"});
    if (result.exit_code != 0) throw std::runtime_error("ffmpeg: " + result.err);
    return result.out;
  }

  static std::string probe(const std::filesystem::path& file, const std::string& entries,
                           const std::string& streams = "v") {
    return run_process({"ffprobe", "-v", "error", "-select_streams", streams, "-show_entries", entries, "-of",
                        "csv=p=0", file.string()})
        .out;
  }

 private:
  ScratchDir folder_;
};

}  // namespace dreamreel::test
