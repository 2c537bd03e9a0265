# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What the release installs."""
import subprocess

from studio import binaries


def release_build():
    """The build directory of the release, all of which is built."""
    for folder in binaries.release_floe().parents:
        if (folder / "build.ninja").is_file():
            return folder
    raise RuntimeError(f"{binaries.release_floe()} is in no build directory; tools/test makes one")


def install_to(folder):
    subprocess.run(["meson", "install", "-C", release_build(), "--no-rebuild", "--quiet",
                    "--destdir", folder], check=True)


def package_to(folder, revision):
    """Makes a .deb of what is built, and answers where it is."""
    made = subprocess.run(
        [binaries.ROOT / "tools/package", "--build", release_build(), "--to", folder,
         "--revision", revision], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    path, = folder.glob(f"floe_*-{revision}_*.deb")
    assert made.stdout == f"{path}\n"
    return path
