// The work of optikit.routing.tsp.kernels.advance in C++: the yardstick of its speed.
//
// The same search, statement by statement: it starts from the same arrays and must leave the same bits in them. A move
// is an exchange whose gain is computed.

#include "twin.h"

namespace {

// ---- arcs ------------------------------------------------------------------------------------------------------------

struct MatrixArcs {
    static constexpr bool asymmetric = false;
    static i8 arc(const Instance& p, i8 u, i8 v) { return p.dist[u * p.num_nodes + v]; }
    static bool is_fixed(const Instance&, i8, i8) { return false; }
};

struct PlanarArcs {
    static constexpr bool asymmetric = false;
    static i8 arc(const Instance& p, i8 u, i8 v) {
        if (u == p.dummy) return p.price[v];
        if (v == p.dummy) return p.price[u];
        const double dx = p.x[u] - p.x[v];
        const double dy = p.y[u] - p.y[v];
        return i8(std::sqrt(dx * dx + dy * dy) * p.factor + p.offset);
    }
    static bool is_fixed(const Instance&, i8, i8) { return false; }
};

struct AsymmetricArcs {
    static constexpr bool asymmetric = true;
    static i8 arc(const Instance& p, i8 u, i8 v) {
        const i8 half = p.num_nodes / 2;
        return u < half ? p.dist[u * half + (v - half)] : p.dist[v * half + (u - half)];
    }
    static bool is_fixed(const Instance& p, i8 u, i8 v) { return std::abs(u - v) * 2 == p.num_nodes; }
};

template <class Arcs>
struct Search {
    // Copies of the tables: pointers and sizes that no write to an array can change.
    const Instance p;
    const Parameters q;
    State s;
    Random r;
    Control c;

    i8 arc(i8 u, i8 v) const { return Arcs::arc(p, u, v); }

    // ---- the tour --------------------------------------------------------------------------------------------------

    i8 succ(i8 u) const {
        i8 k = s.place[u] + 1;
        if (k == s.num_nodes) k = 0;
        return s.order[k];
    }

    i8 pred(i8 u) const {
        i8 k = s.place[u] - 1;
        if (k < 0) k = s.num_nodes - 1;
        return s.order[k];
    }

    void swap_inwards(i8 i, i8 j, i8 count) {
        const i8 last = s.num_nodes - 1;
        for (i8 k = 0; k < count; k++) {
            const i4 u = s.order[i], v = s.order[j];
            s.order[i] = v;
            s.place[v] = i4(i);
            s.order[j] = u;
            s.place[u] = i4(j);
            if (++i > last) i = 0;
            if (--j < 0) j = last;
        }
    }

    void reverse(i8 i, i8 j) {
        const i8 n = s.num_nodes;
        i8 length = j - i + 1;
        if (length <= 0) length += n;
        if (2 * length > n) {
            i8 head = j + 1;
            if (head == n) head = 0;
            j = i - 1;
            if (j < 0) j = n - 1;
            i = head;
            length = n - length;
        }
        const i8 k = s.words[FLIPS];
        s.flip_from[k] = i4(i);
        s.flip_to[k] = i4(j);
        s.words[FLIPS] = k + 1;
        swap_inwards(i, j, length / 2);
    }

    void go_back(i8 mark) {
        i8 k = s.words[FLIPS];
        while (k > mark) {
            k--;
            const i8 i = s.flip_from[k], j = s.flip_to[k];
            i8 length = j - i + 1;
            if (length <= 0) length += s.num_nodes;
            swap_inwards(i, j, length / 2);
        }
        s.words[FLIPS] = mark;
    }

    void exchange(i8 a, i8 b, i8 x, i8 d) {
        if (succ(a) == b) {
            reverse(s.place[b], s.place[x]);
        } else {
            reverse(s.place[a], s.place[d]);
        }
    }

    void wake(i8 u) {
        if (s.queued[u] != 0) return;
        s.queued[u] = 1;
        i8 k = s.words[HEAD] + s.words[WAITING];
        if (k >= s.num_nodes) k -= s.num_nodes;
        s.queue[k] = i4(u);
        s.words[WAITING]++;
    }

    i8 next_awake() {
        i8 k = s.words[HEAD];
        const i8 u = s.queue[k];
        s.queued[u] = 0;
        s.words[WAITING]--;
        if (++k == s.num_nodes) k = 0;
        s.words[HEAD] = k;
        return u;
    }

    // ---- the step of Lin and Kernighan -----------------------------------------------------------------------------

    i8 onward(i8 u, bool forward) const { return forward ? succ(u) : pred(u); }

    i8 steps(i8 base, i8 u, bool forward) const {
        i8 distance = s.place[u] - base;
        if (!forward) distance = -distance;
        if (distance < 0) distance += s.num_nodes;
        return distance;
    }

    bool in_stretch(i8 distance) const {
        return distance <= q.stretch || distance >= s.num_nodes - q.stretch || s.words[STAGE] == FAR;
    }

    void note(i8 kind, i8 t3, i8 t4, i8 t5, i8 t6, i8 gain) {
        s.words[KIND] = kind;
        s.words[T3] = t3;
        s.words[T4] = t4;
        s.words[T5] = t5;
        s.words[T6] = t6;
        s.words[OPEN] = gain;
    }

    i8 close_or_note(i8 kind, i8 t1, i8 t3, i8 t4, i8 t5, i8 t6, i8 gain) {
        EVALUATED(1);
        gain += arc(t5, t6);
        const i8 closed = gain - arc(t6, t1);
        if (closed > 0) {
            note(kind, t3, t4, t5, t6, gain);
            return closed;
        }
        if (gain > s.words[OPEN] && t6 != t1) note(kind, t3, t4, t5, t6, gain);
        return 0;
    }

    i8 look_before(i8 t1, i8 base, i8 t3, i8 place3, i8 gain, bool forward) {
        EVALUATED(1);
        const i8 t4 = onward(t3, !forward);
        gain += arc(t3, t4);
        i8 closed = gain - arc(t4, t1);
        if (closed > 0) {
            note(TWO, t3, t4, t4, t4, gain);
            return closed;
        }
        const i8 row = t4 * p.num_neighbours;
        for (i8 k = 0; k < q.breadth; k++) {
            const i8 rest = gain - p.near[row + k];
            if (rest <= 0) break;
            const i8 t5 = p.neighbours[row + k];
            if (t5 == t3) continue;
            const i8 place5 = steps(base, t5, forward);
            const i8 t6 = onward(t5, forward != (place5 > place3));
            if (t6 != t4 && in_stretch(place5)) {
                closed = close_or_note(THREE, t1, t3, t4, t5, t6, rest);
                if (closed > 0) return closed;
            }
        }
        return 0;
    }

    i8 look_after(i8 t1, i8 base, i8 t3, i8 place3, i8 gain, bool forward) {
        const i8 t4 = onward(t3, forward);
        gain += arc(t3, t4);
        const i8 row = t4 * p.num_neighbours;
        for (i8 k = 0; k < q.breadth; k++) {
            const i8 rest = gain - p.near[row + k];
            if (rest <= 0) break;
            const i8 t5 = p.neighbours[row + k];
            const i8 place5 = steps(base, t5, forward);
            if (place5 >= place3 || !in_stretch(place5)) continue;
            i8 closed = close_or_note(MOVED, t1, t3, t4, t5, onward(t5, forward), rest);
            if (closed > 0) return closed;
            if (!Arcs::asymmetric && place5 > 0) {
                closed = close_or_note(TURNED, t1, t3, t4, t5, onward(t5, !forward), rest);
                if (closed > 0) return closed;
            }
        }
        return 0;
    }

    i8 look(i8 t1, i8 t2, i8 gain, bool forward) {
        s.words[KIND] = NOTHING;
        s.words[OPEN] = -1;
        const i8 base = s.place[t2];
        const i8 row = t2 * p.num_neighbours;
        for (i8 k = 0; k < q.breadth; k++) {
            const i8 rest = gain - p.near[row + k];
            if (rest <= 0) break;
            const i8 t3 = p.neighbours[row + k];
            const i8 place3 = steps(base, t3, forward);
            if (t3 == t1 || !in_stretch(place3)) continue;
            if (!Arcs::asymmetric && place3 > 1) {
                const i8 closed = look_before(t1, base, t3, place3, rest, forward);
                if (closed > 0) return closed;
            }
            const i8 closed = look_after(t1, base, t3, place3, rest, forward);
            if (closed > 0) return closed;
        }
        return 0;
    }

    void record_end(i8 u) { s.ends[s.words[ENDS]++] = i4(u); }

    void make(i8 t1, i8 t2) {
        const i8 kind = s.words[KIND], t3 = s.words[T3], t4 = s.words[T4], t5 = s.words[T5], t6 = s.words[T6];
        if (kind == MOVED) {
            exchange(t1, t2, t3, t4);
            exchange(t1, t3, t6, t5);
            exchange(t3, t5, t2, t4);
        } else if (kind == TURNED) {
            exchange(t1, t2, t6, t5);
            exchange(t2, t5, t3, t4);
        } else {
            exchange(t1, t2, t4, t3);
            if (kind == THREE) exchange(t1, t4, t6, t5);
        }
        record_end(t2);
        record_end(t3);
        record_end(t4);
        record_end(t5);
        record_end(t6);
    }

    i8 improve_along(i8 t1, i8 t2) {
        if (Arcs::is_fixed(p, t1, t2)) return 0;
        const i8 mark = s.words[FLIPS];
        i8 gain = arc(t1, t2);
        s.words[ENDS] = 0;
        record_end(t1);
        for (i8 level = 0; level < q.depth; level++) {
            const i8 closed = look(t1, t2, gain, succ(t1) == t2);
            if (closed > 0) {
                make(t1, t2);
                for (i8 k = 0; k < s.words[ENDS]; k++) wake(s.ends[k]);
                return closed;
            }
            if (s.words[KIND] == NOTHING || level == q.depth - 1) break;
            make(t1, t2);
            t2 = s.words[T6];
            gain = s.words[OPEN];
        }
        go_back(mark);
        return 0;
    }

    i8 improve(i8 t1) {
        const i8 gained = improve_along(t1, succ(t1));
        return gained > 0 ? gained : improve_along(t1, pred(t1));
    }

    // ---- kicks -----------------------------------------------------------------------------------------------------

    i8 at(i8 k) const { return s.order[k >= s.num_nodes ? k - s.num_nodes : k]; }

    i8 segment() {
        if (Arcs::asymmetric) return 2 * (1 + below(r, std::max(i8(1), std::min(q.reach / 2, (s.num_nodes - 2) / 6))));
        return 1 + below(r, std::min(q.reach, (s.num_nodes - 2) / 3));
    }

    i8 kick() {
        i8 k = below(r, s.num_nodes);
        if (Arcs::is_fixed(p, at(k), at(k + 1)) && ++k == s.num_nodes) k = 0;
        const i8 first = segment();
        const i8 second = first + segment();
        const i8 third = second + segment();
        const i8 a = at(k), b = at(k + 1), x = at(k + first), d = at(k + first + 1);
        const i8 e = at(k + second), f = at(k + second + 1), g = at(k + third), h = at(k + third + 1);
        exchange(a, b, g, h);
        exchange(a, g, f, e);
        exchange(g, e, d, x);
        exchange(e, x, b, h);
        for (const i8 u : {a, b, x, d, e, f, g, h}) wake(u);
        return arc(a, f) + arc(g, d) + arc(e, b) + arc(x, h) - arc(a, b) - arc(x, d) - arc(e, f) - arc(g, h);
    }

    // ---- descent, kicks, entry -------------------------------------------------------------------------------------

    void next_stage() {
        if (s.words[STAGE] == NEAR && 2 * q.stretch < s.num_nodes) {
            s.words[STAGE] = FAR;
            for (i8 k = 0; k < s.num_nodes; k++) wake(s.order[k]);
        } else {
            s.words[STAGE] = NEAR;
            s.words[PHASE] = KICK;
        }
    }

    void descend_some() {
        for (i8 k = 0; k < NODES_A_LOOK; k++) {
            if (s.words[WAITING] == 0) {
                next_stage();
                return;
            }
            const i8 u = next_awake();
            i8 gained = 1;
            while (gained > 0) {
                gained = improve(u);
                s.words[COST] -= gained;
                s.words[FLIPS] = 0;
            }
            c.slots[MOVES]++;
        }
    }

    i8 repair() {
        i8 total = 0;
        while (s.words[WAITING] > 0) {
            const i8 u = next_awake();
            i8 gained = 1;
            while (gained > 0 && s.words[FLIPS] < MAX_FLIPS - ROOM) {
                gained = improve(u);
                total += gained;
            }
            c.slots[MOVES]++;
        }
        return total;
    }

    bool kick_some() {
        for (i8 k = 0; k < KICKS_A_LOOK; k++) {
            if (c.slots[ITERATIONS] >= c.slots[LIMIT] || s.num_nodes < LEAST_NODES) return false;
            c.slots[ITERATIONS]++;
            s.words[FLIPS] = 0;
            i8 added = kick();
            added -= repair();
            if (added > 0) {
                go_back(0);
            } else {
                s.words[COST] += added;
                if (added < 0) {
                    c.slots[BEST] = s.words[COST];
                    c.slots[IMPROVED] = c.slots[ITERATIONS];
                }
            }
        }
        return true;
    }

    i8 advance() {
        bool alive = !out_of_time(c);
        while (alive) {
            if (s.words[PHASE] == DESCEND) {
                descend_some();
                if (s.words[PHASE] == KICK) {
                    c.slots[BEST] = s.words[COST];
                    c.slots[IMPROVED] = c.slots[ITERATIONS];
                }
            } else {
                alive = kick_some();
            }
            if (alive) alive = !out_of_time(c);
        }
        return s.words[PHASE];
    }
};

}  // namespace

#define ENTRY(name, Arcs)                                                                                                \
    extern "C" i8 name(const Instance* p, const Parameters* q, const State* s, const Random* r, const Control* c) {      \
        return Search<Arcs>{*p, *q, *s, *r, *c}.advance();                                                               \
    }

ENTRY(matrix, MatrixArcs)
ENTRY(planar, PlanarArcs)
ENTRY(asymmetric, AsymmetricArcs)
