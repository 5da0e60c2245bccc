"""Whether this Python can work here: asked by `make setup` before anything is installed; one line says what is missing.

Any Python must be able to read this file, the ones that are refused too: nothing in it is newer than Python 2.7.
"""

import os
import subprocess
import sys
import sysconfig

OLDEST, NEWEST = (3, 11), (3, 13)

this = sys.executable + " (Python " + ".".join(str(part) for part in sys.version_info[:3]) + ")"
compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()
headers = os.path.join(sysconfig.get_paths()["include"], "Python.h")
missing = ""
if not OLDEST <= sys.version_info[:2] <= NEWEST or sys.implementation.name != "cpython":
    missing = "Python 3.11, 3.12 or 3.13 (CPython) is needed, and this is " + this
elif sys.version_info.releaselevel != "final":
    missing = this + " is a preview; a final release of Python 3.11, 3.12 or 3.13 is needed"
else:
    try:
        import ensurepip  # noqa: F401  # Debian ships it apart from Python, in python3-venv.
    except ImportError:
        missing = this + " cannot make environments: its package python3-venv is missing"
    if not missing and not os.path.exists(headers):
        missing = this + " comes without its headers: the package python3-dev (or python3-devel) is missing"
    if not missing:
        try:
            subprocess.check_output([compiler[0], "--version"], stderr=subprocess.STDOUT)
        except (OSError, subprocess.CalledProcessError):
            missing = "A C compiler is needed for one dependency, and " + compiler[0] + " is not here: install gcc"
if missing:
    sys.exit(missing + ". Another Python is named with make PYTHON=/path/to/python.")
