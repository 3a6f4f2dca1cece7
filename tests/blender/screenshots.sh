#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Pictures of a real Blender window for the README: `make screenshots`.
#
# Makes a Debian 13 of its own (Blender 4.3.2, software OpenGL, a virtual screen; about 2 GB, once),
# has an artist's way through the demo plate driven in it (scripts/screenshots.py), and puts the
# pictures into docs/pictures. The engine is this checkout's. Everything is mounted in a mount
# namespace of its own, so that nothing of it is left when this ends.
#
# screenshots.sh PYTHON [FOLDER]   PYTHON has the engine; FOLDER keeps the Debian
set -eu

repository=$(cd "$(dirname "$0")/../.." && pwd)
python=$1
folder=${2:-$repository/build/screenshots}
case $python in /*) ;; *) python=$repository/$python ;; esac

cannot() {
    echo "Pictures of Blender's window cannot be made here: $1" >&2
    exit 1
}

[ "$(uname -s)" = Linux ] || cannot "it takes Linux, because it makes a Debian 13 of its own."
[ "$(id -u)" = 0 ] || cannot "it takes root, for debootstrap and chroot (sudo make screenshots)."
for word in debootstrap unshare chroot; do
    command -v "$word" >/dev/null || cannot "there is no $word (apt-get install debootstrap util-linux)."
done
[ -x "$python" ] || cannot "there is no $python."
if [ "${STMATTE_APART:-}" != 1 ]; then
    STMATTE_APART=1 exec unshare -m --propagation private sh "$0" "$python" "$folder"
fi

debian=$folder/chroot shot=$folder/shot
mkdir -p "$folder"
if [ ! -e "$folder/.ready" ]; then
    echo "== Making a Debian 13 with Blender in $debian (minutes, once)"
    [ -x "$debian/bin/sh" ] || debootstrap --variant=minbase --include=ca-certificates trixie \
        "$debian" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} ||
        cannot "debootstrap could not get Debian 13; another mirror is named by DEBIAN_MIRROR."
    mount -t proc proc "$debian/proc"
    DEBIAN_FRONTEND=noninteractive chroot "$debian" apt-get install -y --no-install-recommends \
        blender python3-numpy python3-requests xvfb xauth imagemagick fonts-dejavu-core \
        libgl1-mesa-dri libegl1 libegl-mesa0 libglx-mesa0 ||
        cannot "apt-get could not install Debian's Blender."
    touch "$folder/.ready"
else
    mount -t proc proc "$debian/proc"
fi

rm -rf "$shot"
mkdir -p "$shot/plate" "$shot/pictures" "$debian/host"
cp "$repository"/demo/plate.*.jpg "$shot/plate/"
cp "$repository/tests/blender/scripts/screenshots.py" "$shot/"
"$python" "$repository/plugin/build_blender.py" "$shot/zip"
cp "$shot"/zip/*.zip "$shot/stmatte.zip"

# The engine runs outside of the Debian, in which the shot has the same name: /mnt.
mount --bind "$shot" /mnt
mount --rbind / "$debian/host"
mount --bind "$shot" "$debian/mnt"
mount --bind /dev "$debian/dev"

echo "== Driving Blender's window (some minutes)"
chroot "$debian" env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    LANG=C.UTF-8 LIBGL_ALWAYS_SOFTWARE=1 BLENDER_USER_RESOURCES=/mnt/resources \
    OMP_NUM_THREADS="${OMP_NUM_THREADS:-$(nproc)}" STMATTE_STORE=/mnt/store STMATTE_ZIP=/mnt/stmatte.zip \
    STMATTE_ENGINE="[\"chroot\", \"/host\", \"$python\", \"-m\", \"stmatte\", \"serve\"]" \
    timeout -k 10 "${STMATTE_SECONDS:-900}" \
    xvfb-run -a -s "-screen 0 1400x900x24" \
    blender --factory-startup --window-geometry 0 0 1400 900 --python-exit-code 3 \
    --python /mnt/screenshots.py >"$folder/blender.log" 2>&1 ||
    { tail -n 30 "$folder/blender.log" >&2; cannot "Blender did not come to the end."; }
[ -e "$shot/done" ] || { tail -n 30 "$folder/blender.log" >&2; cannot "Blender broke off."; }

mkdir -p "$repository/docs/pictures"
for picture in "$shot"/pictures/*.png; do
    cp "$picture" "$repository/docs/pictures/"
    echo "   docs/pictures/$(basename "$picture")  $(stat -c %s "$picture") bytes"
done
