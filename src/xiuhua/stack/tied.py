"""Starts a program that the kernel ends when the process that started it is gone: `tied.py SIGNAL UID GID PROGRAM …`.

Run as a file by a bare interpreter; UID and GID are -1 to stay who we are.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Give up root where asked, tie this process to its parent, and become the program."""
    parent = os.getppid()
    death_signal, uid, gid = (int(text) for text in arguments[:3])
    if gid >= 0:
        os.setgroups([])
        os.setgid(gid)
    if uid >= 0:
        os.setuid(uid)
    # After setuid: a change of user clears the tie.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(1)
    os.execv(arguments[3], arguments[3:])  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
