// What the routes do, without HTTP: a JSON object in, a JSON object out. docs/studio.md describes each of
// them.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "atlas_pictures.h"
#include "dreamreel/study/frame_view.h"
#include "dreamreel/study/mask_view.h"
#include "dreamreel/study/shot_view.h"
#include "engine.h"
#include "events.h"
#include "farms.h"
#include "jobs.h"
#include "pictures.h"
#include "rendered_view.h"
#include "renders.h"
#include "turn.h"
#include "workspace.h"

namespace dreamreel::studio {

/// Throws ApiError, and what the modules below throw. Any thread.
class Api {
 public:
  Api(const std::filesystem::path& folder, const std::filesystem::path& opened,
      std::filesystem::path program);

  nlohmann::json studio() const;
  nlohmann::json files() const;
  nlohmann::json looks() const;
  nlohmann::json begin(const nlohmann::json& body) const;
  nlohmann::json read_job(const std::string& file) const;
  nlohmann::json save_job(const nlohmann::json& body);
  nlohmann::json check(const nlohmann::json& body);
  nlohmann::json curves(const nlohmann::json& body);
  nlohmann::json rendered(const nlohmann::json& body);
  nlohmann::json shots(const nlohmann::json& body);
  nlohmann::json network(const std::string& name) const;
  std::string source(const nlohmann::json& body);          ///< JPEG
  std::string thumbnail(const nlohmann::json& body);       ///< JPEG
  std::string mask(const nlohmann::json& body);            ///< JPEG
  std::string rendered_frame(const nlohmann::json& body);  ///< JPEG
  std::string sound(const nlohmann::json& body);           ///< WAV
  nlohmann::json preview(const nlohmann::json& body);
  nlohmann::json grid(const nlohmann::json& body);
  nlohmann::json atlas(const nlohmann::json& body);
  nlohmann::json cancel(const nlohmann::json& body);
  nlohmann::json render_state(const std::string& file);
  nlohmann::json render(const nlohmann::json& body);
  nlohmann::json farm(const std::string& file);

  const Workspace& workspace() const { return workspace_; }
  Events& events() { return events_; }
  Pictures& pictures() { return pictures_; }
  Engine& engine() { return engine_; }
  /// Ends the streams of events and all work that requests are waiting for.
  void close();

 private:
  Lookout lookout_of(const job::Job& job);
  JobText text_of(const nlohmann::json& body) const;
  LoadedJob saved(const std::string& file) const;
  std::string keep_atlas_picture(std::string jpeg);

  const Workspace workspace_;
  const std::filesystem::path opened_;
  const Jobs jobs_;
  Events events_;
  Pictures pictures_;
  AtlasPictures atlas_;
  Engine engine_;
  Renders renders_;
  Farms farms_;
  study::SourceView sources_;
  study::ShotView shot_view_;
  study::MaskView mask_view_;
  RenderedView rendered_;
  Turn curves_, ranges_, shots_, masks_;  // each may decode a whole clip, for its times or cuts
};

}  // namespace dreamreel::studio
