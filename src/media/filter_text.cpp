#include "filter_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>

extern "C" {
#include <libavutil/avstring.h>
#include <libavutil/mem.h>
}

#include "bounds.h"
#include "dreamreel/core/error.h"

namespace dreamreel::media {
namespace {

constexpr const char* kSpaces = " \n\t\r";
constexpr std::string_view kScalerFlags = "sws_flags=";
constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789_";
constexpr std::string_view kFlagCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+";
constexpr std::size_t kLongestFilterName = 28;  // libavfilter cuts longer ones with '@' in them

[[noreturn]] void refuse_text(const std::string& text, const std::string& why) {
  throw JobError(fmt::format("input.filter: \"{}{}\" cannot be read: {}", text.substr(0, 200),
                             text.size() > 200 ? "..." : "", why));
}

bool consists_of(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

class Parser {
 public:
  explicit Parser(const std::string& text) : text_(text), at_(text.c_str()) {}

  FilterText parse() {
    expect_plain_text();
    FilterText result;
    result.scaler_flags = scaler_flags();
    for (bool more = true; more;) {
      if (result.calls.size() == kMostFilters)
        refuse_text(text_, fmt::format("it has more than {} filters", kMostFilters));
      result.calls.push_back(call());
      more = *at_ != '\0';
      result.calls.back().ends_chain = *at_ != ',';
      if (more) ++at_;
    }
    return result;
  }

 private:
  void expect_plain_text() const {
    if (text_.size() > kLongestFilterText)
      refuse_text(text_, fmt::format("it has {} characters; at most {} are allowed", text_.size(),
                                     kLongestFilterText));
    const auto is_control = [](char c) {
      return (static_cast<unsigned char>(c) < 0x20 && std::strchr("\n\t\r", c) == nullptr) || c == 0x7f;
    };
    // strchr() would also find a zero byte: the end of its own text.
    if (text_.find('\0') != std::string::npos || std::ranges::any_of(text_, is_control))
      refuse_text(text_, "it has a control character");
  }

  // Only at the very beginning. Versions of libavfilter differ on whether spaces may stand before it.
  std::string scaler_flags() {
    if (!std::string_view(at_).starts_with(kScalerFlags)) return "";
    const char* const end = std::strchr(at_, ';');
    if (end == nullptr) refuse_text(text_, "a ';' must follow sws_flags=...");
    const std::string flags(at_ + kScalerFlags.size(), end);
    if (!consists_of(flags, kFlagCharacters))
      refuse_text(text_, "sws_flags= takes names joined with '+' only");
    at_ = end + 1;
    return flags;
  }

  FilterCall call() {
    FilterCall call;
    skip_spaces();
    call.inputs = labels();
    call.name = name_of(token("=,;["));
    if (*at_ == '=') {
      ++at_;
      call.arguments = token("[],;");
      if (call.arguments.empty())
        refuse_text(text_, fmt::format("nothing stands behind the '=' of '{}'", call.name));
    }
    call.outputs = labels();
    skip_spaces();
    if (*at_ != '\0' && *at_ != ',' && *at_ != ';')
      refuse_text(text_, fmt::format("what is \"{}\"?", std::string(at_).substr(0, 40)));
    return call;
  }

  // "scale", and "scale@first" with a name of its own.
  std::string name_of(const std::string& token) const {
    const auto at = token.find('@');
    const std::string name = token.substr(0, at);
    if (name.empty()) refuse_text(text_, "a filter's name is missing");
    const bool named = at != std::string::npos;
    if (!consists_of(name, kNameCharacters) || name.size() > kLongestFilterName)
      refuse_text(text_, fmt::format("'{}' is no filter's name", name.substr(0, 40)));
    if (named && (at + 1 == token.size() || !consists_of(token.substr(at + 1), kNameCharacters)))
      refuse_text(
          text_, fmt::format("in '{}', the name behind @ may have only a-z, 0-9 and _", token.substr(0, 40)));
    return name;
  }

  std::vector<std::string> labels() {
    std::vector<std::string> labels;
    while (*at_ == '[') {
      ++at_;
      labels.push_back(token("]"));
      if (*at_ != ']' || labels.back().empty()) refuse_text(text_, "a label must stand in [...]");
      ++at_;
      skip_spaces();
    }
    return labels;
  }

  std::string token(const char* ends) {
    const std::unique_ptr<char, decltype(&av_free)> token(av_get_token(&at_, ends), &av_free);
    if (!token) throw std::bad_alloc();
    return token.get();
  }

  void skip_spaces() { at_ += std::strspn(at_, kSpaces); }

  const std::string& text_;
  const char* at_;
};

}  // namespace

FilterText parse_filter_text(const std::string& text) {
  return Parser(text).parse();
}

}  // namespace dreamreel::media
