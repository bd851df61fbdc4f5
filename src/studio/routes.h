// The API over HTTP: which address leads to what, who may ask, and how much may be sent.
#pragma once

#include <httplib.h>

#include <cstdint>

#include "api.h"
#include "guard.h"

namespace dreamreel::studio {

/// `port` is read when requests come. All must outlive the server.
void add_routes(httplib::Server& server, Api& api, const Guard& guard, const int& port,
                std::int64_t most_upload_bytes);

}  // namespace dreamreel::studio
