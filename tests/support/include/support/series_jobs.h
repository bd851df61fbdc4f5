// Jobs with a clip of 4 s, two sounds that may be stems, and series that a test writes.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "dreamreel/job/job.h"
#include "dreamreel/media/reader.h"
#include "support/files.h"
#include "support/scoped_environment.h"

namespace dreamreel::test {

class SeriesJobs : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new ScratchDir;
    ffmpeg(
        {"-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=4", "-c:v", "ffv1", (*folder_ / "clip.mkv").string()});
    for (const auto& [name, begin, length] : {std::tuple{"late.wav", "2", "4"}, {"early.wav", "1", "1.5"}})
      ffmpeg({"-f", "lavfi", "-i",
              std::string("aevalsrc='between(t,") + begin + "," + begin +
                  "+0.03)*sin(2*PI*8000*t)':s=48000:d=" + length,
              (*folder_ / name).string()});
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static void write(const std::string& name, const std::string& text) { write_file(*folder_ / name, text); }

  static job::Job job(const std::string& keys, const std::string& input = "path: clip.mkv") {
    write("job.yaml", "input: {" + input +
                          "}\noutput: {path: out.mkv}\nnetwork: {path: net.onnx}\n"
                          "dream: {objectives: [{layer: a}]}\n" +
                          keys);
    return job::load_job(*folder_ / "job.yaml", {});
  }

  static media::VideoInfo info(const job::Job& job) {
    media::ReaderOptions options;
    options.path = job.input.path;
    options.trim_start = job.input.trim_start;
    return media::Reader(options).info();
  }

  static inline ScratchDir* folder_ = nullptr;

 private:
  ScopedEnvironment cache_folder_{"XDG_CACHE_HOME", (*folder_ / "cache").c_str()};
};

inline const std::string kStems =
    "audio: {stems: {early: early.wav, late: late.wav}, treble: {release: 0}, loudness: {release: 0}}\n";

}  // namespace dreamreel::test
