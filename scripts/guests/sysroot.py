"""What it takes to build and run this program for another architecture: headers and libraries of Debian packages, unpacked.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os, pathlib, subprocess

from guests.packages import apt_options, run, say

PACKAGES = ["libc6-dev", "linux-libc-dev", "libgcc-s1", "libglib2.0-dev", "libpixman-1-dev", "libfdt-dev", "libslirp-dev", "libpng-dev", "libcapstone-dev", "liburing-dev"]


def inside(target):
    """Links to absolute paths lead out of the folder: they are made to stay in it."""
    for path in target.rglob("*"):
        if path.is_symlink() and os.readlink(path).startswith("/"):
            there = target / os.readlink(path).lstrip("/")
            path.unlink()
            path.symlink_to(os.path.relpath(there, path.parent))


def make(target, work, architecture):
    options = apt_options(architecture)
    (work / "partial").mkdir()
    say(f"downloading headers and libraries of {architecture}")
    run("apt-get", *options, "-o", f"Dir::Cache::archives={work}", "install", "-y", "-q", "--download-only", "--no-install-recommends", *PACKAGES)
    for folder in ("bin", "sbin", "lib"):       # as in systems whose base packages are newer, and those whose are not
        (target / "usr" / folder).mkdir(parents=True, exist_ok=True)
        (target / folder).symlink_to(f"usr/{folder}")
    for package in sorted(work.glob("*.deb")):
        # Not dpkg-deb -x: where a package has a folder /lib, it would replace the link.
        files = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], check=True, stdout=subprocess.PIPE).stdout
        subprocess.run(["tar", "-x", "--keep-directory-symlink", "-C", target], input=files, check=True)
    inside(target)
