#!/bin/sh
# Installs Balas from this archive, for you alone, or with a place for everybody:
#
#   sh install.sh                         to ~/.local
#   sudo sh install.sh /usr/local         for everybody on this computer
#   sh install.sh --remove [PLACE]        takes it away again; what Balas wrote for you stays
#
# A project file of your administrator (balas-project.json) lies in PLACE/lib/balas and is kept.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
remove=
if [ "${1:-}" = --remove ]; then
  remove=yes
  shift
fi
place=${1:-$HOME/.local}

files="share/applications/balas.desktop share/icons/hicolor/scalable/apps/balas.svg
share/icons/hicolor/512x512/apps/balas.png"
# Only what this archive brought: the program's folder but for the project file, links and entries.
rm -f "$place/bin/balas" "$place/lib/balas/balas"
rm -rf "$place/lib/balas/_internal"
for file in $files; do rm -f "$place/$file"; done
if [ -n "$remove" ]; then
  rmdir "$place/lib/balas" 2>/dev/null || true
else
  mkdir -p "$place/bin" "$place/lib/balas"
  cp -RP "$here/usr/lib/balas/." "$place/lib/balas/"
  ln -s ../lib/balas/balas "$place/bin/balas"
  for file in $files; do
    mkdir -p "$place/$(dirname "$file")"
    cp "$here/usr/$file" "$place/$file"
  done
  # The menu starts what was installed here, wherever the person's PATH leads.
  sed "s|^Exec=balas|Exec=$place/bin/balas|" "$here/usr/share/applications/balas.desktop" \
    > "$place/share/applications/balas.desktop"
fi
# The menu and the links balas:// follow the entries; desktops without these tools find them later.
update-desktop-database "$place/share/applications" 2>/dev/null || true
gtk-update-icon-cache -q -t "$place/share/icons/hicolor" 2>/dev/null || true
