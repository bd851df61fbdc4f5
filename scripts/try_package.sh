#!/usr/bin/env bash
# What somebody sees who installs the package on a bare machine.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: try_package.sh SUITE FILE.deb

Makes a root folder of the suite that has nothing in it, installs the package there with apt, and renders a photo and a
clip with its sound as an ordinary user without network. Prints the seconds of each step. The dreams are left in
build/tried/SUITE. The samples have to be there (scripts/fetch_samples.sh).

  SECONDS_OF_CLIP  how much of the clip is rendered (default: 1)
USAGE
}

case ${1:-} in
  -h | --help) usage && exit 0 ;;
  --inside) ;;
  *)
    (($# == 2)) || { usage >&2 && exit 64; }
    suite=$1 package=$(realpath "$2")
    cd "$(dirname "${BASH_SOURCE[0]}")/.."
    clean=${DREAMREEL_SUITES:-${XDG_CACHE_HOME:-$HOME/.cache}/dreamreel/suites}/clean
    # The root sees the suite's own build folder as build.
    mkdir -p "build/suites/$suite/try"
    cp "$package" "build/suites/$suite/try/dreamreel.deb"
    DREAMREEL_SUITES=$clean scripts/in_suite.sh --fresh "$suite" scripts/try_package.sh --inside "${SECONDS_OF_CLIP:-1}"
    rm -rf "build/tried/$suite"
    mkdir -p "build/tried/$suite"
    cp "$clean/$suite/home/guest/"{out/photo.png,dream.mp4} "build/tried/$suite"
    exit
    ;;
esac

# --- in the bare root, as its root ---------------------------------------------------------------------------------

# timed LABEL COMMAND...
timed() {
  local label=$1 start=$SECONDS
  shift
  "$@" >/tmp/step.log 2>&1 || { cat /tmp/step.log && echo "try_package: $label failed" && exit 1; }
  tail -n 3 /tmp/step.log | sed 's/^/  /'
  echo "== $label: $((SECONDS - start)) s"
}

# A user without network: not even the loopback is up.
as_guest() { unshare --net su guest -c "cd && $1"; }

install_package() {
  cp build/try/dreamreel.deb /tmp
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends /tmp/dreamreel.deb
}

samples=$PWD/samples/media jobs=/usr/share/dreamreel/configs
timed "apt install" install_package
! command -v c++ npm ffmpeg >/dev/null || echo "(a compiler, npm or ffmpeg was drawn in)"
useradd --create-home guest
timed "version" as_guest "dreamreel --version"
timed "a photo" as_guest "dreamreel render $jobs/photo.yaml --progress plain --set input.path=$samples/fruits.jpg"
timed "a clip with its sound" as_guest "dreamreel render $jobs/music_video.yaml --progress plain --frames ..$2s \
  --set input.path=$samples/clip_with_music.mp4 --set dream.opacity=1 -o dream.mp4 && mv dream_*.mp4 dream.mp4"
timed "a network that is not installed is named" as_guest \
  "dreamreel layers faceres 2>&1 | grep 'fetch it with dreamreel fetch faceres'"
