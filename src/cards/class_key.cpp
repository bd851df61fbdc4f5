#include "dreamreel/cards/class_key.h"

#include <charconv>

#include "words.h"

namespace dreamreel::cards {

void read_class(const Site& site, std::optional<int>& index, std::string& name) {
  const auto text = TextType{kClassWhat}.read(site);
  if (!text) return;
  int number = 0;
  const char* const end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc{} || rest != end)
    name = *text;
  else if (number < 0 || number > kMostClass)
    site.expected(kClassWhat);
  else
    index = number;
}

Value class_value(const std::optional<int>& index, const std::string& name) {
  if (index) return Value::scalar(std::to_string(*index));
  return name.empty() ? Value{} : Value::scalar(name);
}

}  // namespace dreamreel::cards
