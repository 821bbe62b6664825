"""The command line: `risicoscreener …`.

Exit codes: 0 done; 1 something was verified and failed; 2 the command was typed wrongly;
3 the dossier or data are not usable; 4 the bundle is not usable; 5 a policy, feature or model is
not usable. With ``--outcome-exit-code``, `screen` ends on 0 (grant), 10 (deep assessment) or
11 (deny). `monitor` ends on 20 if there is an alarm, and on 1 if nothing comes in of what
is watched. 130 stopped; 141 whoever read the output went away.
"""

from __future__ import annotations

from risicoscreener.cli.running import main

__all__ = ["main"]
