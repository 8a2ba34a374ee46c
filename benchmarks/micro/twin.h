// What all twins share: integers, the count of moves, the clock, random numbers. Each includes it first.
//
// Structures and slot numbers come from arrays.h, which twin.py writes from the Python declarations. With COUNT_MOVES
// defined, `evaluated` tells how many moves were evaluated since it was last asked; the timed builds do without.

#pragma once

#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "arrays.h"

namespace {

using i4 = std::int32_t;
using i8 = std::int64_t;
using u8 = std::uint64_t;

#ifdef COUNT_MOVES
i8 count_of_evaluated = 0;
#define EVALUATED(n) (count_of_evaluated += (n))
#else
#define EVALUATED(n) ((void)0)
#endif

inline i8 now_ns() {
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return i8(t.tv_sec) * 1'000'000'000 + t.tv_nsec;
}

inline bool out_of_time(const Control& c) {
    return __atomic_load_n(&c.slots[STOP], __ATOMIC_RELAXED) != 0 || now_ns() >= c.slots[DEADLINE];
}

inline u8 rotl(u8 x, int k) { return (x << k) | (x >> (64 - k)); }

inline u8 draw(Random& r) {  // xoshiro256++
    u8* w = r.words;
    const u8 out = rotl(w[0] + w[3], 23) + w[0];
    const u8 t = w[1] << 17;
    w[2] ^= w[0];
    w[3] ^= w[1];
    w[1] ^= w[2];
    w[0] ^= w[3];
    w[2] ^= t;
    w[3] = rotl(w[3], 45);
    return out;
}

inline i8 below(Random& r, i8 n) { return i8(((draw(r) >> 32) * u8(n)) >> 32); }

inline double unit(Random& r) { return double(i8(draw(r) >> 11)) * 0x1p-53; }

}  // namespace

#ifdef COUNT_MOVES
extern "C" i8 evaluated() {
    const i8 count = count_of_evaluated;
    count_of_evaluated = 0;
    return count;
}
#endif
