#!/usr/bin/env bash
# Asks another network which class it sees in each class picture.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: rank_class_pictures.sh FOLDER [CLASS]...

Renders configs/class_picture.yaml for 40 classes of COCO (or only the named ones) into FOLDER/CLASS.png, with seed 0.
Then the network centernet, which had no part in making them, ranks its 80 classes on each picture. For each picture,
prints the rank and the probability of the right class, and the class that came first. At the end, prints how often
the right class came first, and how often it was among the first five. FOLDER/sheet.jpg shows all pictures, eight side
by side. Pictures that are already in FOLDER are kept.

Needs the networks nanodet, oid and centernet (scripts/fetch_network.sh) and ffmpeg.
DREAMREEL sets which executable to run (default: the one in build/default or build/dev).
USAGE
}

case ${1:-} in
  -h | --help) usage && exit 0 ;;
  '') usage >&2 && exit 64 ;;
esac
folder=$(realpath -m "$1") && shift
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/executable.sh
# Things that people meet, eat, ride and sit on, and all animals of COCO.
classes=(person bicycle car motorcycle airplane bus train boat bird cat dog horse sheep cow elephant bear zebra
  giraffe umbrella bottle cup banana apple orange broccoli pizza cake donut chair couch 'potted plant' bed toilet tv
  laptop keyboard book clock vase 'teddy bear')
(($#)) && classes=("$@")
mkdir -p "$folder"

first=0 five=0 pictures=()
for class in "${classes[@]}"; do
  picture=$folder/${class// /_}.png
  pictures+=("$picture")
  [[ -e $picture ]] ||
    "$dreamreel" render configs/class_picture.yaml --set "dream.objectives.0.class=$class" -o "$picture" --overwrite >&2
  ranking=$("$dreamreel" classes centernet --image "$picture")
  rank=$(awk -F '\t' -v class="$class" '$3 == class { print NR }' <<<"$ranking")
  [[ -n $rank ]] || { echo "rank_class_pictures: centernet knows no class '$class'" >&2 && exit 64; }
  probability=$(awk -F '\t' -v class="$class" '$3 == class { print $1 }' <<<"$ranking")
  printf '%-14s rank %2d  probability %s  first: %s\n' "$class" "$rank" "$probability" \
    "$(awk -F '\t' 'NR == 1 { print $3 }' <<<"$ranking")"
  ((rank > 1)) || first=$((first + 1))
  ((rank > 5)) || five=$((five + 1))
done
echo "of ${#classes[@]}: first $first, among the first five $five"

inputs=() labels='' count=${#pictures[@]}
for picture in "${pictures[@]}"; do inputs+=(-i "$picture"); done
for ((i = 0; i < count; ++i)); do labels+="[$i:v]"; done
ffmpeg -nostdin -loglevel error -y "${inputs[@]}" -filter_complex \
  "${labels}concat=n=$count:v=1,scale=160:160:flags=lanczos,tile=8x$(((count + 7) / 8)):padding=4[sheet]" \
  -map '[sheet]' -frames:v 1 -q:v 4 "$folder/sheet.jpg"
