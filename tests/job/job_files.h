// A scratch folder with a network card, where tests write job files and read back what loading them says.
#pragma once

#include <string>

#include "dreamreel/core/error.h"
#include "dreamreel/job/job.h"
#include "support/card_folder.h"

namespace dreamreel::job::test {

class JobFolder : public dreamreel::test::CardFolder {
 public:
  JobFolder() { static_cast<cards::Folders&>(options) = folders; }

  Job load(const std::string& name = "job.yaml") const { return load_job(path(name), options); }

  Job load_text(const std::string& text) const {
    write("job.yaml", text);
    return load();
  }

  /// What the JobError says, with the folder's own path taken out; "" if the job loads.
  std::string errors(const std::string& name = "job.yaml") const {
    try {
      load(name);
    } catch (const JobError& error) {
      return without_folder(error.what());
    }
    return "";
  }

  std::string errors_of(const std::string& text) const {
    write("job.yaml", text);
    return errors();
  }

  LoadOptions options;
};

/// The least that a job must say.
inline const std::string kMinimal =
    "network: net\n"
    "input: {path: in.mp4}\n"
    "output: {path: out.mp4}\n"
    "dream: {objectives: [{layer: a}]}\n";

/// What a job needs beside a look.
inline const std::string kInAndOut = "input: {path: in.mp4}\noutput: {path: out.mp4}\n";

/// A job that lacks only its output.
inline const std::string kNoOutput =
    "network: net\ninput: {path: in.mp4}\ndream: {objectives: [{layer: a}]}\n";

/// kMinimal with more keys in `dream`, so that tests of one key stay short; they stand on line 4.
inline std::string with_dream(const std::string& keys) {
  return "network: net\ninput: {path: in.mp4}\noutput: {path: out.mp4}\ndream: {objectives: [{layer: a}], " +
         keys + "}\n";
}

inline std::string repeated(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace dreamreel::job::test
