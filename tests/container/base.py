"""Where no registry can be reached, Debian's packages make the image that the Dockerfile starts from."""

import os
import shutil
import tempfile
from pathlib import Path

from tests.container.command import Unavailable, output, run, succeeds

SUITE = "bookworm"
PACKAGES = "python3,python3-venv,python3-pip,ca-certificates"
NAME = f"localhost/pg-lockstep-test-base:{SUITE}-1"  # a new recipe gets a new number


def base_image() -> str:
    """The name of the base image, which stays in buildah's storage for later runs."""
    if succeeds(["buildah", "inspect", "--type", "image", NAME]):
        return NAME
    if shutil.which("debootstrap") is None:
        raise Unavailable("debootstrap is missing, which makes the base image")
    if os.geteuid() != 0:
        raise Unavailable("debootstrap makes the base image for root only")
    with tempfile.TemporaryDirectory(prefix="lockstep-base-") as folder:
        bootstrap(Path(folder) / "root")
        container = output(["buildah", "from", "scratch"])
        output(["buildah", "copy", "--quiet", container, f"{folder}/root", "/"], 300)
        output(["buildah", "commit", "--quiet", "--rm", container, NAME], 300)
    return NAME


def bootstrap(root: Path) -> None:
    command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(root)]
    done = run([*command, *mirror()], 600)
    if done.returncode:
        raise Unavailable(f"debootstrap failed: {(done.stdout + done.stderr).splitlines()[-1:]}")


def mirror() -> list[str]:
    """The server that this machine's own packages come from, where it is a Debian; else the usual one."""
    if shutil.which("apt-get") is None:
        return []
    form = "$(ORIGIN) $(CODENAME) $(REPO_URI)"
    targets = run(["apt-get", "indextargets", "--format", form, "Created-By: Packages"]).stdout
    found = [line.split() for line in targets.splitlines()]
    return [line[2] for line in found if line[:2] == ["Debian", SUITE]][:1]
