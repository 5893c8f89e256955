"""The most memory that a process has held, by the kernel's mark of its own address space.

Not `ru_maxrss`, which a program inherits from the process that started it: a child of 9 MB reported its parent's 319.
"""

from pathlib import Path


def peak_mb(pid: int | str = "self") -> float:
    """The most memory that a running process has held since its start, or since `forget_peak`, MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def forget_peak(pid: int | str = "self") -> None:
    """Makes the kernel begin again with what a process holds now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
