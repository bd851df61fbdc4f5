#include "expression_syntax.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include "dreamreel/core/suggest.h"

extern "C" {
#include <libavutil/eval.h>
}

namespace dreamreel::curve {
namespace {

struct Function {
  std::string_view name;
  int fewest = 1, most = 1;  // arguments
};
// The functions of libavutil/eval.c in FFmpeg 5 to 7.
constexpr std::array<Function, 51> kFunctions{
    {{"abs"},           {"acos"},          {"asin"},         {"atan"},      {"atan2", 2, 2},
     {"between", 3, 3}, {"bitand", 2, 2},  {"bitor", 2, 2},  {"ceil"},      {"clip", 3, 3},
     {"cos"},           {"cosh"},          {"eq", 2, 2},     {"exp"},       {"floor"},
     {"gauss"},         {"gcd", 2, 2},     {"gt", 2, 2},     {"gte", 2, 2}, {"hypot", 2, 2},
     {"if", 2, 3},      {"ifnot", 2, 3},   {"isinf"},        {"isnan"},     {"ld"},
     {"lerp", 3, 3},    {"log"},           {"lt", 2, 2},     {"lte", 2, 2}, {"max", 2, 2},
     {"min", 2, 2},     {"mod", 2, 2},     {"not"},          {"pow", 2, 2}, {"print", 1, 2},
     {"random"},        {"randomi", 3, 3}, {"root", 2, 2},   {"round"},     {"sgn"},
     {"sin"},           {"sinh"},          {"sqrt"},         {"squish"},    {"st", 2, 2},
     {"tan"},           {"tanh"},          {"taylor", 2, 3}, {"time"},      {"trunc"},
     {"while", 2, 2}}};
constexpr std::array<std::string_view, 4> kConstants{"E", "PHI", "PI", "QP2LAMBDA"};

constexpr int kMostNested = 100;  // libavutil's own limit

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

const Function* function_named(std::string_view name) {
  const auto* const found = std::ranges::find(kFunctions, name, &Function::name);
  return found == kFunctions.end() ? nullptr : found;
}

bool is_constant(std::string_view name) {
  return std::ranges::find(kConstants, name) != kConstants.end();
}

bool is_variable_or_constant(std::string_view name) {
  return std::ranges::find(expression_variables(), name) != expression_variables().end() || is_constant(name);
}

// Goes through a text, word by word. libavutil drops all blanks before it parses. This class does the same,
// and remembers the original positions.
class ExpressionWords {
 public:
  ExpressionWords(std::string_view text, const std::vector<OwnVariable>& own) : own_(own) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (std::isspace(static_cast<unsigned char>(text[i])) != 0) continue;
      text_ += text[i];
      places_.push_back(i);
    }
    places_.push_back(text.size());
  }

  std::size_t at() const { return at_; }
  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  void skip() { ++at_; }
  // The names that were taken.
  std::vector<Name>& names() { return names_; }

  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  // Takes a number, if one stands here.
  bool number() {
    char* end = nullptr;
    av_strtod(text_.c_str() + at_, &end);
    const auto length = static_cast<std::size_t>(end - (text_.c_str() + at_));
    at_ += length;
    return length > 0;
  }

  // Takes a name, if one stands here.
  bool name() {
    if (!is_name_character(peek())) return false;
    if (own_name()) return true;
    Name found{{}, places_[at_], false, false};
    while (is_name_character(peek())) found.text += text_[at_++];
    found.is_function = peek() == '(';
    names_.push_back(std::move(found));
    return true;
  }

  [[noreturn]] void fail(const std::string& message, std::size_t index) const {
    throw ExpressionError(message, places_[std::min(index, text_.size())]);
  }

  // Fails because of the name that was just taken.
  [[noreturn]] void unknown(const std::string& name, std::size_t start) const {
    if (function_named(name) != nullptr) fail(name + " is a function; expected \"(\" after it", start);
    std::vector<std::string> known = expression_variables();
    known.insert(known.end(), kConstants.begin(), kConstants.end());
    for (const auto& variable : own_) known.push_back(variable.name);
    std::string whole = name;  // with what follows a dot, as in the levels of stems
    for (auto i = at_; i < text_.size() && (text_[i] == '.' || is_name_character(text_[i])); ++i)
      whole += text_[i];
    fail(fmt::format("unknown variable {}{}", whole, did_you_mean(whole, known)), start);
  }

 private:
  // The longest of the job's own names that stands here, which may have a dot in it.
  bool own_name() {
    std::string_view longest;
    for (const auto& [known, counts_beats] : own_) {
      const auto end = at_ + known.size();
      if (known.size() > longest.size() && text_.compare(at_, known.size(), known) == 0 &&
          (end == text_.size() || !is_name_character(text_[end])))
        longest = known;
    }
    if (longest.empty()) return false;
    names_.push_back({std::string(longest), places_[at_], false, false, true});
    at_ += longest.size();
    return true;
  }

  const std::vector<OwnVariable>& own_;
  std::string text_;
  std::vector<std::size_t> places_;
  std::size_t at_ = 0;
  std::vector<Name> names_;
};

// Collects the names of a text that libavutil accepts. `is_strict`: throws for functions without a "(".
std::vector<Name> collected(std::string_view text, const std::vector<OwnVariable>& own, bool is_strict) {
  ExpressionWords words(text, own);
  std::vector<bool> inside{false};  // for each open "(": whether it lies inside a search
  while (!words.at_end()) {
    if (words.number()) continue;
    bool begins_search = false;
    const std::size_t start = words.at();
    if (words.name()) {
      Name& found = words.names().back();
      // libavutil would look for the next "(" and silently drop the text before it.
      if (is_strict && !found.is_own && !found.is_function && function_named(found.text) != nullptr)
        words.unknown(found.text, start);
      found.is_inside_search = inside.back();
      begins_search = found.is_function && (found.text == "root" || found.text == "taylor");
    }
    if (words.take('('))
      inside.push_back(inside.back() || begins_search);
    else if (words.take(')'))
      inside.resize(std::max<std::size_t>(inside.size() - 1, 1));
    else if (!is_name_character(words.peek()) && !words.at_end())
      words.skip();
  }
  return std::move(words.names());
}

std::string quoted_character(char c) {
  return std::string("\"") + c + "\"";
}

// libavutil's grammar.
class ExpressionGrammar {
 public:
  explicit ExpressionGrammar(ExpressionWords& words) : words_(words) {}

  // Throws at the first mistake; returns if there is none.
  void walk() {
    expression();
    if (!words_.at_end())
      words_.fail("expected an operator or the end, got " + quoted_character(words_.peek()), words_.at());
  }

 private:
  void expression() {
    if (++depth_ > kMostNested)
      words_.fail(fmt::format("expected at most {} levels of parentheses", kMostNested), words_.at());
    do product_sum();
    while (words_.take(';'));
    --depth_;
  }

  void product_sum() {
    do {
      do power();
      while (words_.take('*') || words_.take('/'));
    } while (words_.peek() == '+' || words_.peek() == '-');  // the sign belongs to the next term
  }

  void power() {
    do {
      if (!words_.take('+')) words_.take('-');
      primary();
    } while (words_.take('^'));
  }

  void primary() {
    if (words_.number()) return;
    const std::size_t start = words_.at();
    if (words_.take('(')) {
      expression();
      return close(start);
    }
    if (!words_.name())
      words_.fail(words_.at_end() ? "expected a value, got the end"
                                  : "expected a value, got " + quoted_character(words_.peek()),
                  words_.at());
    const Name found = words_.names().back();  // a copy, because parsing the arguments adds names
    if (found.is_own) return;
    if (found.is_function) return arguments(found.text, start);
    if (!is_variable_or_constant(found.text)) words_.unknown(found.text, start);
  }

  void arguments(const std::string& name, std::size_t start) {
    const Function* const function = function_named(name);
    if (function == nullptr) unknown_function(name, start);
    const std::size_t open = words_.at();
    words_.skip();
    int count = 0;
    do {
      expression();
      ++count;
    } while (words_.take(','));
    close(open);
    if (count < function->fewest || count > function->most)
      words_.fail(fmt::format("{}() takes {}{}{}{}", name, function->fewest,
                              function->most > function->fewest ? fmt::format(" or {}", function->most) : "",
                              function->most == 1 ? " argument, got " : " arguments, got ", count),
                  start);
  }

  [[noreturn]] void unknown_function(const std::string& name, std::size_t start) const {
    std::vector<std::string> known;
    for (const auto& function : kFunctions) known.emplace_back(function.name);
    words_.fail(fmt::format("unknown function {}(){}", name, did_you_mean(name, known)), start);
  }

  void close(std::size_t open) {
    if (words_.take(')')) return;
    if (words_.at_end()) words_.fail("this \"(\" is never closed", open);
    words_.fail("expected an operator or \")\", got " + quoted_character(words_.peek()), words_.at());
  }

  ExpressionWords& words_;
  int depth_ = 0;
};

}  // namespace

std::vector<Name> names_in(std::string_view text, const std::vector<OwnVariable>& own) {
  return collected(text, own, true);
}

std::vector<Name> words_in(std::string_view text, const std::vector<OwnVariable>& own) {
  return collected(text, own, false);
}

bool is_word(std::string_view name) {
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::ranges::all_of(name, is_name_character);
}

bool reads_as_number(const std::string& name) {
  char* end = nullptr;
  av_strtod(name.c_str(), &end);
  return end != name.c_str();
}

bool is_known_to_libavutil(std::string_view name) {
  return function_named(name) != nullptr || is_constant(name);
}

ExpressionError explain(std::string_view text, const std::vector<OwnVariable>& own) {
  try {
    ExpressionWords words(text, own);
    ExpressionGrammar(words).walk();
  } catch (const ExpressionError& error) {
    return error;
  }
  return {
      "this FFmpeg does not take the expression; is it too deeply nested, or are names in it newer than it?",
      0};
}

}  // namespace dreamreel::curve
