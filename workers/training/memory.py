"""What this process takes of the memory, and how torch says that there is no more."""

import resource

import torch

_KILOBYTE = 1024


def is_memory(error: Exception) -> bool:
    """On CPU torch says it in words only."""
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or (
        "DefaultCPUAllocator" in str(error) or "out of memory" in str(error)
    )


def peak_bytes() -> int:
    """The most that this process has held: of the GPU where it has one, else of the machine."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KILOBYTE
