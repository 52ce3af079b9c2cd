"""Debian packages: looked up, downloaded and unpacked with the system's own apt, never installed.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob, os, pathlib, re, subprocess, sys

CACHE = pathlib.Path(os.environ.get("OSTRICH_GUESTS", pathlib.Path.home() / ".cache/ostrich/guests"))
# Tools that live in sbin are called by users as well.
os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def say(text):
    print(f"guest: {text}", file=sys.stderr, flush=True)


def run(*command, **more):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **more).stdout


# Architectures that came to Debian with a later release than the oldest one that we run on.
FIRST_RELEASE = {"riscv64": "trixie"}
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def apt_options(architecture):
    """Options for apt-get and apt-cache: the system's own lists for its own architecture, private ones for others."""
    if architecture == run("dpkg", "--print-architecture").strip():
        return []
    root = CACHE / ".apt" / architecture
    for folder in ("state/lists/partial", "cache/archives/partial", "etc"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "etc/status").touch()
    options = ["-o", f"APT::Architecture={architecture}", "-o", f"APT::Architectures={architecture}", "-o", f"Dir::State={root}/state", "-o", f"Dir::Cache={root}/cache",
               "-o", f"Dir::State::status={root}/etc/status", "-o", "Acquire::Languages=none"]
    if architecture in FIRST_RELEASE:
        (root / "etc/sources.list").write_text(f"deb [signed-by={KEYRING}] {debian_archive()} {FIRST_RELEASE[architecture]} main\n")
        options += ["-o", f"Dir::Etc::sourcelist={root}/etc/sources.list", "-o", "Dir::Etc::sourceparts=/nonexistent"]
    if not glob.glob(f"{root}/state/lists/*Packages*"):
        say(f"reading the package lists of {architecture}")
        run("apt-get", *options, "update", "-q")
    return options


def download(package, options, folder):
    """Unpacks a package in folder/PACKAGE and gives that path."""
    say(f"downloading {package}")
    run("apt-get", *options, "download", "-q", package, cwd=folder)
    deb = max(glob.glob(f"{folder}/{package}_*.deb"), key=os.path.getmtime)
    unpacked = folder / package
    run("dpkg-deb", "-x", deb, str(unpacked))
    return unpacked


def real_kernel_package(meta, options):
    for line in run("apt-cache", *options, "show", meta).splitlines():
        found = re.match(r"Depends:.*?\b(linux-image-[0-9][^ ,]*)", line)
        if found:
            return found.group(1)
    sys.exit(f"guest: the package {meta} names no kernel")


def debian_archive():
    """The address of Debian's main archive: the one of the system's own apt, or Debian's front door where that has none."""
    for line in run("apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN)", "Created-By: Packages").splitlines():
        address, _, origin = line.partition(" ")
        if origin == "Debian" and "security" not in address:
            return address.rstrip("/")
    return "http://deb.debian.org/debian"
