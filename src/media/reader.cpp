#include "dreamreel/media/reader.h"

#include <ATen/ops/ones.h>
#include <fmt/core.h>

#include <cstdlib>
#include <deque>
#include <utility>

#include "colour.h"
#include "damage.h"
#include "dreamreel/core/blob_cache.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/log.h"
#include "extent.h"
#include "file_kind.h"
#include "filter_chain.h"
#include "filter_memory.h"
#include "frame_index.h"
#include "hdr_metadata.h"
#include "input.h"
#include "picture_colour.h"
#include "picture_headers.h"
#include "pixels.h"
#include "probe.h"
#include "trim.h"
#include "video_decoder.h"

namespace dreamreel::media {
namespace {

// The filters that turn `frame` upright. They come from the header of its stream, or, for a photo, from its
// Exif orientation. If libav reports neither, they are `of_headers`, which come from the headers of the file.
std::string upright_of(const AVStream& stream, const AVFrame* frame, const std::string& of_headers) {
  if (frame != nullptr) {
    if (const auto* data = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX))
      return upright_filters(reinterpret_cast<const std::int32_t*>(data->data));
    if (const auto* tag = av_dict_get(frame->metadata, "Orientation", nullptr, 0))
      return upright_filters_for_exif(std::atoi(tag->value));
  }
  const auto* matrix = display_matrix(stream);
  return matrix != nullptr ? upright_filters(matrix) : of_headers;
}

FilterInput filter_input_for_stream(const InputFile& input, AVStream& stream, const std::string& user,
                                    int longest_side) {
  FilterInput in;
  in.width = stream.codecpar->width;
  in.height = stream.codecpar->height;
  in.format = static_cast<AVPixelFormat>(stream.codecpar->format);
  in.time_base = stream.time_base;
  in.frame_rate = av_guess_frame_rate(input.context.get(), &stream, nullptr);
  in.sample_aspect = av_guess_sample_aspect_ratio(input.context.get(), &stream, nullptr);
  in.matrix = stream.codecpar->color_space;
  in.range = stream.codecpar->color_range;
  in.upright = upright_of(stream, nullptr, "");
  in.user = user;
  in.longest_side = longest_side;
  return in;
}

// Everything that the frames of the decoder depend on, as text. "" for numbered pictures.
std::string index_key(const std::string& facts, const ReaderOptions& options, const AVStream& stream) {
  constexpr int kIndexVersion = 1;  // version of the index: raise it when fingerprints or times change
  if (facts.empty()) return "";
  return fmt::format("frames {}\n{}stream {}{}\nlibavcodec {}\nlibavformat {}\n", kIndexVersion, facts,
                     stream.index, options.alpha && carries_alpha(stream) ? " with alpha" : "",
                     avcodec_version(), avformat_version());
}

std::string range_of(const ReaderOptions& options) {
  std::string text;
  if (options.trim_start) text += fmt::format("from {}\n", to_string(*options.trim_start));
  if (options.trim_end) text += fmt::format("to {}\n", to_string(*options.trim_end));
  return text;
}

// The alpha of a frame. A source may change to a format without alpha; such frames are opaque.
at::Tensor alpha_of(const AVFrame& frame) {
  return has_alpha(static_cast<AVPixelFormat>(frame.format)) ? alpha_from_frame(frame)
                                                             : at::ones({1, frame.height, frame.width});
}

}  // namespace

struct Reader::Impl {
  explicit Impl(const ReaderOptions& reader_options);

  std::optional<VideoFrame> next();
  bool skip();
  std::int64_t skip(std::int64_t count);
  DecodeReport report() const;
  std::string key() const;

  bool jump(std::int64_t count);
  bool seek_to(std::int64_t number);
  bool decode_to(std::int64_t number);
  AVFrame* next_decoded();
  AVFrame* again_from_the_start();
  void be_still();
  void prime();
  bool fill();
  AVFrame* next_selected();
  void begin_at(const AVFrame& first);
  void look_at_colours(const AVFrame& first);
  void feed(AVFrame& frame);
  void open_chain(const AVFrame& frame);
  void drain_chain();
  VideoFrame deliver(const AVFrame& frame);
  double seconds_of(std::int64_t pts) const;
  double exact_seconds_of(std::int64_t pts) const;
  [[noreturn]] void throw_nothing() const;

  ReaderOptions options;
  const std::string file_facts;  // facts of the file before it was opened
  InputFile input;
  AVStream* stream;
  VideoDecoder decoder;
  Trim trim;
  VideoInfo info;
  double steady_rate = 0;                 // frames a second, if the rate is constant; 0: it varies
  PictureHeaders headers;                 // headers of a still, or of a sequence's first picture
  std::optional<PictureColours> colours;  // known with the first frame
  std::optional<FilterChain> chain;
  std::deque<FramePtr> ready;  // filtered, to be delivered
  bool begun = false;          // the first selected frame is known, and so is the place of pts 0
  bool ended = false;          // the chain has been given the end
  std::int64_t origin_pts = 0;
  std::int64_t delivered = 0;
  std::int64_t selected = 0;
  std::int64_t damaged_frames = 0;
  std::optional<FrameIndex> index;
  bool has_jumped = false;
  std::int64_t number = 0;  // number of the decoder's next frame, counted from the file's first frame
};

Reader::Impl::Impl(const ReaderOptions& reader_options)
    : options(reader_options),
      file_facts(facts_of_file(reader_options.path)),
      input(open_input(options.path, options.frame_rate)),
      stream(&video_stream(input)),
      decoder(input, *stream, options.alpha),
      trim(options.trim_start, options.trim_end, input.name),
      info(probe(input, *stream)) {
  origin_pts = av_rescale_q(input.beginning(), AV_TIME_BASE_Q, stream->time_base);
  if (!info.variable_rate) steady_rate = info.frame_rate.value();
  apply_trim(info, options);
  const bool is_picture = input.is_picture || input.picture_count;
  if (options.index && !is_picture) index.emplace(index_key(file_facts, options, *stream));
  if (!is_picture && decoder.holds_one_frame()) be_still();
  if (is_picture || info.is_still) headers = read_picture_headers(input.first_file);
  // Some facts show only in the first frame. For example, a header does not tell whether anything in an alpha
  // channel is transparent.
  const bool may_have_alpha = options.alpha && carries_alpha(*stream);
  if (may_have_alpha || !options.filter.empty() || trim.has_start() || is_picture || info.is_still ||
      stream->codecpar->format < 0 || is_hdr(stream->codecpar->color_trc)) {
    prime();
  } else {
    chain.emplace(filter_input_for_stream(input, *stream, "", options.longest_side));
    apply_chain(info, *chain, false);
    info.hdr.without_levels();
  }
  info.has_alpha = options.alpha && has_alpha(chain->format());
  if (info.has_alpha && !ready.empty()) info.shows_alpha = alpha_of(*ready.front()).lt(1).any().item<bool>();
}

// A container with a single frame holds a still. Its time line has no meaning.
void Reader::Impl::be_still() {
  info.is_still = true;
  info.variable_rate = false;
  info.frame_count = 1;
  info.frame_count_is_exact = true;
}

// Gets the first frame out of the chain, and fills in the facts that it shows.
void Reader::Impl::prime() {
  trim.seek(decoder, seconds_of(0));
  if (decoder.statistics().seeked) index.reset();  // frames are not counted from the first one
  if (!fill()) throw_nothing();
  apply_chain(info, *chain, !options.filter.empty());
  const AVFrame& first = *ready.front();
  const auto format = static_cast<AVPixelFormat>(first.format);
  // R'G'B' frames keep the tags of the picture that they were made from, unless a filter has set others.
  const bool rgb = is_rgb(format);
  if (!rgb) info.colour.matrix = first.colorspace;
  if (!rgb) info.colour.full_range = is_full_range(format, first.color_range);
  if (!rgb || first.color_primaries != AVCOL_PRI_UNSPECIFIED) info.colour.primaries = first.color_primaries;
  if (!rgb || first.color_trc != AVCOL_TRC_UNSPECIFIED) info.colour.transfer = first.color_trc;
  colours->apply_to(info.colour);
  if (!is_hdr(info.colour.transfer)) info.hdr.without_levels();
}

double Reader::Impl::seconds_of(std::int64_t pts) const {
  return static_cast<double>(pts) * av_q2d(stream->time_base) -
         static_cast<double>(input.beginning()) / AV_TIME_BASE;
}

// A container's clock rounds times. A trim compares the exact time of a frame instead.
double Reader::Impl::exact_seconds_of(std::int64_t pts) const {
  const double seconds = seconds_of(pts);
  if (steady_rate <= 0) return seconds;
  return on_frame_grid(seconds, steady_rate, av_q2d(stream->time_base)).value_or(seconds);
}

// Puts at least one frame into `ready`; false at the end.
bool Reader::Impl::fill() {
  while (ready.empty()) {
    if (ended) return false;
    AVFrame* frame = next_selected();
    input.throw_if_stopped();  // a stopped read must not be taken for the end of the file
    if (frame != nullptr) {
      feed(*frame);
    } else {
      ended = true;
      if (index && facts_of_file(options.path) == file_facts) index->store();
      if (chain) chain->push(nullptr);
    }
    if (chain) drain_chain();
  }
  return true;
}

AVFrame* Reader::Impl::next_selected() {
  while (AVFrame* frame = next_decoded()) {
    input.throw_if_stopped();
    const auto where = trim.place(exact_seconds_of(frame->pts), decoder);
    if (where == Trim::Place::after) return nullptr;
    if (where == Trim::Place::before) continue;
    if (!begun) begin_at(*frame);
    ++selected;
    if (is_damaged(*frame)) ++damaged_frames;
    return frame;
  }
  return nullptr;
}

AVFrame* Reader::Impl::next_decoded() {
  AVFrame* frame = decoder.next();
  if (frame == nullptr || !index) return frame;
  if (!has_jumped) {
    index->add(number, *frame);
  } else if (number >= index->size() || index->find(*frame) != number) {
    // After a jump, the frame differs from the index, or lies behind its end. The jump is no longer trusted,
    // so the file is decoded from its start.
    frame = again_from_the_start();
  }
  ++number;
  return frame;
}

// Frame `number`, by decoding everything before it.
AVFrame* Reader::Impl::again_from_the_start() {
  log_debug(fmt::format("{}: frame {} after a jump is not as it was", input.name, number));
  index.reset();
  input.throw_if_stopped();
  decoder.rewind();
  return decode_to(number) ? decoder.next() : nullptr;
}

void Reader::Impl::begin_at(const AVFrame& first) {
  begun = true;
  decoder.forget_damage();  // damage before the trim does not count
  if (trim.has_start() || first.pts < origin_pts) origin_pts = first.pts;
  info.start_seconds = seconds_of(origin_pts);
}

void Reader::Impl::look_at_colours(const AVFrame& first) {
  colours.emplace(input.name, *stream, first, headers, info.is_still || input.picture_count);
  if (is_hdr(stream->codecpar->color_trc)) info.hdr = read_hdr_metadata(*stream, &first);
}

void Reader::Impl::feed(AVFrame& frame) {
  frame.pts -= origin_pts;
  frame.pict_type = AV_PICTURE_TYPE_NONE;
  if (!colours) look_at_colours(frame);
  colours->before_filters(frame);
  if (!chain || !chain->takes(frame)) open_chain(frame);
  chain->push(&frame);
}

void Reader::Impl::open_chain(const AVFrame& frame) {
  FilterInput in = filter_input_for_stream(input, *stream, options.filter, options.longest_side);
  if (chain) {
    if (options.longest_side == 0)  // for thumbnails, the size does not matter
      log_warning(fmt::format("{}: the pictures change to {}x{} {}; they are scaled to {}x{}", input.name,
                              frame.width, frame.height,
                              av_get_pix_fmt_name(static_cast<AVPixelFormat>(frame.format)), chain->width(),
                              chain->height()));
    in.out_size = {chain->width(), chain->height()};
    chain->push(nullptr);
    drain_chain();
  }
  in.width = frame.width;
  in.height = frame.height;
  in.format = static_cast<AVPixelFormat>(frame.format);
  in.matrix = frame.colorspace;
  in.range = frame.color_range;
  if (frame.sample_aspect_ratio.num > 0) in.sample_aspect = frame.sample_aspect_ratio;
  in.upright = upright_of(*stream, &frame, headers.upright);
  chain.emplace(in);
}

void Reader::Impl::drain_chain() {
  for (FramePtr frame = new_frame(); chain->pull(*frame); frame = new_frame()) {
    input.throw_if_stopped();
    ready.push_back(std::move(frame));
  }
}

std::optional<VideoFrame> Reader::Impl::next() {
  if (fill()) {
    const FramePtr frame = std::move(ready.front());
    ready.pop_front();
    return deliver(*frame);
  }
  if (delivered == 0) throw_nothing();
  return std::nullopt;
}

bool Reader::Impl::skip() {
  if (!fill()) return false;
  ready.pop_front();
  ++delivered;
  return true;
}

std::int64_t Reader::Impl::skip(std::int64_t count) {
  std::int64_t passed = 0;
  const auto pass_one = [&] { return skip() && ++passed > 0; };
  // The first frame defines where the times begin. Frames that were filtered already come first.
  while (passed < count && (!begun || !ready.empty()))
    if (!pass_one()) return passed;
  if (jump(count - passed)) return count;
  while (passed < count && pass_one()) {
  }
  return passed;
}

// Jumps over `count` frames without decoding or filtering them. False, with nothing changed, if the file or
// the filter does not allow it.
bool Reader::Impl::jump(std::int64_t count) {
  constexpr std::int64_t kWorthJumping = 64;  // frames; a jump decodes about as many
  const std::int64_t target = number + count;
  if (!index || count < kWorthJumping || target >= index->size() || !decoder.can_jump()) return false;
  if (!forgets(options.filter) || !trim.ends_behind(target - 1, exact_seconds_of(index->pts(target - 1))))
    return false;
  if (!seek_to(target)) {
    log_debug(fmt::format("{}: a jump to frame {} gives other pictures; it is decoded from the start",
                          input.name, target));
    input.throw_if_stopped();
    decoder.rewind();
    if (!decode_to(target)) return false;
  }
  has_jumped = true;
  number = target;
  trim.pass_over(count);
  selected += count;
  delivered += count;
  return true;
}

// Makes `target` the decoder's next frame. False if the frames before it differ from the index.
bool Reader::Impl::seek_to(std::int64_t target) {
  constexpr int kProof = 4;  // number of consecutive frames that must equal the index's frames
  if (!decoder.seek(static_cast<double>(index->pts(target)) * av_q2d(stream->time_base))) return false;
  int proof = 0;
  std::int64_t last = -1;
  while (const AVFrame* frame = decoder.next()) {
    input.throw_if_stopped();
    if (frame->pts >= index->pts(target)) return false;
    const auto found = index->find(*frame);
    proof = !found ? 0 : *found == last + 1 ? proof + 1 : 1;
    last = found.value_or(-2);
    if (last == target - 1) return proof >= kProof;
  }
  return false;
}

bool Reader::Impl::decode_to(std::int64_t target) {
  for (std::int64_t i = 0; i < target; ++i) {
    input.throw_if_stopped();
    if (decoder.next() == nullptr) return false;
  }
  return true;
}

VideoFrame Reader::Impl::deliver(const AVFrame& frame) {
  VideoFrame out;
  out.rgb = tensor_from_frame(frame);
  colours->finish(out.rgb, frame.color_primaries);
  if (info.has_alpha) out.alpha = alpha_of(frame);
  out.index = delivered++;
  out.pts = frame.pts;
  // A frame's duration is in the unit of the stream. After the chain, it is valid only if the chain keeps
  // that unit.
  const bool same_unit = av_cmp_q(chain->time_base(), stream->time_base) == 0;
  const AVRational rate = to_av(info.frame_rate);
  out.duration = same_unit && frame_duration(frame) > 0 ? frame_duration(frame)
                                                        : av_rescale_q(1, av_inv_q(rate), chain->time_base());
  out.seconds = static_cast<double>(out.pts) * av_q2d(chain->time_base());
  return out;
}

void Reader::Impl::throw_nothing() const {
  const auto& statistics = decoder.statistics();
  const bool none = statistics.frames == 0 && !statistics.seeked;
  if (const auto reason = none ? why_unreadable(input.first_file) : ""; !reason.empty())
    throw InputError(fmt::format("cannot use {}: {}", input.name, reason));
  if (none)
    throw InputError(
        fmt::format("{}: not a single frame could be decoded (codec {}, {} packets read, {} of them damaged)",
                    input.name, info.codec, statistics.packets, statistics.damaged_packets));
  if (selected == 0) trim.throw_selects_nothing(statistics);
  throw JobError(fmt::format("{}: the filter \"{}\" lets no frame through", input.name, options.filter));
}

DecodeReport Reader::Impl::report() const {
  DecodeReport report;
  report.frames = delivered;
  DamageFacts facts;
  facts.name = input.name;
  facts.statistics = decoder.statistics();
  facts.damaged_frames = damaged_frames;
  facts.selected_frames = selected;
  facts.to_the_end = ended && !trim.reached_end();
  facts.trim_end_seconds = trim.end_seconds(info.frame_rate.value());
  facts.beginning_seconds = static_cast<double>(input.beginning()) / AV_TIME_BASE;
  facts.is_picture = input.is_picture || input.picture_count.has_value();
  // If the times of a file may begin anew, its expected end is only a guess from the last packets.
  if ((input.context->iformat->flags & AVFMT_TS_DISCONT) == 0)
    facts.expected = expected_end(*input.context, *stream);
  facts.cut_off =
      facts.to_the_end && !facts.is_picture &&
      (facts.statistics.cut_off || facts.statistics.read_error != 0 || ends_too_early(input.name));
  report.message = describe_damage(facts, *stream);
  report.damaged = !report.message.empty();
  return report;
}

// "" once the file on disk is no longer the file that was opened.
std::string Reader::Impl::key() const {
  if (file_facts.empty() || facts_of_file(options.path) != file_facts) return "";
  std::string text = index_key(file_facts, options, *stream);
  if (options.frame_rate) text += fmt::format("rate {:f}\n", options.frame_rate->value());
  return fmt::format("{}{}filter {}\nlibavfilter {}\nside {}\n", text, range_of(options), options.filter,
                     avfilter_version(), options.longest_side);
}

Reader::Reader(const ReaderOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
const VideoInfo& Reader::info() const {
  return impl_->info;
}
std::optional<VideoFrame> Reader::next() {
  return impl_->next();
}
bool Reader::skip() {
  return impl_->skip();
}
void Reader::stop_at(const std::atomic<bool>* stop) {
  impl_->input.stop_at(stop);
}
std::int64_t Reader::skip(std::int64_t count) {
  return impl_->skip(count);
}
std::string Reader::key() const {
  return impl_->key();
}
DecodeReport Reader::report() const {
  return impl_->report();
}

}  // namespace dreamreel::media
