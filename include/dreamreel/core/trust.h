// Whether files from outside may use all of FFmpeg. A job, card, plan, clip or network is a stranger's: only
// the person who starts the program can lift what docs/trust.md says of them, on the command line or in the
// environment, never in a file.
#pragma once

namespace dreamreel {

/// The option of every subcommand.
constexpr const char* kTrustOption = "--trust-ffmpeg";
/// The variable and its only value that has the same effect.
constexpr const char* kTrustVariable = "DREAMREEL_TRUST";
constexpr const char* kTrustValue = "ffmpeg";
/// What a refusal ends with: how a person lifts it.
constexpr const char* kHowToTrust =
    "to allow all of FFmpeg, start dreamreel with --trust-ffmpeg (see docs/trust.md)";

/// True if the environment says so. Any thread.
bool trusts_ffmpeg();

/// Says so, for this process and those that it starts. Only while there is one thread.
void trust_ffmpeg();

}  // namespace dreamreel
