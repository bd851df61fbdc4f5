// Compares kinds of dense optical flow on scenes whose motion is exactly known: layers with textures that
// move, turn, grow and hide each other (tests/support/include/support/layered_scene.h). The results are in
// docs/engineering/flow.md.
//
// Usage: flow_benchmark [--size WIDTHxHEIGHT] [--seeds N] [--only TEXT] [PHOTO...]. Without photos, textures
// are drawn. Each method finds the motion in both directions, one after the other, on one thread. If CMake
// has found opencv2/optflow.hpp (Debian: libopencv-contrib-dev), DeepFlow and dense RLOF take part.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cstdio>
#include <ctime>
#include <functional>
#include <map>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>
#include <string>
#include <vector>

#include "dreamreel/flow/flow_estimator.h"
#include "dreamreel/flow/reliability.h"
#include "dreamreel/image/frame.h"
#include "dreamreel/image/pyramid.h"
#include "dreamreel/media/reader.h"
#include "support/layered_scene.h"
#ifdef DREAMREEL_OPTFLOW
#include <opencv2/optflow.hpp>
#endif

namespace dreamreel {
namespace {

struct Picture {
  at::Tensor rgb;
  cv::Mat luma, bgr;  // 8 bits
};

/// "From a to b": what is at p in `a` is at p + flow(p) in `b`.
using Calculate = std::function<cv::Mat(const Picture& a, const Picture& b)>;
struct Candidate {
  std::string name;
  Calculate calculate;
};

Picture picture_of(const at::Tensor& rgb) {
  const at::Tensor levels = rgb.mul(255).round().clamp(0, 255).to(at::kByte).permute({1, 2, 0}).contiguous();
  const cv::Mat view(static_cast<int>(levels.size(0)), static_cast<int>(levels.size(1)), CV_8UC3,
                     levels.data_ptr<std::uint8_t>());
  Picture picture{rgb, {}, {}};
  cv::cvtColor(view, picture.bgr, cv::COLOR_RGB2BGR);
  cv::cvtColor(view, picture.luma, cv::COLOR_RGB2GRAY);
  return picture;
}

at::Tensor tensor_of(const cv::Mat& field) {
  return at::from_blob(field.data, {field.rows, field.cols, 2}, at::kFloat).permute({2, 0, 1}).clone();
}

Calculate of_luma(const cv::Ptr<cv::DenseOpticalFlow>& algorithm) {
  return [algorithm](const Picture& a, const Picture& b) {
    cv::Mat field;
    algorithm->calc(a.luma, b.luma, field);
    return field;
  };
}

struct DisSettings {
  int finest = 1, stride = 3, patch = 8, refinements = 5;
};
cv::Ptr<cv::DISOpticalFlow> make_dis(const DisSettings& settings) {
  const auto algorithm = cv::DISOpticalFlow::create(cv::DISOpticalFlow::PRESET_MEDIUM);
  algorithm->setFinestScale(settings.finest);
  algorithm->setPatchSize(settings.patch);
  algorithm->setPatchStride(settings.stride);
  algorithm->setVariationalRefinementIterations(settings.refinements);
  return algorithm;
}
Candidate dis(const std::string& name, const DisSettings& settings) {
  return {name, of_luma(make_dis(settings))};
}

// The flow of the first method is where DIS begins.
Candidate two_rounds(const Candidate& first, const std::string& name, const DisSettings& settings) {
  return {name, [first, second = make_dis(settings)](const Picture& a, const Picture& b) {
            cv::Mat field = first.calculate(a, b);
            second->calc(a.luma, b.luma, field);
            return field;
          }};
}

// Refines the result of another method, at full size.
Candidate refined(const Candidate& first, int iterations, float smoothness) {
  const auto refinement = cv::VariationalRefinement::create();
  refinement->setFixedPointIterations(iterations);
  refinement->setAlpha(smoothness);
  return {first.name + ", then refined " + std::to_string(iterations) + "x, alpha " +
              std::to_string(static_cast<int>(smoothness)),
          [first, refinement](const Picture& a, const Picture& b) {
            cv::Mat field = first.calculate(a, b);
            refinement->calc(a.luma, b.luma, field);
            return field;
          }};
}

// Takes the median of a small square, in each component. (Sun, Roth, Black 2010.)
Candidate with_median(const Candidate& first) {
  return {first.name + ", then median 5x5", [first](const Picture& a, const Picture& b) {
            constexpr int kSide = 5;
            cv::Mat field = first.calculate(a, b);
            std::vector<cv::Mat> components;
            cv::split(field, components);
            for (auto& component : components) cv::medianBlur(component, component, kSide);
            cv::merge(components, field);
            return field;
          }};
}

#ifdef DREAMREEL_OPTFLOW
void add_contrib(std::vector<Candidate>& candidates) {
  candidates.push_back({"DeepFlow", of_luma(cv::optflow::createOptFlow_DeepFlow())});
  for (const auto& [name, interpolation] : {std::pair{"dense RLOF, geodesic", cv::optflow::INTERP_GEO},
                                            {"dense RLOF, EPIC", cv::optflow::INTERP_EPIC}}) {
    const auto algorithm = cv::optflow::DenseRLOFOpticalFlow::create();
    algorithm->setInterpolation(interpolation);
    candidates.push_back({name, [algorithm](const Picture& a, const Picture& b) {
                            cv::Mat field;
                            algorithm->calc(a.bgr, b.bgr, field);
                            return field;
                          }});
  }
}
#else
void add_contrib(std::vector<Candidate>&) {}
#endif

std::vector<Candidate> all_candidates() {
  using cv::DISOpticalFlow;
  const Candidate medium{"DIS medium (`dis`)",
                         of_luma(DISOpticalFlow::create(DISOpticalFlow::PRESET_MEDIUM))};
  const auto fine = [](int stride, int refinements = 5, int patch = 8) {
    return dis("DIS, finest scale 0, stride " + std::to_string(stride) +
                   (patch == 8 ? "" : ", patch " + std::to_string(patch)) +
                   (refinements == 5 ? "" : ", " + std::to_string(refinements) + " refinements"),
               {.finest = 0, .stride = stride, .patch = patch, .refinements = refinements});
  };
  std::vector<Candidate> candidates{
      medium,
      {"`best`: DIS, finest scale 0, stride 3, then refined 5x, alpha 20", refined(fine(3), 5, 20).calculate},
      fine(3),
      fine(2),
      fine(2, 10),
      fine(1, 10)};
  add_contrib(candidates);
  const std::vector<Candidate> more{
      {"DIS fast", of_luma(DISOpticalFlow::create(DISOpticalFlow::PRESET_FAST))},
      {"DIS ultrafast", of_luma(DISOpticalFlow::create(DISOpticalFlow::PRESET_ULTRAFAST))},
      {"Farneback", of_luma(cv::FarnebackOpticalFlow::create())},
      dis("DIS, finest scale 1, stride 1", {.stride = 1}),
      with_median(medium),
      with_median(fine(2)),
      refined(medium, 5, 20),
      refined(fine(2), 5, 20),
      refined(fine(4), 5, 20),
      refined(fine(3), 10, 20),
      refined(fine(2), 10, 10),
      fine(2, 20),
      fine(3, 10, 12),
      fine(2, 10, 16),
      fine(2, 10, 12),
      two_rounds(medium, "DIS medium, then finest scale 0, stride 4, patch 12, 10 refinements",
                 {.finest = 0, .stride = 4, .patch = 12, .refinements = 10})};
  candidates.insert(candidates.end(), more.begin(), more.end());
  return candidates;
}

/// Sums over the pixels of all scenes.
struct Score {
  double inside = 0, inside_count = 0, edge = 0, edge_count = 0;  // errors of visible pixels, px
  double hidden = 0, distrusted = 0, both = 0;                    // pixels
  double visible = 0, visible_distrusted = 0, trusted = 0, trusted_wrong = 0;
  double milliseconds = 0;
  int scenes = 0;

  void add(const Score& other) {
    inside += other.inside;
    inside_count += other.inside_count;
    edge += other.edge;
    edge_count += other.edge_count;
    hidden += other.hidden;
    distrusted += other.distrusted;
    both += other.both;
    visible += other.visible;
    visible_distrusted += other.visible_distrusted;
    trusted += other.trusted;
    trusted_wrong += other.trusted_wrong;
    milliseconds += other.milliseconds;
    scenes += other.scenes;
  }
};

double count(const at::Tensor& map) {
  return map.sum().item<double>();
}

Score score_of(const Candidate& candidate, const Picture& previous, const Picture& current,
               const test::Truth& truth) {
  const std::clock_t begin = std::clock();  // processor time, so that other processes do not count
  const cv::Mat back = candidate.calculate(current, previous), there = candidate.calculate(previous, current);
  const double milliseconds = 1000 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  const flow::FlowPair pair{tensor_of(back), tensor_of(there)};
  const auto maps = flow::distrust(pair);
  const at::Tensor distrusted = (maps.outside + maps.uncovered + maps.edge).squeeze(0).gt(0.5);
  const at::Tensor error = (pair.prev_from_cur - truth.prev_from_cur).square().sum(0).sqrt().to(at::kDouble);
  const at::Tensor hidden = truth.visible.logical_not();
  const at::Tensor inside = truth.visible.logical_and(truth.near_edge.logical_not());
  const at::Tensor edge = truth.visible.logical_and(truth.near_edge);
  const at::Tensor trusted = distrusted.logical_not(), wrong = hidden.logical_or(error.gt(1));
  Score score;
  score.inside = error.masked_select(inside).sum().item<double>();
  score.inside_count = count(inside);
  score.edge = error.masked_select(edge).sum().item<double>();
  score.edge_count = count(edge);
  score.hidden = count(hidden);
  score.distrusted = count(distrusted);
  score.both = count(hidden.logical_and(distrusted));
  score.visible = count(truth.visible);
  score.visible_distrusted = count(truth.visible.logical_and(distrusted));
  score.trusted = count(trusted);
  score.trusted_wrong = count(trusted.logical_and(wrong));
  score.milliseconds = milliseconds;
  score.scenes = 1;
  return score;
}

void print(const std::string& name, const Score& total, const std::vector<Score>& kinds) {
  const auto percent = [](double part, double whole) { return whole > 0 ? 100 * part / whole : 0; };
  std::printf("| %s | %.2f | %.2f | %.0f %% | %.0f %% | %.1f %% | %.1f %% | %.0f |", name.c_str(),
              total.inside / total.inside_count, total.edge / total.edge_count,
              percent(total.both, total.hidden), percent(total.both, total.distrusted),
              percent(total.visible_distrusted, total.visible), percent(total.trusted_wrong, total.trusted),
              total.milliseconds / total.scenes);
  for (const auto& kind : kinds)
    std::printf(" %.2f / %.2f |", kind.inside / kind.inside_count, kind.edge / kind.edge_count);
  std::printf("\n");
  std::fflush(stdout);
}

struct Arguments {
  image::Size size{360, 640};
  std::uint64_t seeds = 3;
  std::string only;
  std::vector<at::Tensor> photos;
};

// A photo, large enough that a layer seldom shows its mirrored rim.
at::Tensor photo(const std::string& path, image::Size size) {
  media::ReaderOptions options;
  options.path = path;
  const auto frame = media::Reader(options).next();
  if (!frame) throw std::runtime_error(path + ": no picture");
  return image::resize(frame->rgb, {size.height * 5 / 4, size.width * 5 / 4}).clamp(0, 1);
}

Arguments arguments_of(const std::vector<std::string>& texts) {
  Arguments arguments;
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const bool has_value = i + 1 < texts.size();
    if (texts[i] == "--size" && has_value) {
      const std::string& size = texts[++i];
      const auto cross = size.find('x');
      arguments.size = {std::stoi(size.substr(cross + 1)), std::stoi(size.substr(0, cross))};
    } else if (texts[i] == "--seeds" && has_value) {
      arguments.seeds = std::stoul(texts[++i]);
    } else if (texts[i] == "--only" && has_value) {
      arguments.only = texts[++i];
    } else {
      paths.push_back(texts[i]);
    }
  }
  for (const auto& path : paths) arguments.photos.push_back(photo(path, arguments.size));
  return arguments;
}

struct Scene {
  Picture previous, current;
  test::Truth truth;
};

void run(const Arguments& arguments) {
  std::map<std::string, std::vector<Scene>> scenes;
  std::printf(
      "| method | inside px | edges px | hidden found | of the distrusted | visible lost | trusted wrong | "
      "ms |");
  std::string line = "\n| --- | --- | --- | --- | --- | --- | --- | --- |";
  for (const auto& kind : test::kSceneKinds) {
    for (std::uint64_t seed = 1; seed <= arguments.seeds; ++seed) {
      const auto scene = test::moving_layers(kind, arguments.size, seed, arguments.photos);
      scenes[kind.name].push_back(
          {picture_of(scene.picture(0)), picture_of(scene.picture(1)), scene.truth()});
    }
    std::printf(" %s |", kind.name);
    line += " --- |";
  }
  std::printf("%s\n", line.c_str());
  for (const auto& candidate : all_candidates()) {
    if (candidate.name.find(arguments.only) == std::string::npos) continue;
    Score total;
    std::vector<Score> kinds;
    for (const auto& kind : test::kSceneKinds) {
      Score score;
      for (const auto& scene : scenes.at(kind.name))
        score.add(score_of(candidate, scene.previous, scene.current, scene.truth));
      total.add(score);
      kinds.push_back(score);
    }
    print(candidate.name, total, kinds);
  }
}

}  // namespace
}  // namespace dreamreel

int main(int argc, char** argv) {
  at::set_num_threads(1);
  cv::setNumThreads(1);
  try {
    dreamreel::run(dreamreel::arguments_of({argv + 1, argv + argc}));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "flow_benchmark: %s\n", error.what());
    return 1;
  }
  return 0;
}
