// colour: keeps the colours of a dream stable.
#include "tables.h"

namespace dreamreel::job {

Row<Job> colour_row() {
  using Match = Colour::Match;
  using Chroma = Colour::Chroma;
  return section<Job>(
      "colour", &Job::colour,
      Table<Colour>{
          field<Colour>(
              "match", &Colour::match,
              ChoiceType<Match>{{{"none", Match::none}, {"source", Match::source}, {"first", Match::first}}},
              "",
              "Moves the dream's palette, as mean and covariance in L*a*b*, to that of the source frame, or "
              "of the first dreamed frame of the shot (of the piece, where a farm or `--frames` cuts one)."),
          field<Colour>("strength", &Colour::strength, CurveType{{0, 1}}, "", "How far `match` goes."),
          field<Colour>("chroma", &Colour::chroma,
                        ChoiceType<Chroma>{{{"dream", Chroma::dream}, {"source", Chroma::source}}}, "",
                        "`source` dreams in lightness alone and keeps the source's colours."),
          field<Colour>(
              "contrast_limit", &Colour::contrast_limit, CurveType{{0, 100, true}}, "L*, standard deviation",
              "Most contrast a dreamed frame may have; 20 to 25 is a strong picture. Left out, no limit."),
          field<Colour>("saturation_limit", &Colour::saturation_limit, CurveType{{0, 200, true}},
                        "a*b*, root mean square",
                        "Most colour a dreamed frame may have; 25 to 35 is vivid. Left out, no limit."),
      },
      "Colours that hold from frame to frame. What is corrected is carried on, so nothing drifts.");
}

}  // namespace dreamreel::job
