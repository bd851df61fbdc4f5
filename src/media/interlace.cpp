#include "interlace.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <string_view>

#include "filter_chain.h"
#include "input.h"
#include "video_decoder.h"

namespace dreamreel::media {
namespace {

constexpr int kFlaggedFrames = 3;  // frames whose interlaced flag is read
constexpr int kLookedAt = 60;      // frames of a flagged clip whose rows are compared
// In interlaced material that moves, nearly all frames show combs. In film, a few frames look like that by
// chance.
constexpr int kProgressivePerCombed = 4;

bool says_fields(AVFieldOrder order) {
  return order == AV_FIELD_TT || order == AV_FIELD_BB || order == AV_FIELD_TB || order == AV_FIELD_BT;
}

// Counts combed frames with libavfilter's idet, which compares the rows of neighbouring frames.
class CombDetector {
 public:
  explicit CombDetector(const AVFrame& first, AVRational time_base) : chain_(input_for(first, time_base)) {}

  void look_at(AVFrame& frame) {
    if (!chain_.takes(frame)) return;
    chain_.push(&frame);
    drain();
  }

  bool shows_combs() {
    chain_.push(nullptr);
    drain();
    if (combed_ == 0) return progressive_ == 0;  // if nothing moved, only the flag can decide
    return combed_ * kProgressivePerCombed >= progressive_;
  }

 private:
  static FilterInput input_for(const AVFrame& frame, AVRational time_base) {
    FilterInput in;
    in.width = frame.width;
    in.height = frame.height;
    in.format = static_cast<AVPixelFormat>(frame.format);
    in.time_base = time_base;
    in.sample_aspect = {1, 1};
    in.matrix = frame.colorspace;
    in.range = frame.color_range;
    in.upright = "idet";  // not in in.user, because a user's chain would be checked
    return in;
  }

  void drain() {
    for (FramePtr frame = new_frame(); chain_.pull(*frame); frame = new_frame()) {
      const auto* seen = av_dict_get(frame->metadata, "lavfi.idet.multiple.current_frame", nullptr, 0);
      if (seen == nullptr) continue;
      const std::string_view what = seen->value;
      if (what == "tff" || what == "bff") ++combed_;
      if (what == "progressive") ++progressive_;
    }
  }

  FilterChain chain_;
  int combed_ = 0, progressive_ = 0;
};

// Names of the filters of a chain: the text before "=" or "@" of each piece, after labels in brackets.
std::vector<std::string> filter_names_in(const std::string& chain) {
  std::vector<std::string> names;
  std::string name;
  bool in_label = false, in_arguments = false;
  for (const char c : chain + ",") {
    if (c == ',' || c == ';') {
      if (!name.empty()) names.push_back(name);
      name.clear();
      in_arguments = false;
    } else if (c == '[' || c == ']') {
      in_label = c == '[';
    } else if (c == '=' || c == '@') {
      in_arguments = true;
    } else if (!in_label && !in_arguments && std::isspace(static_cast<unsigned char>(c)) == 0) {
      name += c;
    }
  }
  return names;
}

}  // namespace

bool is_interlaced(const ReaderOptions& options) {
  const InputFile input = open_input(options.path, options.frame_rate);
  if (input.is_picture || input.picture_count) return false;
  AVStream& stream = video_stream(input);
  VideoDecoder decoder(input, stream);
  bool flagged = says_fields(stream.codecpar->field_order);
  std::optional<CombDetector> combs;
  for (int i = 0; i < kLookedAt; ++i) {
    AVFrame* frame = decoder.next();
    if (frame == nullptr) break;
    flagged = flagged || has_fields(*frame);
    if (!flagged && i + 1 >= kFlaggedFrames) return false;
    if (!combs) combs.emplace(*frame, stream.time_base);
    combs->look_at(*frame);
  }
  return flagged && combs && combs->shows_combs();
}

bool deinterlaces(const std::string& filter) {
  constexpr std::array<std::string_view, 12> kNames{"bwdif", "yadif",      "w3fdif",  "estdif",
                                                    "nnedi", "kerndeint",  "mcdeint", "separatefields",
                                                    "field", "fieldmatch", "pullup",  "detelecine"};
  return std::ranges::any_of(filter_names_in(filter), [&](const std::string& name) {
    return name.starts_with("deinterlace_") || std::ranges::any_of(kNames, [&](auto known) {
             return name == known || name.starts_with(std::string(known) + "_");
           });
  });
}

}  // namespace dreamreel::media
