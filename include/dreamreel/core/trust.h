// Tells whether files from outside may use all of FFmpeg. Jobs, cards, plans, clips and networks may come
// from strangers, so the rules of docs/trust.md hold for them. Only the person who starts the program can
// lift these rules: on the command line or in the environment, never in a file.
#pragma once

namespace dreamreel {

/// The option of every subcommand.
constexpr const char* kTrustOption = "--trust-ffmpeg";
/// The environment variable with the same effect, and the only value that it takes.
constexpr const char* kTrustVariable = "DREAMREEL_TRUST";
constexpr const char* kTrustValue = "ffmpeg";
/// The end of every refusal: how a person lifts the rules.
constexpr const char* kHowToTrust =
    "to allow all of FFmpeg, start dreamreel with --trust-ffmpeg (see docs/trust.md)";

/// True if the environment says so. Any thread.
bool trusts_ffmpeg();

/// Lifts the rules for this process and the processes that it starts. Only while there is one thread.
void trust_ffmpeg();

}  // namespace dreamreel
