"""Where the browsers are, and how they are started; run as a program it fetches the old one.

`python -m tests.browser.browsers` puts the Chromium 92 of the npm package below beside the virtual environment.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
OLD: Final = ROOT / ".venv" / "chromium-92" / "chromium"
OLD_PACKAGE: Final = "chrome-aws-lambda@10.1.0"
OLD_SHA256: Final = "6745d06176d629be7021538a901a5a969f335c5a8c10a581b40862e7ed66996e"
# A page elsewhere, for what only another site can try; the browser resolves it to this machine.
ELSEWHERE: Final = "elsewhere.example"
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
    f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1",
)
# The old one was made for machines without any of what a desktop has.
OLD_FLAGS: Final = (*FLAGS, "--single-process", "--no-zygote")


def chromium() -> str | None:
    """The Chromium of this machine."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def old_chromium() -> str | None:
    """A Chromium a little older than the oldest that people use (95)."""
    return str(OLD) if OLD.exists() else None


def fetch_old() -> None:
    """Bring the old one, if it is not there; raises when npm has it no more, or another one."""
    if OLD.exists():
        return
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        raise FileNotFoundError("npm and node are needed for the old Chromium.")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([npm, "pack", "--silent", OLD_PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        [packed] = Path(folder).glob("*.tgz")
        found = hashlib.sha256(packed.read_bytes()).hexdigest()
        if found != OLD_SHA256:
            raise ValueError(f"{OLD_PACKAGE} is not what it was: {found}")
        with tarfile.open(packed) as archive:
            archive.extract("package/bin/chromium.br", folder, filter="data")
        # Python unpacks no brotli by itself.
        unpack = "const [,i,o]=process.argv;fs.writeFileSync(o,zlib.brotliDecompressSync(fs.readFileSync(i)))"
        plain = Path(folder) / "chromium"
        subprocess.run([node, "-e", unpack, f"{folder}/package/bin/chromium.br", str(plain)], check=True)
        plain.chmod(0o755)
        OLD.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(plain, OLD)


if __name__ == "__main__":
    try:
        fetch_old()
    except (OSError, ValueError, subprocess.CalledProcessError) as problem:
        sys.exit(f"The old Chromium could not be fetched ({problem}); its tests are left out.")
