#include "dreamreel/curve/expression.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "expression_syntax.h"

extern "C" {
#include <libavutil/eval.h>
#include <libavutil/log.h>
}

namespace dreamreel::curve {

// It is in no anonymous namespace, because a member of Expression::Compiled has it in its type.
struct ExpressionFreer {
  void operator()(AVExpr* expression) const { av_expr_free(expression); }
};

namespace {

// In the order of values() below. av_expr_parse() needs the null at the end.
constexpr std::size_t kFirstSoundVariable = 5;
constexpr auto kVariables = [] {
  std::array<const char*, kFirstSoundVariable + kSoundVariables.size() + 1> names{"t", "n", "fps", "T", "p"};
  for (std::size_t i = 0; i < kSoundVariables.size(); ++i)
    names[kFirstSoundVariable + i] = kSoundVariables[i].name.data();
  return names;
}();
constexpr std::array<std::string_view, 5> kStoring{"st", "random", "randomi", "root", "taylor"};
constexpr std::array<std::string_view, 2> kSearching{"root", "taylor"};
constexpr std::size_t kBuiltIn = kVariables.size() - 1;  // without the null
constexpr std::int64_t kStepsOfASearch = 1000, kCostOfCompiling = 10;
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kRefused{
    {{"time", "a frame must depend on nothing but the job; t is the time in the job"},
     {"print", "a frame must depend on nothing but the job; `dreamreel check --curves` shows values"},
     {"while", "it may never end; the time in the job, t, is what a frame may count with"}}};

using ExpressionHandle = std::unique_ptr<AVExpr, ExpressionFreer>;

// Null if libavutil does not accept the text. libavutil's own message is kept off the log, because it does
// not tell the position. The job's own variables come first, the longest in front: libavutil takes the first
// name that fits, and the stem of "bass.onset" may have the name of a built-in variable.
ExpressionHandle compile(const std::string& text, const std::vector<OwnVariable>& own) {
  std::vector<const char*> names;
  for (const auto& variable : own) names.push_back(variable.name.c_str());
  names.insert(names.end(), kVariables.begin(), kVariables.end());
  AVExpr* expression = nullptr;
  const int level = av_log_get_level();
  av_log_set_level(AV_LOG_QUIET);
  av_expr_parse(&expression, text.c_str(), names.data(), nullptr, nullptr, nullptr, nullptr, 0, nullptr);
  av_log_set_level(level);
  return ExpressionHandle(expression);
}

// In the order of the names in compile().
std::array<double, kMostOwnVariables + kBuiltIn> values(const CurveTime& time, bool counts_beats,
                                                        const std::vector<OwnVariable>& own) {
  std::array<double, kMostOwnVariables + kBuiltIn> all{};
  for (std::size_t i = 0; i < own.size(); ++i)
    all[i] = time.own == nullptr ? 0 : time.own->at(own[i].name, time);
  const double total = time.duration_seconds;
  const std::array<double, kFirstSoundVariable> place{time.seconds, time.frame, time.frames_per_second, total,
                                                      total > 0 ? time.seconds / total : 0};
  std::ranges::copy(place, all.begin() + static_cast<std::ptrdiff_t>(own.size()));
  SoundValues sound;
  if (time.sound != nullptr) static_cast<SoundLevels&>(sound) = *time.sound;
  if (counts_beats && time.beats != nullptr)
    time.beats->set_counts(time.seconds, time.frames_per_second, sound);
  for (std::size_t i = 0; i < kSoundVariables.size(); ++i)
    all[own.size() + kFirstSoundVariable + i] = sound.*kSoundVariables[i].value;
  return all;
}

bool is_built_in(const std::string& variable) {
  return std::ranges::find(expression_variables(), variable) != expression_variables().end();
}

bool is_count(const std::string& variable) {
  const auto found = std::ranges::find(kSoundVariables, variable, &SoundVariable::name);
  return found != kSoundVariables.end() && !found->is_level;
}

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

void refuse_what_is_no_text(const std::string& text) {
  if (text.size() > kMaxExpressionLength)
    throw ExpressionError(
        fmt::format("expected at most {} characters, got {}", kMaxExpressionLength, text.size()),
        kMaxExpressionLength);
  if (const auto zero = text.find('\0'); zero != std::string::npos)
    throw ExpressionError("expected text, got a NUL character", zero);
}

// The variables of `own` that the text reads. The longest names come first.
std::vector<OwnVariable> own_variables_in(const std::string& text, std::vector<OwnVariable> own) {
  std::ranges::stable_sort(own, std::ranges::greater{},
                           [](const OwnVariable& variable) { return variable.name.size(); });
  std::vector<std::string> names;
  for (const auto& name : words_in(text, own))
    if (name.is_own) names.push_back(name.text);
  std::vector<OwnVariable> read;
  for (const auto& variable : own)
    if (std::ranges::find(names, variable.name) != names.end()) read.push_back(variable);
  if (read.size() > kMostOwnVariables)
    throw ExpressionError(
        fmt::format("expected at most {} series and levels of stems in one expression, got {}",
                    kMostOwnVariables, read.size()),
        0);
  return read;
}

void refuse_function(const Name& name) {
  for (const auto& [refused, reason] : kRefused)
    if (name.text == refused)
      throw ExpressionError(fmt::format("{}() is refused: {}", name.text, reason), name.position);
  if (name.is_inside_search && contains(kSearching, name.text))
    throw ExpressionError(
        name.text + "() inside root() or taylor() is refused: it would take a million steps", name.position);
}

}  // namespace

struct Expression::Compiled {
  ExpressionHandle handle;
};

Expression::Expression(std::string text, const std::vector<OwnVariable>& own) : text_(std::move(text)) {
  refuse_what_is_no_text(text_);
  own_ = own_variables_in(text_, own);
  auto handle = compile(text_, own_);
  if (!handle) throw explain(text_, own);
  bool searches = false;
  for (const auto& name : names_in(text_, own_)) {
    if (name.is_function) {
      stores_ = stores_ || contains(kStoring, name.text);
      searches = searches || contains(kSearching, name.text);
      refuse_function(name);
    } else if (name.is_own || is_built_in(name.text)) {
      variables_.push_back(name.text);
    }
  }
  // An expression that stores values is parsed anew for every frame, see at().
  const std::int64_t each = 1 + (stores_ ? kCostOfCompiling : 0) + (searches ? kStepsOfASearch : 0);
  cost_ = 1 + each * static_cast<std::int64_t>(text_.size());
  std::ranges::sort(variables_);
  variables_.erase(std::unique(variables_.begin(), variables_.end()), variables_.end());
  counts_beats_ =
      std::ranges::any_of(variables_, is_count) || std::ranges::any_of(own_, &OwnVariable::counts_beats);
  compiled_ = std::make_shared<const Compiled>(Compiled{std::move(handle)});
}

double Expression::at(const CurveTime& time) const {
  const auto at_time = values(time, counts_beats_, own_);
  if (stores_) {  // a fresh parse, so that a stored value reaches neither another frame nor another thread
    const auto fresh = compile(text_, own_);
    return av_expr_eval(fresh.get(), at_time.data(), nullptr);
  }
  return av_expr_eval(compiled_->handle.get(), at_time.data(), nullptr);
}

bool Expression::uses_sound() const {
  return counts_beats_ || std::ranges::any_of(variables_, [](const std::string& name) {
           return std::ranges::find(sound_variables(), name) != sound_variables().end();
         });
}

const std::vector<std::string>& expression_variables() {
  static const std::vector<std::string> names(kVariables.begin(), kVariables.end() - 1);
  return names;
}

std::string why_no_name(const std::string& name, bool is_stem) {
  constexpr std::size_t kLongest = 32;
  if (!is_word(name) || name.size() > kLongest)
    return fmt::format(
        "expected a name of letters, digits and _, which begins with a letter, of at most {} characters",
        kLongest);
  if (reads_as_number(name)) return "expected a name that no number begins with, as inf and nan are";
  if (!is_stem && (is_built_in(name) || is_known_to_libavutil(name)))
    return "expected another name, because every expression knows one of this name already";
  return "";
}

const std::vector<std::string>& sound_variables() {
  static const std::vector<std::string> names(kVariables.begin() + kFirstSoundVariable, kVariables.end() - 1);
  return names;
}

}  // namespace dreamreel::curve
