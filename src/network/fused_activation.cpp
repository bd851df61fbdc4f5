#include "fused_activation.h"

#include <algorithm>

#include "activation_rows.h"
#include "map_loops.h"

namespace dreamreel::network {
namespace {

/// The channels that pad a block have to stay 0; this function would change them.
void hard_sigmoid(const MapView& y, const MapView& x, const Epilogue& activation) {
  const auto& map = y.map;
  with_type(map.type, [&]<typename T>(T*) {
    over_rows(map, map.height, [&](std::int64_t outer, std::int64_t row) {
      const auto offset = (outer * map.height + row) * map.width * map.block();
      rows::hard_sigmoid(static_cast<T*>(y.data) + offset, static_cast<const T*>(x.data) + offset, map.width,
                         map.block(), std::min(map.block(), map.channels - outer * map.block()),
                         activation.slope, activation.shift);
    });
  });
}

}  // namespace

void activate(const MapView& y, const MapView& x, const Epilogue& activation) {
  switch (activation.kind) {
    case Epilogue::Kind::none:
      break;
    case Epilogue::Kind::relu:
      return relu(y, x);
    case Epilogue::Kind::clip:
      return clip(y, x, activation.low, activation.high);
    case Epilogue::Kind::leaky_relu:
      return over_both(y, x, [&](auto* out, const auto* in, std::int64_t count) {
        rows::leaky_relu(out, in, count, activation.slope);
      });
    case Epilogue::Kind::hard_sigmoid:
      return hard_sigmoid(y, x, activation);
  }
}

void pass_activation(const MapView& g, const MapView& y, const Epilogue& activation) {
  switch (activation.kind) {
    case Epilogue::Kind::none:
      break;
    case Epilogue::Kind::relu:
      return mask_nonzero(g, y);
    case Epilogue::Kind::clip:
      return mask_between(g, y, activation.low, activation.high);
    case Epilogue::Kind::leaky_relu:
      return over_both(g, y, [&](auto* gradient, const auto* result, std::int64_t count) {
        rows::leaky_relu_gradient(gradient, result, count, activation.slope);
      });
    case Epilogue::Kind::hard_sigmoid:
      return over_both(g, y, [&](auto* gradient, const auto* result, std::int64_t count) {
        rows::hard_sigmoid_gradient(gradient, result, count, activation.slope);
      });
  }
}

void hard_swish(const MapView& y, const MapView& x) {
  over_both(y, x, [](auto* out, const auto* in, std::int64_t count) { rows::hard_swish(out, in, count); });
}

void hard_swish_gradient(const MapView& g, const MapView& x) {
  over_both(g, x, [](auto* gradient, const auto* argument, std::int64_t count) {
    rows::hard_swish_gradient(gradient, argument, count);
  });
}

}  // namespace dreamreel::network
