/// Sixteen bytes looked at together: bit i of a result is set when byte i is one of those asked for.
///
/// Swift has vectors, but no way from a comparison to a bit mask but lane by lane, which is seventy times slower.
/// Here are pure functions of values, written in clang's portable vectors: no processor is named, and the only
/// pointers are those of the C library's comparison. On x86-64 each is a few SSE2 instructions, on arm64 as few of NEON.
#pragma once

#include <string.h>

typedef unsigned char PolluxBytes16 __attribute__((ext_vector_type(16)));
typedef signed char PolluxLanes16 __attribute__((ext_vector_type(16)));
typedef _Bool PolluxMarks16 __attribute__((ext_vector_type(16)));

#define POLLUX_INLINE static inline __attribute__((always_inline))

/// The sign bits of the lanes.
POLLUX_INLINE unsigned int pollux_marks(PolluxLanes16 lanes) {
    union { PolluxMarks16 marks; unsigned short bits; } result;
    result.marks = __builtin_convertvector(lanes, PolluxMarks16);
    return result.bits;
}

/// Lanes with this byte.
POLLUX_INLINE PolluxLanes16 pollux_lanes_equal(PolluxBytes16 bytes, unsigned char byte) {
    return (PolluxLanes16)(bytes == (PolluxBytes16)byte);
}

/// Lanes with what may not stand in a JSON string as it is, or must be looked at: a quote, a backslash, a control
/// character, a byte above 0x7F. As a signed number the last two are both below 0x20.
POLLUX_INLINE PolluxLanes16 pollux_lanes_special(PolluxBytes16 bytes) {
    PolluxLanes16 below = (PolluxLanes16)((PolluxLanes16)bytes < (PolluxLanes16)(signed char)0x20);
    return below | pollux_lanes_equal(bytes, '"') | pollux_lanes_equal(bytes, '\\');
}

POLLUX_INLINE unsigned int pollux_marks_special(PolluxBytes16 bytes) {
    return pollux_marks(pollux_lanes_special(bytes));
}

/// The same of the 64 bytes from here on, the first one lowest.
unsigned long long pollux_marks_special64(const unsigned char *bytes);

/// The same of fewer than 64 bytes.
unsigned long long pollux_marks_special_few(const unsigned char *bytes, long count);

/// Bytes that JSON text must escape: a quote, a backslash, a control character.
POLLUX_INLINE unsigned int pollux_marks_escapable(PolluxBytes16 bytes) {
    PolluxLanes16 control = (PolluxLanes16)(bytes < (PolluxBytes16)(unsigned char)0x20);
    return pollux_marks(control | pollux_lanes_equal(bytes, '"') | pollux_lanes_equal(bytes, '\\'));
}

POLLUX_INLINE unsigned int pollux_marks_backslash(PolluxBytes16 bytes) {
    return pollux_marks(pollux_lanes_equal(bytes, '\\'));
}

/// CR and LF.
POLLUX_INLINE unsigned int pollux_marks_line_end(PolluxBytes16 bytes) {
    return pollux_marks(pollux_lanes_equal(bytes, '\r') | pollux_lanes_equal(bytes, '\n'));
}

/// Bytes that are none of base64's letters: A-Z, a-z, 0-9, + and /. The slash and the digits are neighbours.
POLLUX_INLINE unsigned int pollux_marks_not_base64(PolluxBytes16 bytes) {
    PolluxBytes16 letter = (bytes | (PolluxBytes16)(unsigned char)0x20) - (PolluxBytes16)(unsigned char)'a';
    PolluxBytes16 digit = bytes - (PolluxBytes16)(unsigned char)'/';
    PolluxLanes16 known = (PolluxLanes16)(letter < (PolluxBytes16)(unsigned char)26)
        | (PolluxLanes16)(digit < (PolluxBytes16)(unsigned char)11) | pollux_lanes_equal(bytes, '+');
    return pollux_marks(~known);
}

/// Bytes that are no letters, digits, nor any of `_ . : -`, of which names of functions are made.
POLLUX_INLINE unsigned int pollux_marks_not_name(PolluxBytes16 bytes) {
    PolluxBytes16 letter = (bytes | (PolluxBytes16)(unsigned char)0x20) - (PolluxBytes16)(unsigned char)'a';
    PolluxBytes16 digit = bytes - (PolluxBytes16)(unsigned char)'-';  // From there to `:`, with a slash between them.
    PolluxLanes16 known = (PolluxLanes16)(letter < (PolluxBytes16)(unsigned char)26)
        | ((PolluxLanes16)(digit < (PolluxBytes16)(unsigned char)14) & ~pollux_lanes_equal(bytes, '/'))
        | pollux_lanes_equal(bytes, '_');
    return pollux_marks(~known);
}

/// Whether two blocks of memory hold the same bytes.
POLLUX_INLINE _Bool pollux_equal(const void *first, const void *second, long count) {
    return memcmp(first, second, (size_t)count) == 0;
}

// MARK: Long texts
//
// Each passes over bytes of one kind in wide steps, and stops where it likes at the latest before the first of another
// kind: the caller goes on by itself. Where the processor has no AVX2 they stop at once.
//
// - Invariant: they read `bytes` from `at` on, below `count`.

/// What was passed over of a string.
typedef struct {
    long end;
    _Bool hasBackslashes;
} PolluxText;

/// The inside of a string: UTF-8 without quotes and control characters, and escapes of one letter, but for `\/`.
///
/// - Precondition: `at` is not within a character or an escape. Neither is the end.
/// - Source: Keiser and Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte", 2021; escaped quotes as in
///   Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 2019.
PolluxText pollux_skip_text(const unsigned char *bytes, long at, long count);

/// Letters of base64.
long pollux_skip_base64(const unsigned char *bytes, long at, long count);
