#pragma once

/// Calls of malloc, calloc, realloc, posix_memalign and aligned_alloc so far.
unsigned long allocations(void);

/// CPU time of the process so far, in nanoseconds.
unsigned long cpu_nanoseconds(void);
