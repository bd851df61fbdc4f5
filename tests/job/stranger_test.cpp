// Tests strangers' jobs, cards and label files: they cannot open or show other files, and every number has a
// bound.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <random>

#include "dreamreel/cards/labels.h"
#include "dreamreel/job/curves.h"
#include "job_files.h"

namespace dreamreel::job {
namespace {

using test::JobFolder;
using test::kMinimal;
using test::repeated;
using test::with_dream;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Strangers, PipesAndDevicesAreNotReadAsJobs) {
  const JobFolder folder;
  ASSERT_EQ(mkfifo(folder.path("pipe.yaml").c_str(), 0600), 0);
  EXPECT_THROW(folder.load("pipe.yaml"), InputError);
  EXPECT_THROW(load_job("/dev/zero", folder.options), InputError);
  EXPECT_THAT(folder.errors_of("extends: pipe.yaml\n"), HasSubstr("it is a pipe or a device, not a file"));
  EXPECT_THAT(folder.errors_of("extends: /dev/zero\n"), HasSubstr("it is a pipe or a device, not a file"));
  folder.write("big.yaml", std::string(5 << 20, '#'));
  EXPECT_THAT(folder.errors_of("extends: big.yaml\n"), HasSubstr("expected at most 4 MiB of YAML"));
}

TEST(Strangers, WhatAnExtendedFileSaysIsNotRepeatedIfItIsNoJob) {
  const JobFolder folder;
  for (const std::string secret :
       {"hunter2", "- hunter2\n- x\n", "hunter2: [", "root:hunter2:0\nx: hunter2:1\n"}) {
    folder.write("secret", secret);
    EXPECT_THAT(folder.errors_of("extends: secret\n"),
                AllOf(StartsWith("secret:"), Not(HasSubstr("hunter2"))));
  }
}

TEST(Strangers, AChainOfFilesEnds) {
  const JobFolder folder;
  for (int i = 0; i < 40; ++i)
    folder.write(std::to_string(i) + ".yaml", "extends: " + std::to_string(i + 1) + ".yaml\n");
  EXPECT_THAT(folder.errors("0.yaml"), HasSubstr("expected at most 32 files one behind the other"));
}

TEST(Strangers, CardsNameNoFilesElsewhere) {
  const JobFolder folder;
  for (const std::string key : {"file", "labels"})
    for (const std::string path : {"/etc/passwd", "../up.onnx", "a/../../b"}) {
      folder.write("cards/odd.yaml", "name: odd\n" + (key == "file" ? "" : std::string("file: a.onnx\n")) +
                                         key + ": " + path + "\n");
      EXPECT_THAT(folder.errors_of("network: odd\ninput: {path: i}\noutput: {path: o}\ndream: {objectives: "
                                   "[{layer: a}]}\n"),
                  HasSubstr(key + ": expected the name of "))
          << path;
    }
}

TEST(Strangers, NamesAreShownOnOneLine) {
  const JobFolder folder;
  EXPECT_EQ(folder.errors_of(kMinimal + "\"a\\nopenjd_progress: 100\\e[2J\": 1\n").find('\n'),
            std::string::npos);
  folder.write("odd\nopenjd_progress: 100.yaml", "seed: x\n");
  try {
    load_job(folder.path("odd\nopenjd_progress: 100.yaml"), folder.options);
    FAIL();
  } catch (const JobError& error) {
    EXPECT_THAT(error.what(), HasSubstr("odd\\nopenjd_progress: 100.yaml:1: seed: "));
  }
}

TEST(Strangers, FramesHaveABound) {
  const JobFolder folder;
  const auto noise = [&](const std::string& keys) {
    return folder.errors_of(
        "network: net\noutput: {path: o}\ndream: {objectives: [{layer: a}]}\ninput: {noise: {" + keys +
        "}}\n");
  };
  EXPECT_THAT(noise("duration: 1e9s, fps: 1e6"), AllOf(HasSubstr("input.noise.duration: expected a time"),
                                                       HasSubstr("input.noise.fps: expected")));
  EXPECT_EQ(
      noise("duration: 1000000000s, fps: 1000000"),
      "job.yaml:4: input.noise.duration: expected at most 10000000 frames, got 1000000000s at 1e+06 frames a "
      "second, which are 1e+15");
  EXPECT_THAT(noise("duration: 10000001f"), StartsWith("job.yaml:4: input.noise.duration: expected at most"));
  EXPECT_EQ(noise("duration: 10000000f"), "");
  EXPECT_THAT(folder.errors_of("network: net\noutput: {path: o}\ndream: {objectives: [{layer: a}]}\n"
                               "input: {path: a.png, fps: 1000, duration: 999999s}\n"),
              StartsWith("job.yaml:4: input.duration: expected at most 10000000 frames"));
}

TEST(Strangers, ListsHaveABound) {
  const JobFolder folder;
  EXPECT_THAT(folder.errors_of("network: net\ninput: {path: i}\noutput: {path: o}\ndream: {objectives: [" +
                               repeated("{layer: a},", 10'001) + "]}\n"),
              HasSubstr("dream.objectives: expected at most 10000 items, got a list of 10001"));
  EXPECT_THAT(folder.errors_of(with_dream("journey: {layers: [" + repeated("a,", 10'001) + "]}")),
              HasSubstr("dream.journey.layers: expected at most 10000 items"));
  std::string keys;
  for (int i = 0; i < 10'001; ++i) keys += std::to_string(i) + "s: 1, ";
  EXPECT_THAT(folder.errors_of(with_dream("step: {" + keys + "}")),
              HasSubstr("dream.step: expected at most 10000 keyframes, got 10001"));
  std::string networks;
  for (int i = 0; i < 65; ++i) networks += "n" + std::to_string(i) + ": net, ";
  EXPECT_THAT(folder.errors_of(kMinimal + "networks: {" + networks + "}\n"),
              HasSubstr("networks: expected at most 64 networks, got 65"));
}

TEST(Strangers, NumbersHaveABound) {
  const JobFolder folder;
  for (const std::string keys :
       {"camera: {rotate: 1e9}", "camera: {pan: [1e300, 0]}", "camera: {pivot: [0, -1e9]}"})
    EXPECT_THAT(folder.errors_of(kMinimal + keys + "\n"), HasSubstr("expected a number from -")) << keys;
  folder.write("x.onnx", "");
  for (const std::string keys : {"scale: 1e300", "scale: 1e-300", "mean: [1e9, 0, 0]", "std: [1, 1, 1e-30]"})
    EXPECT_THAT(
        folder.errors_of("network: {path: x.onnx, " + keys +
                         "}\ninput: {path: i}\noutput: {path: o}\ndream: {objectives: [{layer: a}]}\n"),
        HasSubstr("a number from "))
        << keys;
}

TEST(Strangers, ManyMistakesAreAnsweredQuickly) {
  const JobFolder folder;
  std::string yaml = kMinimal;
  for (int i = 0; i < 90'000; ++i) yaml += "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz" + std::to_string(i) + ": 1\n";
  EXPECT_THAT(folder.errors_of(yaml), HasSubstr("\nand 89900 more"));
}

TEST(Strangers, CurvesThatTakeForEverAreRefused) {
  const JobFolder folder;
  const std::string search = "root(" + repeated(" ", 9900) + "ld(0)-t,1)";
  const Job one = folder.load_text(with_dream("step: \"clip(" + search + ",0,1)\""));
  EXPECT_GT(settings::cost_of(list_curves(one)), 9'000'000);
  const Job job = folder.load_text(
      with_dream("step: \"clip(" + search + ",0,1)\", opacity: \"clip(" + search +
                 ",0,1)\", jitter: \"clip(" + search + ",0,1)\", stop_below: \"clip(" + search +
                 ",0,1)\", octaves: \"clip(" + search + ",1,2)\", iterations: \"clip(" + search + ",0,1)\""));
  EXPECT_THROW(settings::cost_of(list_curves(job)), JobError);
  EXPECT_LT(settings::cost_of(list_curves(folder.load_text(with_dream("step: 0.6+0.3*sin(t)")))), 200);
}

TEST(Strangers, LabelFilesHaveABound) {
  const JobFolder folder;
  NetworkRef network;
  network.name = "net";
  network.labels = folder.path("labels.txt");
  folder.write("labels.txt", repeated(std::string(1000, 'x') + "\n", 3000));
  EXPECT_THROW(cards::find_class(network, std::string(1000, 'y')), JobError);
  EXPECT_THROW(cards::find_class(network, std::string(1 << 20, 'x')), JobError);
  folder.write("labels.txt", std::string(5 << 20, 'x'));
  EXPECT_THROW(cards::read_labels(network.labels), InputError);
  EXPECT_THROW(cards::read_labels("/dev/zero"), InputError);
  folder.write("labels.txt", repeated("hen\n", 10'000));
  try {
    cards::find_class(network, "hen");
    FAIL();
  } catch (const JobError& error) {
    EXPECT_LT(std::string(error.what()).size(), 500U);
  }
}

TEST(ParseJob, TakesWhatToYamlGivesFromMemory) {
  const JobFolder folder;
  const Job job = folder.load_text(kMinimal + "seed: 3\n");
  const Job again = parse_job(to_yaml(job), folder.path("plan.json"), folder.options);
  EXPECT_EQ(to_yaml(again), to_yaml(job));
  EXPECT_EQ(again.file, folder.path("plan.json"));
  EXPECT_THROW(parse_job("extends: base.yaml\n", folder.path("plan.json"), folder.options), JobError);
}

TEST(ParseJob, KeepsNamesThatAreNotUtf8) {
  const JobFolder folder;
  Job job = folder.load_text(kMinimal);
  job.input.path =
      "/clips/\xfc"
      "bung: #1.mp4";
  job.output.path = "/out/\xf6.mp4";
  const std::string yaml = to_yaml(job);
  EXPECT_THAT(yaml, HasSubstr("!!binary"));
  const Job again = parse_job(yaml, folder.path("plan.json"), folder.options);
  EXPECT_EQ(again.input.path, job.input.path);
  EXPECT_EQ(again.output.path, job.output.path);
}

// Any bytes give a message, and never another exception.
TEST(Strangers, MutationsOfAJobAreSurvived) {
  const std::string seed =
      "extends: a\ninput: {path: &p x, trim: [1s, ~]}\ndream:\n  objectives:\n    - {layer: m, weight: {0s: "
      "1, 4s: {value: 2, ease: in}}}\n  step: !!float 2\n? k\n: |\n  text\nb: *p\n";
  const std::string alphabet = "{}[]:,-?*&!|>'\"%@`# \n\t~0a\xff\xc3";
  std::mt19937 random(1);
  const JobFolder folder;
  int refused = 0;
  constexpr int kRounds = 500;
  for (int round = 0; round < kRounds; ++round) {
    std::string text = seed;
    for (int change = 0; change <= round % 6; ++change) {
      const auto at = random() % text.size();
      if (random() % 3 == 0)
        text.erase(at, 1 + random() % 4);
      else
        text.insert(at, 1, alphabet[random() % alphabet.size()]);
    }
    folder.write("job.yaml", text);
    try {
      folder.load();
    } catch (const JobError&) {
      ++refused;
    }
  }
  EXPECT_EQ(refused, kRounds) << "none of them is a whole job";
}

TEST(AsYaml, SurvivesAnOverride) {
  JobFolder folder;
  for (const std::string name :
       {"/a b: #c.mp4", "/%06d.png", "%06d.png", "/\xfc.mp4", "/a\nb.mp4", "/'\"\\.mp4", "/~"}) {
    folder.options.overrides = {"output.path=" + as_yaml(name)};
    EXPECT_EQ(folder.load_text(kMinimal).output.path.filename(), std::filesystem::path(name).filename());
  }
}

TEST(Binary, IsRefusedWhereItIsNone) {
  const JobFolder folder;
  EXPECT_THAT(folder.errors_of(kMinimal + "device: !!binary \"***\"\n"),
              HasSubstr("a !!binary that is not in base64"));
}

// yaml-cpp 0.7 reads outside its table for these bytes.
TEST(Binary, IsRefusedWithBytesOutsideAscii) {
  const JobFolder folder;
  for (const std::string text : {"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", "temp\xef\xbf\xbd", "\xff\xff\xff\xff"})
    EXPECT_THAT(folder.errors_of(kMinimal + "device: !!binary " + text + "\n"),
                AnyOf(HasSubstr("a !!binary that is not in base64"), HasSubstr("UTF-8")));
}

}  // namespace
}  // namespace dreamreel::job
