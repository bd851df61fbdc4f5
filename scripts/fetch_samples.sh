#!/usr/bin/env bash
# Fetches real footage and photos, for dreams and for tests.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: fetch_samples.sh [--force]

Fills samples/media with footage and photos from Debian's opencv-doc and a short clip with music made by ffmpeg
(samples/README.md describes them). Running it again is safe; existing files are kept.

  --force  make every file again

exit codes: 0 done; 64 usage; 69 opencv-doc or ffmpeg is missing
USAGE
}

readonly EX_USAGE=64 EX_UNAVAILABLE=69
readonly sources=(vtest.avi tree.avi Megamind.avi fruits.jpg butterfly.jpg aloeL.jpg baboon.jpg building.jpg home.jpg starry_night.jpg)
readonly clip=clip_with_music.mp4
readonly clip_seconds=8
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root media=$root/samples/media

say() { printf '%s\n' "fetch_samples: $*" >&2; }

fail() {
  local code=$1
  shift
  say "$@"
  exit "$code"
}

# Sets `examples` to the folder of media in opencv-doc. Slim systems install no documentation files, so there
# the package itself is unpacked.
find_examples() {
  examples=/usr/share/doc/opencv-doc/examples/data
  [[ -d $examples ]] && return
  say "unpacking opencv-doc, whose files were not installed"
  (cd "$scratch" && apt-get download -qq opencv-doc >&2 && dpkg-deb --extract opencv-doc_*.deb .) ||
    fail $EX_UNAVAILABLE "cannot get the package opencv-doc: run scripts/install_deps.sh"
  examples=$scratch$examples
}

# copy_sample NAME: copies a file from the examples. Debian may have compressed it.
copy_sample() {
  local name=$1
  if [[ -f $examples/$name ]]; then
    cp "$examples/$name" "$scratch/$name"
  elif [[ -f $examples/$name.gz ]]; then
    gunzip --stdout "$examples/$name.gz" >"$scratch/$name"
  else
    fail $EX_UNAVAILABLE "opencv-doc has no $name: reinstall it"
  fi
  mv "$scratch/$name" "$media/$name"
}

# Music with 120 beats a minute: a kick that falls in pitch, a snare on two and four, a hat between the beats,
# and a bass line that changes its note every bar.
readonly kick='0.75*exp(-7*mod(t,0.5))*sin(2*PI*(48*mod(t,0.5)+2.2*(1-exp(-35*mod(t,0.5)))))'
readonly snare='0.35*exp(-16*mod(t+0.5,1))*(2*random(0)-1)'
readonly hat='0.12*exp(-55*mod(t+0.25,0.5))*(2*random(1)-1)'
readonly note='(55+10.4*eq(mod(floor(t/2),4),1)-6*eq(mod(floor(t/2),4),2)+18.4*eq(mod(floor(t/2),4),3))'
readonly bass="0.3*exp(-3*mod(t,0.25))*(sin(2*PI*$note*t)+0.4*sin(4*PI*$note*t))"

make_clip() {
  command -v ffmpeg >/dev/null || fail $EX_UNAVAILABLE "ffmpeg is not installed: run scripts/install_deps.sh"
  ffmpeg -nostdin -hide_banner -loglevel error -y -i "$media/vtest.avi" \
    -f lavfi -i "aevalsrc='0.8*($kick+$snare+$hat+$bass)':s=44100:c=mono" -t "$clip_seconds" \
    -map 0:v -map 1:a -c:v libx264 -preset veryfast -crf 18 -pix_fmt yuv420p -c:a aac -b:a 128k -ac 2 \
    -map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact -movflags +faststart \
    "$scratch/$clip"
  mv "$scratch/$clip" "$media/$clip"
}

force=no
while (($#)); do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --force) force=yes ;;
    *) fail $EX_USAGE "unknown option $1 (see --help)" ;;
  esac
  shift
done

mkdir -p "$media"
wanted=()
for name in "${sources[@]}" "$clip"; do
  [[ $force == no && -f $media/$name ]] || wanted+=("$name")
done
if ((${#wanted[@]} == 0)); then
  say "all samples are in $media"
  exit 0
fi

scratch=$(mktemp -d "$media/.fetch-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
find_examples
for name in "${wanted[@]}"; do
  [[ $name == "$clip" ]] || copy_sample "$name"
done
if [[ " ${wanted[*]} " == *" $clip "* ]]; then make_clip; fi
say "made in $media: ${wanted[*]}"
