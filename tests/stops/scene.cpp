#include "scene.h"

#include "dreamreel/farm/farm.h"
#include "dreamreel/image/threads.h"
#include "dreamreel/job/job.h"
#include "dreamreel/prepare/make_plan.h"
#include "dreamreel/render/render.h"
#include "dreamreel/work/facts.h"
#include "support/tiny_network.h"

namespace dreamreel::test {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kMemory = std::int64_t{4} << 30;

std::string job_text(Scene::Kind kind, const fs::path& inputs, const fs::path& folder) {
  const auto path = [&](const char* name) { return "{path: " + (folder / name).string(); };
  std::string output = "output: " + path(kind == Scene::Kind::pictures ? "%03d.png" : "clip.mp4") +
                       (kind == Scene::Kind::loop ? ", loop: {crossfade: 3f}" : "") + "}\n";
  if (kind == Scene::Kind::several)
    output = "outputs: [" + path("clip.mp4") + "}, " + path("clip.gif") + "}, " + path("%03d.png") + "}]\n";
  return "input: {path: " + (inputs / (kind == Scene::Kind::joined ? "clip.ts" : "clip.mkv")).string() +
         "}\n" + output + "network: {path: " + (inputs / "tiny.onnx").string() +
         "}\nprecision: fp32\ndevice: cpu\n"
         "dream: {objectives: [{layer: relu1}], octaves: 1, iterations: 1, opacity: 0.7}\n"
         "temporal: {iterations: 1, every: 2, flow: none, cuts: auto}\n";
}

render::RenderOptions options() {
  render::RenderOptions options;
  options.memory = kMemory;
  options.segment_frames = 4;
  return options;
}

void run_farm(const job::Job& job, const fs::path& folder) {
  const fs::path plan_file = folder / "plan.json";
  if (!fs::exists(plan_file)) {
    prepare::PlanOptions plan_options;
    plan_options.segment_frames = options().segment_frames;
    auto plan = prepare::make_plan(job, work::facts_of(job, {}), plan_options);
    farm::split(plan, {});
    prepare::set_part_keys(job, plan);
    farm::write_plan(plan_file, plan);
  }
  farm::Places places;
  places.plan = plan_file;
  const auto farm = farm::open_farm(places);
  for (std::size_t chunk = 0; chunk < farm.plan.chunks.size(); ++chunk)
    farm::run_chunk(farm, chunk, options());
  farm::join(farm, options());
}

// Makes a clip of seven frames, followed by the same number from another recording, with a tone. Pictures
// depend on later ones. The times of the second recording begin anew.
void make_joined_clip(const fs::path& inputs) {
  std::string bytes;
  for (const std::string start : {"0", "1"}) {
    ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=32x32:r=24", "-f", "lavfi", "-i",
            "sine=frequency=440:sample_rate=44100", "-filter_complex",
            "[0]trim=start=" + start + ":duration=0.29166,setpts=PTS-STARTPTS,format=yuv420p", "-t",
            "0.29166", "-c:v", "libx264", "-bf", "2", "-c:a", "mp2", (inputs / "one.ts").string()});
    bytes += read_file(inputs / "one.ts");
  }
  write_file(inputs / "clip.ts", bytes);
}

}  // namespace

std::string name_of(Scene::Kind kind) {
  switch (kind) {
    case Scene::Kind::whole:
      return "whole";
    case Scene::Kind::loop:
      return "loop";
    case Scene::Kind::pictures:
      return "pictures";
    case Scene::Kind::joined:
      return "joined";
    case Scene::Kind::several:
      return "several";
    case Scene::Kind::farm:
      break;
  }
  return "farm";
}

Scene::Scene(Kind kind) : kind_(kind), folder_(scratch_ / "out") {
  const fs::path inputs = scratch_ / "in";
  fs::create_directory(inputs);
  write_tiny_network(inputs);
  // Seven frames, a cut, four frames; with a tone.
  ffmpeg({"-f",
          "lavfi",
          "-i",
          "testsrc2=s=32x32:r=24",
          "-f",
          "lavfi",
          "-i",
          "color=c=red:s=32x32:r=24",
          "-f",
          "lavfi",
          "-i",
          "sine=frequency=440:sample_rate=8000",
          "-filter_complex",
          "[0]trim=end_frame=7,format=gbrp[a];[1]trim=end_frame=4,format=gbrp[b];[a][b]concat",
          "-t",
          "0.45833",
          "-c:v",
          "ffv1",
          "-c:a",
          "flac",
          (inputs / "clip.mkv").string()});
  if (kind == Kind::joined) make_joined_clip(inputs);
  write_file(inputs / "job.yaml", job_text(kind, inputs, folder_));
  fs::create_directory(folder_);
  fs::create_directory(scratch_ / "memory");
}

std::function<void()> Scene::body(Kind kind) const {
  return [kind, file = scratch_ / "in" / "job.yaml", folder = folder_] {
    image::set_threads(1);
    const auto job = job::load_job(file, {});
    if (kind == Kind::farm)
      run_farm(job, folder);
    else
      render::render(job, options());
  };
}

FaultPlan Scene::plan(Fault fault, std::int64_t at, int error) const {
  FaultPlan plan;
  plan.folder = folder_;
  plan.fault = fault;
  plan.at = at;
  plan.error = error;
  plan.memory = scratch_ / "memory";
  return plan;
}

void Scene::clear() const {
  for (const fs::path& folder : {folder_, scratch_ / "memory"}) {
    fs::remove_all(folder);
    fs::create_directory(folder);
  }
}

}  // namespace dreamreel::test
