#include "dream_schema.h"

namespace dreamreel::job {

namespace {

// The default depends on dream.parameterization and input.noise, so it is filled in when the whole job is
// known.
Row<GradientShaping> decorrelate_row() {
  auto row = field<GradientShaping>(
      "decorrelate", &GradientShaping::decorrelate, CurveType{{0, 1}}, "",
      "1 lets colours change together as they do in photographs; 0 lets each grow on its own, up to dots of "
      "neon. See [colours that last](#colours-that-last). Left out, it is 0 with `parameterization: "
      "fourier` or `spectrum`, and else 0.6 with `input.noise`.");
  row.info.default_text = "1";
  return row;
}

}  // namespace

Row<Dream> gradient_row() {
  return section<Dream>(
      "gradient", &Dream::gradient,
      Table<GradientShaping>{
          field<GradientShaping>(
              "laplacian", &GradientShaping::laplacian, CurveType{{0, 12, false, true}}, "bands",
              "Splits the gradient into that many bands and makes all equally strong, which "
              "brings out large soft shapes; 0: off, 4 is usual."),
          field<GradientShaping>("smooth", &GradientShaping::smooth, CurveType{{0, 100}}, "pixels",
                                 "Three Gaussian blurs around this deviation, averaged: finer grain goes."),
          decorrelate_row(),
      },
      "What happens to the gradient before each step, in this order.");
}

Row<Dream> regularise_row() {
  using Hold = Regularise;
  return section<Dream>(
      "regularise", &Dream::regularise,
      Table<Hold>{
          field<Hold>("total_variation", &Hold::total_variation, CurveType{{0, 100}}, "",
                      "Smooths the picture; 0.1 to 0.5 calms fine grain, 1 is as strong as the dream."),
          field<Hold>("beta", &Hold::beta, ChoiceType<int>{{{"1", 1}, {"2", 2}}}, "",
                      "Power in the total variation: 1 keeps edges, 2 softens them."),
          field<Hold>("grey", &Hold::grey, CurveType{{0, 100}}, "",
                      "Pulls every pixel towards grey, the more the further off it is (L2 decay)."),
          field<Hold>("blur", &Hold::blur, CurveType{{0, 100}}, "pixels",
                      "Gaussian blur of what the dream added, in the first iteration of an octave."),
          field<Hold>("blur_end", &Hold::blur_end, CurveType{{0, 100}}, "pixels",
                      "The same in the last iteration; in between it changes in even steps."),
          field<Hold>("blur_every", &Hold::blur_every, CurveType{{1, 1000, false, true}}, "iterations",
                      "Blurs only after every so many of them."),
          field<Hold>("clip", &Hold::clip, CurveType{{0, 0.99}}, "share of the pixels",
                      "The pixels to which the dream added least go back after each step: islands remain."),
      },
      "What holds the picture back.");
}

Row<Dream> transforms_row() {
  return section<Dream>(
      "transforms", &Dream::transforms,
      Table<Transforms>{
          field<Transforms>("scale", &Transforms::scale, CurveType{{0, 1}}, "",
                            "Each step sees the picture larger or smaller by up to this; 0.1: by 10 %."),
          field<Transforms>("rotate", &Transforms::rotate, CurveType{{0, 180}}, "degrees",
                            "And turned to either side by up to this."),
      },
      "Beside the jitter, what makes shapes that look right however they are seen.");
}

Row<Dream> optimizer_row() {
  return field<Dream>(
      "optimizer", &Dream::optimizer,
      ChoiceType<Optimizer>{{{"ascent", Optimizer::ascent}, {"adam", Optimizer::adam}}}, "",
      "`ascent` follows the gradient; `adam` gives every pixel a step of its own, for many iterations.");
}

Row<Dream> parameterization_row() {
  return field<Dream>(
      "parameterization", &Dream::parameterization,
      ChoiceType<Parameterization>{{{"pixels", Parameterization::pixels},
                                    {"fourier", Parameterization::fourier},
                                    {"spectrum", Parameterization::spectrum}}},
      "",
      "`fourier` moves waves of decorrelated colours instead of pixels, for pictures out of noise. "
      "`spectrum` "
      "moves only the places of these waves: each keeps the strength that it has in photographs, or in the "
      "source.");
}

}  // namespace dreamreel::job
