#include "PolluxVector.h"

static PolluxBytes16 load16(const unsigned char *bytes) {
    PolluxBytes16 result;
    memcpy(&result, bytes, sizeof result);
    return result;
}

static unsigned long long marks_special64(const unsigned char *bytes) {
    unsigned long long marks = 0;
    for (int place = 0; place < 64; place += 16)
        marks |= (unsigned long long)pollux_marks_special(load16(bytes + place)) << place;
    return marks;
}

unsigned long long pollux_marks_special_few(const unsigned char *bytes, long count) {
    unsigned char copy[64] = {0};
    memcpy(copy, bytes, (size_t)count);
    return pollux_marks_special64(copy) & ((1ULL << count) - 1);
}

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

/// What can be wrong with two bytes behind each other, a bit each. Two lookups by the first byte and one by the second
/// say which are possible; what all three say is true.
enum {
    too_short = 1 << 0,     // A lead byte, and no continuation behind it.
    too_long = 1 << 1,      // ASCII, and a continuation behind it.
    overlong_3 = 1 << 2,    // E0 80…9F
    too_large = 1 << 3,     // F4 90…BF, F5… 90…BF
    surrogate = 1 << 4,     // ED A0…BF
    overlong_2 = 1 << 5,    // C0 and C1
    too_large_1000 = 1 << 6,  // F5… 80…8F
    overlong_4 = 1 << 6,    // F0 80…8F
    two_conts = 1 << 7,     // Two continuations: right only in a longer sequence.
    carry = too_short | too_long | two_conts,
};

AVX2 static inline __m256i load(const unsigned char *bytes) { return _mm256_loadu_si256((const __m256i *)bytes); }

AVX2 static inline __m256i look_up(__m256i places, __m128i table) {
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(table), places);
}

AVX2 static inline __m256i high_half(__m256i bytes) {
    return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0F));
}

/// Not zero in each byte at which a sequence turns out to be wrong.
AVX2 static inline __m256i errors(__m256i bytes, __m256i before) {
    const __m128i first_high = _mm_setr_epi8(
        too_long, too_long, too_long, too_long, too_long, too_long, too_long, too_long, (char)two_conts,
        (char)two_conts, (char)two_conts, (char)two_conts, too_short | overlong_2, too_short,
        too_short | overlong_3 | surrogate, too_short | too_large | too_large_1000 | overlong_4);
    const char large = (char)(carry | too_large | too_large_1000);
    const __m128i first_low = _mm_setr_epi8(
        (char)(carry | overlong_3 | overlong_2 | overlong_4), (char)(carry | overlong_2), (char)carry, (char)carry,
        (char)(carry | too_large), large, large, large, large, large, large, large, large, (char)(large | surrogate),
        large, large);
    const char inside = (char)(too_long | overlong_2 | two_conts);
    const __m128i second_high = _mm_setr_epi8(
        too_short, too_short, too_short, too_short, too_short, too_short, too_short, too_short,
        (char)(inside | overlong_3 | too_large_1000 | overlong_4), (char)(inside | overlong_3 | too_large),
        (char)(inside | surrogate | too_large), (char)(inside | surrogate | too_large), too_short, too_short, too_short,
        too_short);
    __m256i shifted = _mm256_permute2x128_si256(before, bytes, 0x21);
    __m256i back1 = _mm256_alignr_epi8(bytes, shifted, 15);
    __m256i back2 = _mm256_alignr_epi8(bytes, shifted, 14);
    __m256i back3 = _mm256_alignr_epi8(bytes, shifted, 13);
    __m256i pair = _mm256_and_si256(
        _mm256_and_si256(
            look_up(high_half(back1), first_high),
            look_up(_mm256_and_si256(back1, _mm256_set1_epi8(0x0F)), first_low)),
        look_up(high_half(bytes), second_high));
    // Where a third or fourth byte is due, two continuations are right.
    __m256i due = _mm256_or_si256(
        _mm256_subs_epu8(back2, _mm256_set1_epi8((char)(0xE0 - 0x80))),
        _mm256_subs_epu8(back3, _mm256_set1_epi8((char)(0xF0 - 0x80))));
    return _mm256_xor_si256(_mm256_and_si256(due, _mm256_set1_epi8((char)0x80)), pair);
}

AVX2 static inline __m256i equal(__m256i bytes, char byte) { return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte)); }

/// The sign bits of 64 lanes.
AVX2 static inline unsigned long long bits(__m256i low, __m256i high) {
    return (unsigned long long)(unsigned int)_mm256_movemask_epi8(high) << 32 | (unsigned int)_mm256_movemask_epi8(low);
}

/// Quotes, backslashes, and what is below a space as a signed number: control characters and bytes above 0x7F.
AVX2 static inline __m256i specials(__m256i bytes) {
    return _mm256_or_si256(
        _mm256_or_si256(equal(bytes, '"'), equal(bytes, '\\')), _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), bytes));
}

/// Lanes without a byte that makes a short escape, behind a backslash: `" \\ b f n r t`. A bit for each high half that
/// such bytes have, looked up by both halves.
AVX2 static inline __m256i no_short_escapes(__m256i bytes) {
    const __m128i high = _mm_setr_epi8(0, 0, 1, 0, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m128i low = _mm_setr_epi8(0, 0, 1 | 4 | 8, 0, 8, 0, 4, 0, 0, 0, 0, 0, 2, 0, 4, 0);
    __m256i both = _mm256_and_si256(
        look_up(high_half(bytes), high), look_up(_mm256_and_si256(bytes, _mm256_set1_epi8(0x0F)), low));
    return _mm256_cmpeq_epi8(both, _mm256_setzero_si256());
}

AVX2 static inline long skip_plain(const unsigned char *bytes, long at, long count) {
    for (; count - at >= 128; at += 128) {
        __m256i first = _mm256_or_si256(specials(load(bytes + at)), specials(load(bytes + at + 32)));
        __m256i second = _mm256_or_si256(specials(load(bytes + at + 64)), specials(load(bytes + at + 96)));
        __m256i found = _mm256_or_si256(first, second);
        if (!_mm256_testz_si256(found, found)) break;
    }
    return at;
}

/// The beginning of a character that goes on behind 64 bytes, of which the last three are not all ASCII.
static inline unsigned long long cut_character(const unsigned char *bytes) {
    if (bytes[63] >= 0xC0) return 1ULL << 63;
    if (bytes[62] >= 0xE0) return 1ULL << 62;
    return bytes[61] >= 0xF0 ? 1ULL << 61 : 0;
}

/// How many of 64 bytes are text, without a character or an escape that goes on behind them.
AVX2 static inline long text_length(const unsigned char *bytes, PolluxText *text) {
    __m256i low = load(bytes), high = load(bytes + 32);
    unsigned long long quotes = bits(equal(low, '"'), equal(high, '"'));
    unsigned long long backslashes = bits(equal(low, '\\'), equal(high, '\\'));
    unsigned long long above = bits(low, high);
    unsigned long long stops = quotes | (bits(specials(low), specials(high)) ^ quotes ^ backslashes ^ above);
    if (backslashes != 0) {
        // Of backslashes in a row each second one is escaped, and so is what stands behind an odd number of them.
        const unsigned long long odd = 0xAAAAAAAAAAAAAAAAULL;
        unsigned long long ends = ((backslashes << 1 | odd) - backslashes) ^ odd;
        unsigned long long begins = ends & backslashes, escaped = ends ^ backslashes;
        unsigned long long shorts = ~bits(no_short_escapes(low), no_short_escapes(high));
        stops = (stops & ~escaped) | (begins & ~(shorts >> 1));
    }
    if (above != 0) {
        __m256i wrong = _mm256_or_si256(errors(low, _mm256_setzero_si256()), errors(high, low));
        if (!_mm256_testz_si256(wrong, wrong)) return 0;
        if (above >> 61 != 0) stops |= cut_character(bytes);
    }
    // Below the lowest stop, or everywhere.
    text->hasBackslashes |= (backslashes & (stops - 1) & ~stops) != 0;
    return stops == 0 ? 64 : __builtin_ctzll(stops);
}

AVX2 static PolluxText skip_text(const unsigned char *bytes, long at, long count) {
    PolluxText text = {at, 0};
    while (count - text.end >= 64) {
        __m256i found = _mm256_or_si256(specials(load(bytes + text.end)), specials(load(bytes + text.end + 32)));
        if (_mm256_testz_si256(found, found)) {
            text.end = skip_plain(bytes, text.end + 64, count);
            continue;
        }
        long length = text_length(bytes + text.end, &text);
        text.end += length;
        if (length <= 60) break;  // Not because something goes on behind them.
    }
    return text;
}

AVX2 static unsigned long long marks_special64_wide(const unsigned char *bytes) {
    unsigned int first = (unsigned int)_mm256_movemask_epi8(specials(load(bytes)));
    unsigned int second = (unsigned int)_mm256_movemask_epi8(specials(load(bytes + 32)));
    return (unsigned long long)second << 32 | first;
}

/// All bits of the lanes with a letter of base64; see pollux_marks_not_base64.
AVX2 static inline __m256i letters(__m256i bytes) {
    __m256i letter = _mm256_sub_epi8(_mm256_or_si256(bytes, _mm256_set1_epi8(0x20)), _mm256_set1_epi8('a'));
    __m256i digit = _mm256_sub_epi8(bytes, _mm256_set1_epi8('/'));
    return _mm256_or_si256(
        _mm256_or_si256(
            _mm256_cmpeq_epi8(_mm256_min_epu8(letter, _mm256_set1_epi8(25)), letter),
            _mm256_cmpeq_epi8(_mm256_min_epu8(digit, _mm256_set1_epi8(10)), digit)),
        _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('+')));
}

AVX2 static long skip_base64(const unsigned char *bytes, long at, long count) {
    for (; count - at >= 64; at += 64) {
        __m256i both = _mm256_and_si256(letters(load(bytes + at)), letters(load(bytes + at + 32)));
        if (_mm256_movemask_epi8(both) != -1) break;
    }
    return at;
}

static inline int has_avx2(void) { return __builtin_cpu_supports("avx2"); }

unsigned long long pollux_marks_special64(const unsigned char *bytes) {
    return has_avx2() ? marks_special64_wide(bytes) : marks_special64(bytes);
}

PolluxText pollux_skip_text(const unsigned char *bytes, long at, long count) {
    return has_avx2() ? skip_text(bytes, at, count) : (PolluxText){at, 0};
}

long pollux_skip_base64(const unsigned char *bytes, long at, long count) {
    return has_avx2() ? skip_base64(bytes, at, count) : at;
}

#else

unsigned long long pollux_marks_special64(const unsigned char *bytes) { return marks_special64(bytes); }

// The callers' own loops do it all.
PolluxText pollux_skip_text(const unsigned char *bytes, long at, long count) {
    return (void)bytes, (void)count, (PolluxText){at, 0};
}
long pollux_skip_base64(const unsigned char *bytes, long at, long count) { return (void)bytes, (void)count, at; }

#endif
