#include "api.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "api_error.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/job/input_job.h"
#include "dreamreel/job/looks.h"
#include "dreamreel/media/sound_excerpt.h"
#include "dreamreel/render/located.h"
#include "dreamreel/render/preflight.h"
#include "dreamreel/render/sound_track.h"
#include "dreamreel/study/curve_sheet.h"
#include "dreamreel/study/picture_bytes.h"
#include "dreamreel/study/vary.h"
#include "json_of.h"
#include "networks.h"

namespace dreamreel::studio {
namespace {

constexpr int kLeastSide = 16, kMostSide = 4096;
constexpr std::size_t kMostTiles = 64, kMostOverrides = 64, kMostPoints = 4000;
constexpr std::int64_t kMostFrame = 1'000'000'000;

[[noreturn]] void refuse(const std::string& key, const std::string& expected) {
  throw ApiError(400, fmt::format("{}: expected {}", key, expected));
}

std::string text_at(const nlohmann::json& body, const char* key) {
  const auto found = body.find(key);
  if (found == body.end() || !found->is_string()) refuse(key, "a text");
  return found->get<std::string>();
}

std::int64_t number_at(const nlohmann::json& body, const char* key, std::int64_t otherwise,
                       std::int64_t least, std::int64_t most) {
  const auto found = body.find(key);
  if (found == body.end()) return otherwise;
  const std::string expected = fmt::format("a whole number from {} to {}", least, most);
  if (!found->is_number_integer()) refuse(key, expected);
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > static_cast<std::uint64_t>(most))
    refuse(key, expected);
  const auto value = found->get<std::int64_t>();
  if (value < least || value > most) refuse(key, expected);
  return value;
}

std::vector<std::string> overrides_at(const nlohmann::json& body) {
  std::vector<std::string> overrides;
  const auto found = body.find("set");
  if (found == body.end()) return overrides;
  if (!found->is_array() || found->size() > kMostOverrides)
    refuse("set", "a list of texts like dream.step=2");
  for (const auto& one : *found) {
    if (!one.is_string()) refuse("set", "a list of texts like dream.step=2");
    overrides.push_back(one.get<std::string>());
  }
  return overrides;
}

// The overrides of each tile of a grid. The page lists them, or it gives the values of one or two keys, whose
// combinations are taken.
std::vector<std::vector<std::string>> sets_of(const nlohmann::json& body) {
  std::vector<std::vector<std::string>> sets;
  if (const auto over = body.find("over"); over != body.end()) {
    if (!over->is_array() || over->empty() || over->size() > 2)
      refuse("over", "one or two texts like seed=1..4");
    std::vector<study::Axis> axes;
    for (const auto& one : *over) {
      if (!one.is_string()) refuse("over", "one or two texts like seed=1..4");
      axes.push_back(study::parse_axis(one.get<std::string>()));
    }
    return study::combinations(axes, kMostTiles);
  }
  const auto tiles = body.find("tiles");
  if (tiles == body.end() || !tiles->is_array() || tiles->empty() || tiles->size() > kMostTiles)
    refuse("tiles", fmt::format("a list of 1 to {} objects", kMostTiles));
  for (const auto& one : *tiles) {
    if (!one.is_object()) refuse("tiles", "objects with `set`");
    sets.push_back(overrides_at(one));
  }
  return sets;
}

std::int64_t frame_at(const nlohmann::json& body) {
  return number_at(body, "frame", 0, 0, kMostFrame);
}

int side_at(const nlohmann::json& body, int otherwise) {
  return static_cast<int>(number_at(body, "side", otherwise, kLeastSide, kMostSide));
}

}  // namespace

Api::Api(const std::filesystem::path& folder, const std::filesystem::path& opened,
         std::filesystem::path program)
    : workspace_(folder),
      opened_(opened),
      jobs_(workspace_, opened),
      engine_(events_, pictures_),
      renders_(workspace_, events_, std::move(program)),
      farms_(jobs_, workspace_, events_) {}

nlohmann::json Api::studio() const {
  return {{"folder", workspace_.folder().filename().string()},
          {"opened", opened_.empty() ? "" : workspace_.name_of(opened_)},
          {"opened_kind", opened_.empty() ? "" : name_of(kind_of(opened_))}};
}

nlohmann::json Api::files() const {
  auto files = nlohmann::json::array();
  for (const auto& file : workspace_.list())
    files.push_back({{"name", file.name},
                     {"kind", name_of(file.kind)},
                     {"bytes", file.bytes},
                     {"changed", file.changed}});
  return {{"files", files}};
}

nlohmann::json Api::looks() const {
  auto looks = nlohmann::json::array();
  for (const auto& look : job::list_looks(job::default_load_options()))
    looks.push_back({{"name", look.name}, {"sentence", look.description}});
  return {{"looks", looks}};
}

// The smallest job that dreams on a photo or clip. Nothing is written yet.
nlohmann::json Api::begin(const nlohmann::json& body) const {
  const std::string name = text_at(body, "input");
  const auto input = workspace_.inside(name);
  if (const std::string why = why_not_a_file(input); !why.empty())
    throw ApiError(404, printable(name) + ": " + why);
  if (kind_of(input) == FileKind::sound || !job::is_input(input))
    throw ApiError(400, "input: expected a picture or a clip, got " + printable(name));
  const auto file = Workspace::free_file(input.parent_path(), input.stem().string(), ".yaml");
  const std::string text = job::smallest_job(input.filename(), job::output_name_of(input, "dream"));
  return {{"file", workspace_.name_of(file)}, {"text", text}, {"revision", ""}};
}

nlohmann::json Api::read_job(const std::string& file) const {
  const auto path = workspace_.inside(file);
  const std::string text = Jobs::read(path);
  return {{"file", file}, {"text", text}, {"revision", Jobs::revision_of(text)}};
}

JobText Api::text_of(const nlohmann::json& body) const {
  return {workspace_.inside(text_at(body, "file")), text_at(body, "text"), overrides_at(body)};
}

nlohmann::json Api::save_job(const nlohmann::json& body) {
  const JobText text = text_of(body);
  const std::string revision = jobs_.save(text, text_at(body, "revision"));
  events_.publish({{"event", "saved"}, {"job", workspace_.name_of(text.file)}, {"revision", revision}});
  return {{"revision", revision}};
}

// Reports the faults of the text first. Files are looked at only if the text is a valid job.
nlohmann::json Api::check(const nlohmann::json& body) {
  nlohmann::json report{
      {"ok", false}, {"exit_code", 0}, {"problems", nlohmann::json::array()}, {"info", nullptr}};
  LoadedJob loaded;
  try {
    loaded = jobs_.load(text_of(body));
    report["output"] = workspace_.name_of(loaded.job.output.path);
    report["network"] = network_name(loaded.job.network, workspace_);
    report["has_mask"] = loaded.job.dream.mask.has_value();
    report["info"] = json_of(sources_.info(loaded.job));
    if (body.value("with_files", false)) {
      render::PreflightOptions options;
      options.with_networks = false;
      render::with_places(loaded.places, [&] { return render::preflight(loaded.job, options); });
    }
    report["ok"] = true;
  } catch (const Error& error) {
    report.update(json_of(error));
  }
  return report;
}

nlohmann::json Api::curves(const nlohmann::json& body) {
  const auto loaded = jobs_.load(text_of(body));
  const auto turn = curves_.take("curves", body.dump());
  schedule::FrameRange frames;
  frames.begin = number_at(body, "begin", 0, 0, kMostFrame);
  if (body.contains("end")) frames.end = number_at(body, "end", 0, 1, kMostFrame);
  const auto points = number_at(body, "points", 800, 2, kMostPoints);
  return json_of(study::curve_sheet(loaded.job, frames), static_cast<std::size_t>(points));
}

std::string Api::source(const nlohmann::json& body) {
  const auto loaded = jobs_.load(text_of(body));
  return study::jpeg_of(sources_.frame(loaded.job, frame_at(body), side_at(body, 640)));
}

// A network may make the mask, and only the latest request's mask is still wanted.
std::string Api::mask(const nlohmann::json& body) {
  const auto loaded = jobs_.load(text_of(body));
  const auto frame = frame_at(body);
  const int side = side_at(body, 640);
  const auto turn = masks_.take("a mask", body.dump());
  const auto mask =
      render::with_places(loaded.places, [&] { return mask_view_.mask(loaded.job, frame, side); });
  if (!mask.defined()) throw ApiError(404, "the job has no mask");
  return study::jpeg_of(mask.expand({3, -1, -1}));
}

nlohmann::json Api::rendered(const nlohmann::json& body) {
  const auto loaded = jobs_.load(text_of(body));
  const std::string what = "rendered frames";
  const auto turn = ranges_.take(what, job::to_yaml(loaded.job));
  try {
    return rendered_state(loaded.job, lookout_of(loaded.job), Renders::seconds_per_frame(loaded.job),
                          turn.stop());
  } catch (const Interrupted&) {
    throw ApiError(409, Turn::superseded(what));
  }
}

Lookout Api::lookout_of(const job::Job& job) {
  Lookout lookout;
  lookout.may_read = [this](const std::filesystem::path& path) { return jobs_.may_read(path); };
  const auto info = sources_.info(job);
  if (info.is_still)
    lookout.frames = 1;
  else if (info.frame_count_is_exact)
    lookout.frames = info.frame_count;
  return lookout;
}

void Api::close() {
  events_.close();
  curves_.close();
  ranges_.close();
  masks_.close();
  farms_.close();
}

std::string Api::rendered_frame(const nlohmann::json& body) {
  const auto loaded = jobs_.load(text_of(body));
  const auto frame = frame_at(body);
  auto picture = rendered_.picture(loaded.job, lookout_of(loaded.job), frame, side_at(body, 640));
  if (!picture) throw ApiError(404, fmt::format("frame {} is not rendered", frame));
  return *std::move(picture);
}

std::string Api::sound(const nlohmann::json& body) {
  const auto loaded = jobs_.load(text_of(body));
  const auto info = sources_.info(loaded.job);
  const auto range = render::sound_of(loaded.job, info);
  if (!range) throw ApiError(404, "the job has no sound");
  const double rate = info.frame_rate.value();
  const auto begin = number_at(body, "begin", 0, 0, kMostFrame);
  const auto end = number_at(body, "end", begin, begin, kMostFrame);
  return media::sound_excerpt(range->path, range->start_seconds + static_cast<double>(begin) / rate,
                              static_cast<double>(end - begin) / rate);
}

nlohmann::json Api::network(const std::string& name) const {
  return describe_network(name, workspace_, jobs_);
}

nlohmann::json Api::preview(const nlohmann::json& body) {
  auto loaded = jobs_.load(text_of(body));
  return {{"preview", engine_.preview({std::move(loaded.job), frame_at(body), side_at(body, 640)})}};
}

nlohmann::json Api::grid(const nlohmann::json& body) {
  const JobText whole = text_of(body);
  const auto wanted = sets_of(body);
  std::vector<Tile> tiles;
  auto shown = nlohmann::json::array();
  for (const auto& overrides : wanted) {
    JobText text = whole;
    text.overrides.insert(text.overrides.end(), overrides.begin(), overrides.end());
    Tile tile;
    try {
      tile.scene = Scene{jobs_.load(text).job, frame_at(body), side_at(body, 320)};
    } catch (const Error& error) {
      tile.problem = error.what();
    }
    tiles.push_back(std::move(tile));
    shown.push_back({{"set", overrides}});
  }
  return {{"grid", engine_.grid(std::move(tiles))}, {"tiles", shown}};
}

nlohmann::json Api::cancel(const nlohmann::json& body) {
  engine_.cancel(number_at(body, "number", 0, 0, kMostFrame));
  return nlohmann::json::object();
}

LoadedJob Api::saved(const std::string& file) const {
  const auto path = workspace_.inside(file);
  return jobs_.load({path, Jobs::read(path), {}});
}

nlohmann::json Api::render_state(const std::string& file) {
  return renders_.state(saved(file).job);
}

nlohmann::json Api::render(const nlohmann::json& body) {
  const auto loaded = saved(text_at(body, "file"));
  const std::string action = text_at(body, "action");
  if (action == "start")
    renders_.start(loaded.job, body.value("overwrite", false));
  else if (action == "pause")
    renders_.pause(loaded.job);
  else
    refuse("action", "start or pause");
  return renders_.state(loaded.job);
}

nlohmann::json Api::farm(const std::string& file) {
  return farms_.state(saved(file).job);
}

}  // namespace dreamreel::studio
