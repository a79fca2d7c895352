#!/bin/sh
# The signed, notarised disk image for macOS, from a Mac with Xcode's command-line tools. After
# `python3 dev.py build`, run in the checkout:
#
#   BALAS_SIGN_IDENTITY="Developer ID Application: Your Company (TEAMID)" \
#   BALAS_NOTARY_PROFILE=balas sh resources/packaging/macos.sh
#
# The same BALAS_SIGN_IDENTITY must have been set for the build. The profile is made once:
#   xcrun notarytool store-credentials balas --apple-id YOU --team-id TEAMID
# Without an identity the bundle is signed ad hoc: it runs on this Mac alone.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
bundle="$root/dist/Balas.app"
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$root/console/__init__.py")
image="$root/dist/Balas-$version-$(uname -m).dmg"
identity=${BALAS_SIGN_IDENTITY:--}

# A project file for everybody lies inside the bundle, before it is signed.
if [ -n "${BALAS_PRESET:-}" ]; then
  cp "$BALAS_PRESET" "$bundle/Contents/Resources/balas-project.json"
fi

# From the inside out: every library, then the program, then the bundle around them.
find "$bundle/Contents/Frameworks" "$bundle/Contents/Resources" -type f \
  \( -name '*.dylib' -o -name '*.so' \) \
  -exec codesign --force --timestamp --options runtime --sign "$identity" {} \;
codesign --force --timestamp --options runtime --sign "$identity" \
  --entitlements "$here/macos-entitlements.plist" "$bundle/Contents/MacOS/balas"
codesign --force --timestamp --options runtime --sign "$identity" \
  --entitlements "$here/macos-entitlements.plist" "$bundle"
codesign --verify --deep --strict --verbose=2 "$bundle"
"$bundle/Contents/MacOS/balas" --self-check

staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
cp -R "$bundle" "$staging/"
ln -s /Applications "$staging/Applications"
hdiutil create -volname Balas -srcfolder "$staging" -ov -format UDZO "$image"
if [ "$identity" != - ]; then
  codesign --timestamp --sign "$identity" "$image"
  xcrun notarytool submit "$image" --keychain-profile "$BALAS_NOTARY_PROFILE" --wait
  xcrun stapler staple "$image"
  spctl --assess --type open --context context:primary-signature --verbose "$image"
fi
echo "$image"
