#include "api.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "api_error.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/plain_file.h"
#include "dreamreel/core/printable.h"
#include "dreamreel/footage/sound_track.h"
#include "dreamreel/job/input_job.h"
#include "dreamreel/job/looks.h"
#include "dreamreel/media/sound_excerpt.h"
#include "dreamreel/media/sound_length.h"
#include "dreamreel/prepare/preflight.h"
#include "dreamreel/report/located.h"
#include "dreamreel/study/breed.h"
#include "dreamreel/study/curve_sheet.h"
#include "dreamreel/study/picture_bytes.h"
#include "dreamreel/study/vary.h"
#include "fields.h"
#include "json_of.h"
#include "low_priority.h"
#include "networks.h"

namespace dreamreel::studio {
namespace {

constexpr int kMostThumbnail = 320;
constexpr std::size_t kMostPoints = 4000, kMostShots = 2000;
constexpr std::int64_t kMostLoop = 48;  // frames
constexpr std::int64_t kMostClass = 1'000'000;

// The overrides of two variations become those of their children.
std::vector<std::vector<std::string>> children_of(const nlohmann::json& parents, const nlohmann::json& body) {
  constexpr std::int64_t kChildren = 6;
  if (!parents.is_array() || parents.size() != 2) refuse("breed", "the lists of overrides of two tiles");
  const auto count = number_at(body, "count", kChildren, 1, static_cast<std::int64_t>(kMostTiles));
  return study::breed(overrides_in(parents[0], "breed"), overrides_in(parents[1], "breed"),
                      static_cast<std::size_t>(count));
}

// The overrides of each tile of a grid. The page lists them, or it gives the values of one or two keys, whose
// combinations are taken, or it gives two tiles, whose children are shown.
std::vector<std::vector<std::string>> sets_of(const nlohmann::json& body) {
  std::vector<std::vector<std::string>> sets;
  if (const auto parents = body.find("breed"); parents != body.end()) return children_of(*parents, body);
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

// Size and length of the noise that a job begins with; for a song, as long as the song if nothing else is
// said.
job::NoiseInput noise_at(const nlohmann::json& body, const std::filesystem::path& song) {
  constexpr std::int64_t kMostNoiseSide = 8192;
  constexpr double kMostSeconds = 4 * 3600;
  const auto said = body.value("noise", nlohmann::json::object());
  if (!said.is_object()) refuse("noise", "an object with `width`, `height` and `seconds`");
  job::NoiseInput noise;
  noise.width = static_cast<int>(number_at(said, "width", noise.width, kLeastSide, kMostNoiseSide));
  noise.height = static_cast<int>(number_at(said, "height", noise.height, kLeastSide, kMostNoiseSide));
  double seconds = 0;  // of the song
  if (!song.empty()) {
    media::expect_sound(song);
    seconds = std::min(media::sound_length(song).value_or(0), kMostSeconds);
    if (seconds <= 0 && !said.contains("seconds"))
      throw ApiError(400, song.filename().string() + ": does not say how long it is; say noise.seconds");
  }
  if (const auto found = said.find("seconds"); found != said.end()) {
    if (!found->is_number() || !(found->get<double>() > 0 && found->get<double>() <= kMostSeconds))
      refuse("noise.seconds", "a number above 0, up to " + std::to_string(static_cast<int>(kMostSeconds)));
    noise.duration = {found->get<double>(), TimePoint::Unit::seconds};
  } else if (!song.empty()) {  // the video ends with the song
    noise.duration = {std::max(1.0, std::floor(seconds * noise.fps.value())), TimePoint::Unit::frames};
  }
  return noise;
}

// At most as many as a page shows at once.
nlohmann::json wishes_at(const nlohmann::json& body, const char* key) {
  constexpr std::size_t kMostWishes = 64;
  auto list = body.value(key, nlohmann::json::array());
  if (!list.is_array() || list.size() > kMostWishes)
    refuse(key, "a list of at most " + std::to_string(kMostWishes));
  return list;
}

}  // namespace

Api::Api(const std::filesystem::path& folder, const std::filesystem::path& opened,
         std::filesystem::path program)
    : workspace_(folder),
      opened_(opened),
      jobs_(workspace_, opened),
      engine_(events_, pictures_, atlas_),
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

// A job that dreams on a photo or a clip, or out of noise. Nothing is written yet.
nlohmann::json Api::begin(const nlohmann::json& body) const {
  const std::string look = body.contains("look") ? text_at(body, "look") : "";
  std::filesystem::path input;
  if (body.contains("input")) {
    const std::string name = text_at(body, "input");
    input = workspace_.inside(name);
    if (const std::string why = why_not_a_file(input); !why.empty())
      throw ApiError(404, printable(name) + ": " + why);
  } else if (!body.contains("noise")) {
    refuse("input", "the name of a picture, a clip or a song; or `noise`");
  }
  const bool is_song = kind_of(input) == FileKind::sound;
  const bool is_noise = input.empty() || is_song;
  if (!is_noise && (body.contains("noise") || !job::is_input(input)))
    throw ApiError(400, "input: expected a picture or a clip, without `noise`, or a song; got " +
                            printable(input.filename().string()));
  const auto folder = input.empty() ? workspace_.folder() : input.parent_path();
  const auto file = Workspace::free_file(folder, input.empty() ? "noise" : input.stem().string(), ".yaml");
  const std::string text =
      is_noise ? job::noise_job(noise_at(body, is_song ? input : ""), input.filename(),
                                file.stem().string() + "_dream.mp4", look)
               : job::smallest_job(input.filename(), job::output_name_of(input, "dream"), look);
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
    if (flag_at(body, "with_files")) {
      prepare::PreflightOptions options;
      options.with_networks = false;
      report::with_places(loaded.places, [&] { return prepare::preflight(loaded.job, options); });
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

// Another edit of the dream asks for the same shots again, and must not stop the search for them.
nlohmann::json Api::shots(const nlohmann::json& body) {
  const auto loaded = jobs_.load(text_of(body));
  const std::string what = "shots";
  job::Job source;
  source.input = loaded.job.input;
  source.temporal.cuts = loaded.job.temporal.cuts;
  source.output.loop = loaded.job.output.loop;
  source.audio = loaded.job.audio;
  source.series = loaded.job.series;
  const auto turn = shots_.take(what, job::to_yaml(source));
  try {
    const auto list = at_low_priority([&] { return shot_view_.shots(loaded.job, turn.stop()); });
    auto shots = nlohmann::json::array();
    for (const auto& [begin, end] : list.shots)
      if (shots.size() < kMostShots) shots.push_back({{"begin", begin}, {"end", end}});
    return {{"shots", shots},
            {"count", list.shots.size()},
            {"source", list.source},
            {"has_pictures", !loaded.job.input.noise}};
  } catch (const Interrupted&) {
    throw ApiError(409, Turn::superseded(what));
  }
}

std::string Api::thumbnail(const nlohmann::json& body) {
  const auto loaded = jobs_.load(text_of(body));
  return study::jpeg_of(shot_view_.picture(loaded.job, frame_at(body), side_at(body, 160, kMostThumbnail)));
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
      report::with_places(loaded.places, [&] { return mask_view_.mask(loaded.job, frame, side); });
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
  shots_.close();
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
  const auto range = footage::sound_of(loaded.job, info);
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
  const auto frames = number_at(body, "frames", 1, 1, kMostLoop);
  std::vector<GridTile> tiles;
  auto shown = nlohmann::json::array();
  for (const auto& overrides : wanted) {
    JobText text = whole;
    text.overrides.insert(text.overrides.end(), overrides.begin(), overrides.end());
    GridTile tile;
    try {
      tile.scene = Scene{jobs_.load(text).job, frame_at(body), side_at(body, 320), frames};
    } catch (const Error& error) {
      tile.problem = error.what();
    }
    tiles.push_back(std::move(tile));
    shown.push_back({{"set", overrides}});
  }
  return {{"grid", engine_.grid(std::move(tiles))}, {"tiles", shown}};
}

// Pictures that are known are answered at once; the others come as events. Without `draws`, they
// are not made.
nlohmann::json Api::atlas(const nlohmann::json& body) {
  const auto network = network_called(text_at(body, "network"), workspace_);
  if (!jobs_.may_read(network.path) || (!network.labels.empty() && !jobs_.may_read(network.labels)))
    throw ApiError(403, "network: expected a network of the studio's folder, or one of the program's");
  std::vector<AtlasWish> wishes;
  auto shown = nlohmann::json::array();
  const auto add = [&](const AtlasWish& wish, const nlohmann::json& what) {
    nlohmann::json one{{"of", what}, {"pictures", nullptr}, {"wish", nullptr}};
    if (auto known = atlas_.known(wish)) {
      one["pictures"] = nlohmann::json::array();
      for (auto& [channel, jpeg] : *known) {
        one["pictures"].push_back({{"channel", nullptr}, {"picture", keep_atlas_picture(std::move(jpeg))}});
        if (channel) one["pictures"].back()["channel"] = *channel;
      }
    } else {
      one["wish"] = wishes.size();
      wishes.push_back(wish);
    }
    shown.push_back(std::move(one));
  };
  for (const auto& layer : wishes_at(body, "layers")) {
    if (!layer.is_string()) refuse("layers", "a list of names");
    add({network, layer.get<std::string>(), {}}, layer);
  }
  for (const auto& number : wishes_at(body, "classes")) {
    if (!number.is_number_integer() || number < 0 || number > kMostClass)
      refuse("classes", "a list of numbers, from 0");
    add({network, "", number.get<std::int64_t>()}, number);
  }
  nlohmann::json answer{{"atlas", nullptr}, {"shown", shown}};
  if (flag_at(body, "draws") && !wishes.empty()) answer["atlas"] = engine_.draw_atlas(std::move(wishes));
  return answer;
}

// Equal pictures have equal addresses, however often they are asked for.
std::string Api::keep_atlas_picture(std::string jpeg) {
  const std::string name = std::to_string(std::hash<std::string>()(jpeg));
  if (!pictures_.find(name)) pictures_.keep(name, std::move(jpeg));
  return "/api/pictures/" + name;
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
    renders_.start(loaded.job, flag_at(body, "overwrite"));
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
