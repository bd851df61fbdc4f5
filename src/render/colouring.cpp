#include "colouring.h"

#include <limits>

#include "dreamreel/image/colour.h"

namespace dreamreel::render {
namespace {

double limit(const std::optional<job::Curve>& curve, const curve::CurveTime& time) {
  return curve ? curve->at(time) : std::numeric_limits<double>::infinity();
}

}  // namespace

at::Tensor coloured(const at::Tensor& picture, const at::Tensor& source, const job::Colour& colour,
                    const curve::CurveTime& time) {
  at::Tensor result = picture;
  if (source.defined() && colour.match == job::Colour::Match::source)
    result = image::match_lab(result, image::lab_statistics(source), colour.strength.at(time));
  if (source.defined() && colour.chroma == job::Colour::Chroma::source)
    result = image::with_chroma_of(result, source);
  return image::limit_colours(result, limit(colour.contrast_limit, time),
                              limit(colour.saturation_limit, time));
}

}  // namespace dreamreel::render
