"""Runs the scripts as a user would, and imports their modules."""

import os
import subprocess
import sys

sys.dont_write_bytecode = True
SCRIPTS = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "scripts"))
sys.path.insert(0, SCRIPTS)


def run(script, *words, seconds=180, **environment):
    """One script with its output as text."""
    return subprocess.run([os.path.join(SCRIPTS, script), *words], text=True, timeout=seconds,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          stdin=subprocess.DEVNULL, env=dict(os.environ, **environment))
