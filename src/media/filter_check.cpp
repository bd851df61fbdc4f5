#include "filter_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <deque>
#include <map>
#include <new>
#include <string_view>

extern "C" {
#include <libavutil/eval.h>
#include <libavutil/imgutils.h>
#include <libavutil/mem.h>
}

#include "bounds.h"
#include "dreamreel/core/error.h"
#include "dreamreel/core/suggest.h"
#include "dreamreel/core/trust.h"
#include "filter_list.h"
#include "filter_text.h"
#include "filter_time.h"

namespace dreamreel::media {
namespace {

// The rate that the bounds assume if a rate is unknown.
constexpr AVRational kUnknownRate{25, 1};
constexpr double kMostFilterThreads = 64;
constexpr double kNoStartTime = 1e300;  // seconds; the default of fps=start_time is larger

// The kind of frames that flow between two filters.
struct Shape {
  int width = 0, height = 0;
  AVPixelFormat format = AV_PIX_FMT_NONE;
  AVRational time_base{1, 1}, rate{0, 1}, sample_aspect{0, 1};
};

// Bytes of one picture. A format that is unknown, or that is no plain memory, counts as the largest format.
std::int64_t picture_bytes(const Shape& shape) {
  constexpr std::int64_t kMostBytesOfPixel = 16;  // four numbers of 32 bits
  const int bytes = av_image_get_buffer_size(shape.format, shape.width, shape.height, 1);
  return bytes > 0 ? bytes : kMostBytesOfPixel * shape.width * shape.height;
}

std::string in_quotes(std::string_view text) {
  return "'" + std::string(text) + "'";
}

std::string number_text(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.15g", value);
  return text.data();
}

[[noreturn]] void refuse_filter(const FilterCall& call, const std::string& what) {
  throw JobError(fmt::format("input.filter: the filter {} {}; {}", in_quotes(call.name), what, kHowToTrust));
}

std::vector<std::string> allowed_names() {
  std::vector<std::string> names;
  for (const auto& rule : filter_rules())
    if (avfilter_get_by_name(std::string(rule.name).c_str()) != nullptr) names.emplace_back(rule.name);
  return names;
}

const FilterRule& rule_of(const FilterCall& call, const std::string& text) {
  const FilterRule* const rule = find_filter_rule(call.name);
  const bool exists = avfilter_get_by_name(call.name.c_str()) != nullptr;
  if (!exists) throw_filter_refused(text, "No such filter: " + in_quotes(call.name));
  if (rule == nullptr)
    refuse_filter(
        call,
        "is not among the filters that a job may use, because it may open files, write them, or never end");
  return *rule;
}

// A filter that libavfilter has made, but neither initialised nor linked. Its options can be set and read
// safely.
class OptionProbe {
 public:
  OptionProbe(const FilterCall& call, const FilterRule& rule)
      : call_(call), rule_(rule), graph_(avfilter_graph_alloc()) {
    if (!graph_) throw std::bad_alloc();
    context_ = avfilter_graph_alloc_filter(graph_.get(), avfilter_get_by_name(call.name.c_str()), "probe");
    if (context_ == nullptr) throw std::bad_alloc();
    set_all();
    for (const auto& bound : rule_.bounds) check(bound);
  }

  /// How many frames the filter may make of one.
  double factor() const { return rule_.factor * (rule_.factor_by.empty() ? 1 : 1 + number(rule_.factor_by)); }
  /// A number that the filter was given, or its default.
  double value(std::string_view option) const { return number(option); }
  /// How many frames it holds back.
  double held() const {
    if (rule_.held_by.empty()) return 0;
    return number(rule_.held_by) * (rule_.held_both_sides ? 2 : 1) + 1;
  }
  /// A text option's value.
  std::string text(const char* option) const {
    std::uint8_t* value = nullptr;
    if (av_opt_get(context_->priv, option, 0, &value) < 0 || value == nullptr) return "";
    const std::unique_ptr<std::uint8_t, decltype(&av_free)> owned(value, &av_free);
    return reinterpret_cast<const char*>(value);
  }

 private:
  // Sets the options as libavfilter does. A value without a name belongs to the next option in the filter's
  // own order.
  void set_all() {
    const LibavErrors quiet;  // libavfilter reports bad values later, when the chain is set up
    const char* rest = call_.arguments.c_str();
    const AVOption* next = nullptr;
    bool named = false;
    if (*rest != '\0' && context_->filter->priv_class == nullptr) refuse_filter(call_, "has no options");
    while (*rest != '\0') {
      const AVOption* const positional = named ? nullptr : following(next);
      next = positional;
      char *key = nullptr, *value = nullptr;
      if (av_opt_get_key_value(&rest, "=", ":", positional != nullptr ? AV_OPT_FLAG_IMPLICIT_KEY : 0, &key,
                               &value) < 0)
        refuse_filter(call_,
                      fmt::format("has options that cannot be read: {} has no name, although it stands "
                                  "behind options with names or there are no more",
                                  in_quotes(std::string(rest).substr(0, 60))));
      const std::unique_ptr<char, decltype(&av_free)> owned_key(key, &av_free), owned_value(value, &av_free);
      if (*rest != '\0') ++rest;
      named = named || key != nullptr;
      set(key != nullptr ? key : positional->name, value);
    }
  }

  // The next option. Further names of the same option are skipped.
  const AVOption* following(const AVOption* option) const {
    const int offset = option != nullptr ? option->offset : -1;
    do option = av_opt_next(context_->priv, option);
    while (option != nullptr && (option->type == AV_OPT_TYPE_CONST || option->offset == offset));
    return option;
  }

  void set(const std::string& key, const std::string& value) {
    if (const auto function = refused_function(value); !function.empty())
      refuse_filter(
          call_,
          fmt::format("calls {}() in {}, which may run for ever or give another value later; a job may not",
                      function, in_quotes(key)));
    if (key == "enable" || key == "thread_type") return;
    if (key == "threads") return check_threads(value);
    const AVOption* const option =
        av_opt_find(context_->priv, key.c_str(), nullptr, 0, AV_OPT_SEARCH_CHILDREN | AV_OPT_SEARCH_FAKE_OBJ);
    if (option == nullptr) return refuse_unknown(key);
    if (!is_plain_value(*option) && !allows_text(rule_, key))
      refuse_filter(
          call_,
          fmt::format("has the option {}, which a job may not set, because such a text may name a file",
                      in_quotes(key)));
    av_opt_set(context_->priv, key.c_str(), value.c_str(), AV_OPT_SEARCH_CHILDREN);
  }

  // libavfilter does not know the option either, unless it belongs to every filter.
  void refuse_unknown(const std::string& key) const {
    refuse_filter(call_, av_opt_find(context_, key.c_str(), nullptr, 0, 0) != nullptr
                             ? fmt::format("has the option {}, which a job may not set", in_quotes(key))
                             : "has no option " + in_quotes(key));
  }

  void check_threads(const std::string& value) const {
    char* end = nullptr;
    const double threads = std::strtod(value.c_str(), &end);
    if (value.empty() || *end != '\0' || !(threads >= 0 && threads <= kMostFilterThreads))
      refuse_filter(call_, fmt::format("has threads={}; from 0 to {} are allowed", value,
                                       number_text(kMostFilterThreads)));
  }

  // The value of an option. An expression must be constant: it may not depend on the frame.
  double number(std::string_view name) const {
    const std::string option(name);
    if (context_->filter->priv_class == nullptr) return 0;
    const AVOption* const found = av_opt_find(context_->priv, option.c_str(), nullptr, 0, 0);
    if (found == nullptr) return 0;
    double value = 0;
    if (is_plain_value(*found)) {
      AVRational fraction{0, 1};
      if (found->type == AV_OPT_TYPE_DOUBLE || found->type == AV_OPT_TYPE_FLOAT) {
        av_opt_get_double(context_->priv, option.c_str(), 0, &value);
      } else if (std::int64_t whole = 0; av_opt_get_int(context_->priv, option.c_str(), 0, &whole) >= 0) {
        value = static_cast<double>(whole);
      } else if (av_opt_get_q(context_->priv, option.c_str(), 0, &fraction) >= 0) {
        value = av_q2d(fraction);
      }
      return value;
    }
    const std::string expression = text(option.c_str());
    const char* const none = nullptr;
    const LibavErrors quiet;
    if (av_expr_parse_and_eval(&value, expression.c_str(), &none, nullptr, nullptr, nullptr, nullptr, nullptr,
                               nullptr, 0, nullptr) < 0 ||
        !(value >= 0))
      refuse_filter(call_,
                    fmt::format("has {}={}, which must be a plain number of at least 0", option, expression));
    return value;
  }

  void check(const OptionBound& bound) const {
    const double value = number(bound.option);
    if (value >= bound.least && value <= bound.most) return;
    std::string range = fmt::format("from {} to {}", number_text(bound.least), number_text(bound.most));
    if (bound.least == bound.most) range = "only " + number_text(bound.least);
    if (std::isinf(bound.most)) range = "at least " + number_text(bound.least);
    refuse_filter(call_,
                  fmt::format("has {}={}; a job may have {}", bound.option, number_text(value), range));
  }

  const FilterCall& call_;
  const FilterRule& rule_;
  GraphPtr graph_;
  AVFilterContext* context_ = nullptr;  // owned by the graph
};

// One filter, set up between sources of the given shapes and sinks.
class Alone {
 public:
  Alone(const FilterInput& input, const std::string& scaler_flags, const FilterCall& call)
      : input_(input), call_(call), graph_(avfilter_graph_alloc()) {
    if (!graph_) throw std::bad_alloc();
    graph_->scale_sws_opts = av_strdup(scaler_flags.empty() ? kAccurate : ("flags=" + scaler_flags).c_str());
    graph_->nb_threads = 1;
    // libavfilter gives the flags of the text to each scale that has none of its own.
    std::string arguments = call.arguments;
    if (call.name == "scale" && !scaler_flags.empty() && arguments.find("flags") == std::string::npos)
      arguments += (arguments.empty() ? "flags=" : ":flags=") + scaler_flags;
    filter_ = add(call.name.c_str(), "filter", arguments);
  }

  unsigned inputs() const { return filter_->nb_inputs; }

  /// The shapes that reach the filter itself: libavfilter converts frames that the filter cannot take. Call
  /// after outputs_for().
  std::vector<Shape> taken_in() const {
    std::vector<Shape> shapes;
    for (unsigned i = 0; i < filter_->nb_inputs; ++i) {
      Shape& shape = shapes.emplace_back();
      shape.width = filter_->inputs[i]->w;
      shape.height = filter_->inputs[i]->h;
      shape.format = static_cast<AVPixelFormat>(filter_->inputs[i]->format);
    }
    return shapes;
  }

  std::vector<Shape> outputs_for(const std::vector<Shape>& inputs) {
    const LibavErrors errors;
    int error = 0;
    for (unsigned i = 0; i < inputs.size() && error >= 0; ++i)
      error = avfilter_link(add("buffer", "in", source_arguments_of(inputs[i])), 0, filter_, i);
    std::vector<AVFilterContext*> sinks;
    for (unsigned i = 0; i < filter_->nb_outputs && error >= 0; ++i) {
      sinks.push_back(add("buffersink", "out", ""));
      error = avfilter_link(filter_, i, sinks.back(), 0);
    }
    if (error >= 0) error = avfilter_graph_config(graph_.get(), nullptr);
    if (error < 0) throw_filter_refused(input_.user, errors.describe(call_.name, error));
    std::vector<Shape> shapes;
    for (const auto* const sink : sinks) shapes.push_back(shape_of(*sink));
    return shapes;
  }

 private:
  AVFilterContext* add(const char* filter, const char* name, const std::string& arguments) {
    const LibavErrors errors;
    AVFilterContext* context = nullptr;
    const int error =
        avfilter_graph_create_filter(&context, avfilter_get_by_name(filter), name,
                                     arguments.empty() ? nullptr : arguments.c_str(), nullptr, graph_.get());
    if (error < 0) throw_filter_refused(input_.user, errors.describe(call_.name, error));
    return context;
  }

  std::string source_arguments_of(const Shape& shape) const {
    FilterInput input = input_;
    input.width = shape.width;
    input.height = shape.height;
    input.format = shape.format;
    input.time_base = shape.time_base;
    input.frame_rate = shape.rate;
    input.sample_aspect = shape.sample_aspect;
    return source_arguments(input);
  }

  static Shape shape_of(const AVFilterContext& sink) {
    const AVRational rate = av_buffersink_get_frame_rate(&sink);
    return {av_buffersink_get_w(&sink),
            av_buffersink_get_h(&sink),
            static_cast<AVPixelFormat>(av_buffersink_get_format(&sink)),
            av_buffersink_get_time_base(&sink),
            rate.num > 0 && rate.den > 0 ? rate : kUnknownRate,
            av_buffersink_get_sample_aspect_ratio(&sink)};
  }

  const FilterInput& input_;
  const FilterCall& call_;
  GraphPtr graph_;
  AVFilterContext* filter_ = nullptr;  // owned by the graph
};

// Follows the shapes of frames through a chain, filter by filter.
class Walk {
 public:
  explicit Walk(const FilterInput& input) : input_(input), text_(parse_filter_text(input.user)) {}

  ChainLimits limits() {
    const Shape first{input_.width,
                      input_.height,
                      input_.format,
                      input_.time_base,
                      input_.frame_rate.num > 0 ? input_.frame_rate : kUnknownRate,
                      input_.sample_aspect};
    open_.emplace("in", first);
    note_size(first);
    for (const auto& call : text_.calls) rule_of(call, input_.user);  // before any filter is touched
    for (const auto& call : text_.calls) visit(call);
    const bool labelled = flowing_.empty() && open_.size() == 1 && open_.contains("out");
    if (!labelled && !(flowing_.size() == 1 && open_.empty())) refuse_ends();
    return limits_;
  }

 private:
  void visit(const FilterCall& call) {
    const FilterRule& rule = rule_of(call, input_.user);
    const OptionProbe probe(call, rule);
    Alone alone(input_, text_.scaler_flags, call);
    const auto inputs = inputs_of(call, alone.inputs());
    follow_time(call, rule, probe, inputs);
    const auto outputs = alone.outputs_for(inputs);
    const auto taken_in = alone.taken_in();
    for (const auto& shape : taken_in) note_size(shape);
    for (const auto& shape : outputs) check(call, shape);
    if (rule.kind == FilterKind::fills)
      for (const auto& shape : outputs) limits_.fill_rate = std::max(limits_.fill_rate, av_q2d(shape.rate));
    check_held(call, probe, taken_in);
    give(call, outputs);
    first_ = false;
  }

  std::vector<Shape> inputs_of(const FilterCall& call, unsigned pads) {
    std::vector<Shape> inputs;
    for (const auto& label : call.inputs) inputs.push_back(taken(call, label));
    inputs.insert(inputs.end(), flowing_.begin(), flowing_.end());
    flowing_.clear();
    if (first_ && inputs.empty() && pads == 1) inputs.push_back(taken(call, "in"));
    if (inputs.size() != pads)
      throw_filter_refused(input_.user, fmt::format("{} has {} inputs, but {} lead to it",
                                                    in_quotes(call.name), pads, inputs.size()));
    if (pads > 1) limits_.holds = true;
    return inputs;
  }

  Shape taken(const FilterCall& call, const std::string& label) {
    const auto found = open_.extract(label);
    if (found.empty())
      throw_filter_refused(
          input_.user,
          fmt::format("the label [{}] before {} must stand behind a filter further left, and be used once",
                      label, in_quotes(call.name)));
    return found.mapped();
  }

  void give(const FilterCall& call, const std::vector<Shape>& outputs) {
    flowing_.assign(outputs.begin(), outputs.end());
    for (const auto& label : call.outputs) {
      if (flowing_.empty())
        throw_filter_refused(input_.user,
                             fmt::format("{} has no output for the label [{}]", in_quotes(call.name), label));
      if (!open_.emplace(label, flowing_.front()).second)
        throw_filter_refused(input_.user, fmt::format("the label [{}] is given twice", label));
      flowing_.pop_front();
    }
    if (call.ends_chain && !flowing_.empty() && &call != &text_.calls.back()) refuse_ends();
  }

  [[noreturn]] void refuse_ends() const {
    throw JobError(
        fmt::format("the filter \"{}\" must have exactly one video input and one video output", input_.user));
  }

  // If gaps are filled later, or other branches wait for these frames, an expression for times must be a
  // plain multiple of the old times.
  void follow_time(const FilterCall& call, const FilterRule& rule, const OptionProbe& probe,
                   const std::vector<Shape>& inputs) {
    multiplied_ *= probe.factor();
    if (multiplied_ > kMostMultiplied)
      refuse_filter(call,
                    fmt::format("makes, with those before it, up to {} frames of one; at most {} are allowed",
                                number_text(multiplied_), number_text(kMostMultiplied)));
    if (rule.kind == FilterKind::holds) limits_.holds = true;
    if (call.name == "concat") limits_.holds = limits_.comes_late = true;
    if (rule.kind == FilterKind::moves_time && !inputs.empty()) {
      const auto scale =
          time_scale_of(probe.text("expr"), inputs.front().time_base, av_q2d(inputs.front().rate));
      known_times_ = known_times_ && scale.has_value();
      limits_.time_scale *= std::max(1.0, scale.value_or(1));
      ++moves_;
      if (!open_.empty() && scale != 1.0)
        refuse_filter(
            call,
            "changes times in one of several branches by more than a shift, so that the others would wait");
    }
    if (rule.kind == FilterKind::fills && !known_times_)
      refuse_filter(
          call,
          "fills gaps between times that setpts makes by an expression; put it before setpts, or give "
          "setpts a multiple such as 2*PTS");
    if (rule.kind == FilterKind::fills) follow_filling(call, probe);
  }

  // The frames that fill gaps depend on the gaps of the input. FilterChain::watch() counts them.
  void follow_filling(const FilterCall& call, const OptionProbe& probe) {
    if (moves_ > 1 && limits_.time_scale > 1)
      refuse_filter(
          call, "fills gaps behind more than one setpts, one of which makes the gaps longer; use one setpts");
    if (call.name != "fps") return;
    const double start = probe.value("start_time");
    if (start >= kNoStartTime) return;
    if (moves_ > 0) refuse_filter(call, "has start_time= behind setpts; leave one of them out");
    limits_.fill_start = std::min(limits_.fill_start.value_or(start), start);
  }

  void note_size(const Shape& shape) {
    limits_.frame_bytes = std::max(limits_.frame_bytes, picture_bytes(shape));
  }

  void check(const FilterCall& call, const Shape& shape) {
    if (std::int64_t{shape.width} * shape.height > kMostPixels)
      refuse_filter(call,
                    fmt::format("makes pictures of {}x{}; at most {} pixels are allowed, such as 16000x16000",
                                shape.width, shape.height, kMostPixels));
    if (av_q2d(shape.rate) > kMostFrameRate)
      refuse_filter(call, fmt::format("makes {} frames a second; at most {} are allowed",
                                      number_text(av_q2d(shape.rate)), number_text(kMostFrameRate)));
    note_size(shape);
  }

  void check_held(const FilterCall& call, const OptionProbe& probe, const std::vector<Shape>& inputs) const {
    for (const auto& shape : inputs) {
      if (probe.held() * static_cast<double>(picture_bytes(shape)) > static_cast<double>(kMostHeldBytes))
        refuse_filter(
            call, fmt::format("holds back {} frames of {}x{}; at most {} GiB are allowed",
                              number_text(probe.held()), shape.width, shape.height, kMostHeldBytes >> 30));
    }
  }

  const FilterInput& input_;
  const FilterText text_;
  std::map<std::string, Shape> open_;  // by label
  std::deque<Shape> flowing_;          // outputs without a label, for the next filter
  bool first_ = true, known_times_ = true;
  int moves_ = 0;  // filters that change the times of frames
  double multiplied_ = 1;
  ChainLimits limits_;
};

}  // namespace

void throw_filter_refused(const std::string& text, const std::string& reason) {
  const std::string complaint = "No such filter: '";
  const auto at = reason.find(complaint);
  std::string hint;
  if (at != std::string::npos) {
    const auto first = at + complaint.size();
    hint = did_you_mean(reason.substr(first, reason.find('\'', first) - first), allowed_names());
  }
  throw JobError(fmt::format("libavfilter refuses the filter \"{}\": {}{}", text, reason, hint));
}

ChainLimits check_filters(const FilterInput& input) {
  if (input.user.empty() || trusts_ffmpeg()) return {};
  return Walk(input).limits();
}

}  // namespace dreamreel::media
