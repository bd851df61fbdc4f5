# Scripts that run dreamreel source this file in the repository's root. It sets `dreamreel` to $DREAMREEL,
# else to the executable in build/default or build/dev. If none exists, it ends the script with exit code 69.
dreamreel=${DREAMREEL:-}
for candidate in build/default/src/app/dreamreel build/dev/src/app/dreamreel; do
  [[ -z $dreamreel && -x $candidate ]] && dreamreel=$candidate
done
if [[ -z $dreamreel ]]; then
  echo "$(basename "$0" .sh): there is no executable; build one (cmake --workflow --preset default) or set DREAMREEL" >&2
  exit 69
fi
