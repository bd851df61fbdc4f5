#include "colouring.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace dreamreel::render {
namespace {

double limit(const std::optional<job::Curve>& curve, const curve::CurveTime& time) {
  return curve ? curve->at(time) : std::numeric_limits<double>::infinity();
}

}  // namespace

at::Tensor coloured(const at::Tensor& picture, const at::Tensor& source, const Palette& first,
                    const job::Colour& colour, const curve::CurveTime& time) {
  at::Tensor result = picture;
  if (source.defined() && colour.match == job::Colour::Match::source)
    result = image::match_lab(result, image::lab_statistics(source), colour.strength.at(time));
  if (first && colour.match == job::Colour::Match::first)
    result = image::match_lab(result, *first, colour.strength.at(time));
  if (source.defined() && colour.chroma == job::Colour::Chroma::source)
    result = image::with_chroma_of(result, source);
  return image::limit_colours(result, limit(colour.contrast_limit, time),
                              limit(colour.saturation_limit, time));
}

std::string to_text(const Palette& palette) {
  std::string text;
  const auto add = [&](double number) {
    char digits[40];
    std::snprintf(digits, sizeof digits, "%s%a", text.empty() ? "" : " ", number);
    text += digits;
  };
  if (!palette) return text;
  for (const double mean : palette->mean) add(mean);
  for (const auto& row : palette->covariance)
    for (const double covariance : row) add(covariance);
  return text;
}

Palette palette_from(const std::string& text) {
  image::LabStatistics palette;
  const char* at = text.c_str();
  bool whole = true;
  const auto take = [&](double& number) {
    char* end = nullptr;
    number = std::strtod(at, &end);
    whole = whole && end != at && std::isfinite(number);
    at = end;
  };
  for (double& mean : palette.mean) take(mean);
  for (auto& row : palette.covariance)
    for (double& covariance : row) take(covariance);
  return whole && *at == '\0' ? Palette(palette) : Palette();
}

}  // namespace dreamreel::render
