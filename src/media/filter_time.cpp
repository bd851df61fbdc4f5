#include "filter_time.h"

#include <cmath>
#include <cstdlib>
#include <string_view>

namespace dreamreel::media {
namespace {

constexpr double kLongestStep = 60;  // seconds from one counted frame to the next

// a * PTS + b * N + c
struct Linear {
  double pts = 0, number = 0, constant = 0;
  bool is_constant() const { return pts == 0 && number == 0; }
};
using Maybe = std::optional<Linear>;

Maybe combined(const Maybe& a, const Maybe& b, double sign) {
  if (!a || !b) return {};
  return Linear{a->pts + sign * b->pts, a->number + sign * b->number, a->constant + sign * b->constant};
}

Maybe scaled(const Maybe& a, double by) {
  if (!a || !std::isfinite(by)) return {};
  return Linear{a->pts * by, a->number * by, a->constant * by};
}

Maybe product(const Maybe& a, const Maybe& b) {
  if (!a || !b || (!a->is_constant() && !b->is_constant())) return {};
  return a->is_constant() ? scaled(b, a->constant) : scaled(a, b->constant);
}

Maybe quotient(const Maybe& a, const Maybe& b) {
  if (!b || !b->is_constant()) return {};
  return scaled(a, 1 / b->constant);
}

// Parses sums, products and quotients of numbers, PTS, N and values that are constant for a stream.
class LinearParser {
 public:
  LinearParser(std::string text, double tick, double rate)
      : text_(std::move(text)), at_(text_.c_str()), tick_(tick), rate_(rate) {}

  Maybe parse() {
    const Maybe value = terms(0);
    return *at_ == '\0' ? value : Maybe();
  }

 private:
  static constexpr int kDeepest = 20;

  Maybe terms(int depth) {
    Maybe value = factors(depth);
    while (value && (*at_ == '+' || *at_ == '-')) {
      const double sign = *at_++ == '+' ? 1 : -1;
      value = combined(value, factors(depth), sign);
    }
    return value;
  }

  Maybe factors(int depth) {
    Maybe value = operand(depth);
    while (value && (*at_ == '*' || *at_ == '/')) {
      const bool times = *at_++ == '*';
      const Maybe other = operand(depth);
      value = times ? product(value, other) : quotient(value, other);
    }
    return value;
  }

  Maybe operand(int depth) {
    if (depth > kDeepest) return {};
    if (*at_ == '(') {
      ++at_;
      const Maybe value = terms(depth + 1);
      if (*at_ != ')') return {};
      ++at_;
      return value;
    }
    if (*at_ == '-') {
      ++at_;
      return scaled(operand(depth + 1), -1);
    }
    if ((*at_ >= '0' && *at_ <= '9') || *at_ == '.') return number();
    return name();
  }

  Maybe number() {
    char* end = nullptr;
    const double value = std::strtod(at_, &end);
    at_ = end;
    return Linear{0, 0, value};
  }

  Maybe name() {
    std::string_view rest(at_);
    const auto word = rest.substr(0, rest.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_"));
    at_ += word.size();
    if (word == "PTS") return Linear{1, 0, 0};
    if (word == "N") return Linear{0, 1, 0};
    if (word == "STARTPTS") return Linear{};
    if (word == "TB") return Linear{0, 0, tick_};
    if ((word == "FRAME_RATE" || word == "FR") && rate_ > 0) return Linear{0, 0, rate_};
    return {};
  }

  const std::string text_;
  const char* at_;
  double tick_, rate_;
};

}  // namespace

std::optional<double> time_scale_of(const std::string& expression, AVRational time_base, double frame_rate) {
  std::string text;
  for (const char c : expression)
    if (c != ' ' && (c < '\t' || c > '\r')) text += c;
  const double tick = av_q2d(time_base);
  const auto linear = LinearParser(text, tick, frame_rate).parse();
  if (!linear || std::abs(linear->number) * tick > kLongestStep) return {};
  if (linear->number != 0) return linear->pts == 0 ? std::optional(1.0) : std::nullopt;
  return std::abs(linear->pts);
}

}  // namespace dreamreel::media
