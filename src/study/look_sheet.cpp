#include "dreamreel/study/look_sheet.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "dreamreel/core/counted.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/temporary_folder.h"
#include "dreamreel/image/torch_errors.h"
#include "dreamreel/job/looks.h"
#include "dreamreel/job/networks.h"
#include "dreamreel/media/reader.h"
#include "dreamreel/render/render.h"
#include "lettering.h"
#include "sheet_layout.h"
#include "sheet_picture.h"

namespace dreamreel::study {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kTextGap = 4;  // px
constexpr std::int64_t kCaption = kLetterHeight * kSheetTextScale + 2 * kTextGap;
constexpr float kEmptyTile = 0.14F, kNoteLevel = 0.6F;

struct LookTile {
  std::string name, note;
  at::Tensor picture;  // undefined where the look cannot be dreamed
};

void expect_png(const fs::path& output) {
  if (output.extension() != ".png")
    throw UsageError(fmt::format("-o: expected a file ending in .png, got '{}'", output.string()));
}

at::Tensor first_frame(const media::ReaderOptions& options, const std::atomic<bool>* stop) {
  media::Reader reader(options);
  reader.stop_at(stop);
  const auto frame = reader.next();
  if (!frame) throw InputError(options.path.string() + " holds no picture");
  return frame->rgb;
}

// The frame of the clip that all looks dream on, as large as a tile of the sheet.
at::Tensor shown_frame(const LookSheetOptions& options) {
  media::ReaderOptions reader;
  reader.path = options.input;
  const auto info = media::Reader(reader).info();
  if (!info.is_still && info.duration_seconds > 0) {
    const double rate = info.frame_rate.value();
    if (options.at && options.at->seconds(rate) >= info.duration_seconds)
      throw UsageError("--at: expected a time within " + options.input.string() + ", which ends at " +
                       to_string(TimePoint{info.duration_seconds}) + ", got " + to_string(*options.at));
    reader.trim_start = options.at.value_or(TimePoint{info.duration_seconds / 2});
  }
  const std::string side = std::to_string(options.side);
  reader.filter =
      fmt::format("scale={}:{}:force_original_aspect_ratio=decrease:force_divisible_by=2:flags=area,setsar=1",
                  side, side);
  return first_frame(reader, options.stop);
}

job::Job job_of(const std::string& look, const fs::path& picture, const fs::path& output,
                const LookSheetOptions& options) {
  auto load = options.load;
  load.overrides.insert(load.overrides.begin(),
                        {"look=" + job::as_yaml(look), "output.path=" + job::as_yaml(output.string())});
  return job::load_job(picture, load);
}

// "network oid is missing"
std::string short_reason(const job::Job& job) {
  for (const auto& network : job::networks_of(job)) {
    std::error_code unreadable;
    if (!fs::exists(network.path, unreadable)) return "needs network " + network.name;
  }
  return "cannot be dreamed";
}

at::Tensor dreamed(const job::Job& job, const LookSheetOptions& options) {
  render::RenderOptions render;
  render.stop = options.stop;
  render::render(job, render);
  media::ReaderOptions reader;
  reader.path = job.output.path;
  return first_frame(reader, options.stop);
}

// `note` of the result is for the sheet's tile; `missing` gets the whole reason.
LookTile tile_of(const std::string& look, const fs::path& picture, const fs::path& output,
                 const LookSheetOptions& options, std::vector<std::string>& missing) {
  const job::Job job = job_of(look, picture, output, options);
  LookTile tile{look, "", {}};
  try {
    tile.picture = dreamed(job, options);
  } catch (const Error& error) {
    // A network, or a guide, a style or a mask of the look is missing; or the frame is too small for it.
    const bool is_of_the_look = error.code() == ExitCode::unavailable || error.code() == ExitCode::no_input ||
                                error.code() == ExitCode::bad_job;
    if (!is_of_the_look) throw;
    missing.push_back(look + ": " + error.what());
  }
  if (!tile.picture.defined()) tile.note = short_reason(job);
  return tile;
}

void draw(at::Tensor& sheet, const LookTile& tile, std::int64_t left, std::int64_t top, std::int64_t width,
          std::int64_t height) {
  write_text(sheet, fitted(tile.name, width, kSheetTextScale), left, top + kTextGap, kSheetTextScale,
             kSheetBright);
  auto place = sheet.narrow(1, top + kCaption, height).narrow(2, left, width);
  if (!tile.picture.defined()) {
    place.fill_(kEmptyTile);
    write_text(sheet, fitted(tile.note, width - 2 * kTextGap, kSheetTextScale), left + kTextGap,
               top + kCaption + height / 2 - kLetterHeight, kSheetTextScale, kNoteLevel);
    return;
  }
  const auto h = std::min(height, tile.picture.size(1)), w = std::min(width, tile.picture.size(2));
  place.narrow(1, 0, h).narrow(2, 0, w).copy_(tile.picture.narrow(1, 0, h).narrow(2, 0, w));
}

at::Tensor sheet_of_looks(const std::vector<LookTile>& tiles) {
  const auto height = tiles.front().picture.size(1), width = tiles.front().picture.size(2);
  const auto count = static_cast<std::int64_t>(tiles.size());
  const double tall = static_cast<double>(height + kCaption + kSheetMargin),
               wide = static_cast<double>(width + kSheetMargin);
  // About as wide as it is high.
  const auto across =
      std::clamp<std::int64_t>(std::lround(std::sqrt(static_cast<double>(count) * tall / wide)), 1, count);
  const auto down = (count + across - 1) / across;
  auto sheet = at::full({3, kSheetMargin + down * (height + kCaption + kSheetMargin),
                         kSheetMargin + across * (width + kSheetMargin)},
                        kSheetBackground, at::TensorOptions().dtype(at::kFloat));
  for (std::int64_t i = 0; i < count; ++i)
    draw(sheet, tiles[static_cast<std::size_t>(i)], kSheetMargin + i % across * (width + kSheetMargin),
         kSheetMargin + i / across * (height + kCaption + kSheetMargin), width, height);
  return sheet;
}

std::vector<std::string> names_of(const LookSheetOptions& options) {
  std::vector<std::string> names = options.looks;
  if (names.empty())
    for (const auto& look : job::list_looks(options.load)) names.push_back(look.name);
  for (const auto& name : options.looks) job::find_look(name, options.load);  // before the first is dreamed
  if (names.empty()) throw InputError("there are no looks where they are looked for");
  return names;
}

}  // namespace

LookSheetResult write_look_sheet(const LookSheetOptions& options, const fs::path& output) {
  expect_png(output);
  const auto names = names_of(options);
  const TemporaryFolder folder("dreamreel-looks");
  return image::with_torch_errors([&] {
    LookSheetResult result;
    std::vector<LookTile> tiles{{"source", "", shown_frame(options)}};
    const fs::path picture = folder / "source.png";
    write_picture(tiles.front().picture, picture);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (options.progress) options.progress(i, names.size(), names[i]);
      const fs::path file = folder / fmt::format("look{}.png", i);
      try {
        tiles.push_back(tile_of(names[i], picture, file, options, result.missing));
      } catch (const Error& error) {
        // A render counts its own frames, from which nothing goes on here.
        if (error.code() != ExitCode::interrupted) throw;
        throw Interrupted(
            fmt::format("interrupted after {} of {}; nothing was written, and the sheet begins anew. Names "
                        "behind the picture make a shorter one: dreamreel looks PICTURE agate dogs",
                        i, counted(std::ssize(names), "look")));
      }
    }
    result.dreamed = names.size() - result.missing.size();
    write_picture(sheet_of_looks(tiles), output);
    return result;
  });
}

}  // namespace dreamreel::study
