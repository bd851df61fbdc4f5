# For scripts that run dreamreel, to be sourced in the repository's root: sets `dreamreel` to $DREAMREEL, else to the one in
# build/default or build/dev; ends with 69 where there is none.
dreamreel=${DREAMREEL:-}
for candidate in build/default/src/app/dreamreel build/dev/src/app/dreamreel; do
  [[ -z $dreamreel && -x $candidate ]] && dreamreel=$candidate
done
if [[ -z $dreamreel ]]; then
  echo "$(basename "$0" .sh): there is no executable; build one (cmake --workflow --preset default) or set DREAMREEL" >&2
  exit 69
fi
