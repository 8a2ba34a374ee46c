// The work of optikit.routing.vrp.kernels.advance in C++: the yardstick of its speed.
//
// The same search, statement by statement: it starts from the same arrays and must leave the same bits in them. A move
// is a position whose cost is computed.

#include "twin.h"

namespace {

// ---- variates ------------------------------------------------------------------------------------------------------

inline double exponential(Random& r) {
    double mantissa = (unit(r) + 0x1p-53) * 0.5;
    i8 halvings = -1;
    while (mantissa < 0.5) {
        mantissa = mantissa * 2.0;
        halvings++;
    }
    const double t = (1.0 - mantissa) / (1.0 + mantissa);
    const double q = t * t;
    double series = 1.0 / 13.0 + q * (1.0 / 15.0 + q * (1.0 / 17.0));
    series = 1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0 + q * series));
    series = 1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * series));
    return double(halvings) * 0.6931471805599453 + 2.0 * t * series;
}

inline double decay(double rate) {
    const double x = rate * 0.015625;
    double e = 1.0 / (1.0 + x * (1.0 + x * (0.5 + x * (1.0 / 6.0 + x * (1.0 / 24.0 + x * (1.0 / 120.0))))));
    for (int k = 0; k < 6; k++) e = e * e;
    return e;
}

inline double logarithm(double z) {
    i8 doublings = 0;
    while (z > 1.0) {
        z = z * 0.5;
        doublings++;
    }
    const double t = (1.0 - z) / (1.0 + z);
    const double q = t * t;
    double series = 1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0 + q * (1.0 / 13.0 + q * (1.0 / 15.0))));
    series = 1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * series));
    return double(doublings) * 0.6931471805599453 - 2.0 * t * series;
}

inline i8 until_blink(Random& r, double blink) {
    if (blink <= 0.0) return i8(1) << 40;
    return i8(exponential(r) / logarithm(1.0 / (1.0 - blink)));
}

// ---- arcs and routes -----------------------------------------------------------------------------------------------

struct MatrixArcs {
    static i8 arc(const Instance& p, i8 u, i8 v) { return p.dist[u * p.num_nodes + v]; }
};

struct PlanarArcs {
    static i8 arc(const Instance& p, i8 u, i8 v) {
        const double dx = p.x[u] - p.x[v];
        const double dy = p.y[u] - p.y[v];
        const double length = std::sqrt(dx * dx + dy * dy) * p.factor;
        return i8(length + p.offset);
    }
};

inline void touch_node(State& s, i8 u) {
    if (u != 0 && s.node_stamp[u] != s.words[STAMP]) {
        s.node_stamp[u] = s.words[STAMP];
        s.nodes_touched[s.words[NUM_NODES_TOUCHED]++] = u;
    }
}

inline void touch_route(State& s, i8 t) {
    if (s.route_stamp[t] != s.words[STAMP]) {
        s.route_stamp[t] = s.words[STAMP];
        s.routes_touched[s.words[NUM_ROUTES_TOUCHED]++] = t;
    }
}

inline i8 empty_slot(State& s) {
    const i8 slots = s.words[NUM_SLOTS];
    i8 t = s.words[HINT];
    for (i8 k = 0; k < slots; k++) {
        if (s.size[t] == 0) {
            s.words[HINT] = t;
            return t;
        }
        if (++t == slots) t = 0;
    }
    return -1;
}

inline void begin_trial(State& s) {
    s.words[STAMP]++;
    s.words[NUM_NODES_TOUCHED] = 0;
    s.words[NUM_ROUTES_TOUCHED] = 0;
}

inline void keep(State& s) {
    for (i8 k = 0; k < s.words[NUM_NODES_TOUCHED]; k++) {
        const i8 u = s.nodes_touched[k];
        s.kept_succ[u] = s.succ[u];
        s.kept_pred[u] = s.pred[u];
        s.kept_route[u] = s.route[u];
        s.kept_to_succ[u] = s.to_succ[u];
        s.kept_from_pred[u] = s.from_pred[u];
    }
    for (i8 k = 0; k < s.words[NUM_ROUTES_TOUCHED]; k++) {
        const i8 t = s.routes_touched[k];
        s.kept_first[t] = s.first[t];
        s.kept_last[t] = s.last[t];
        s.kept_size[t] = s.size[t];
        s.kept_load[t] = s.load[t];
    }
    s.words[KEPT_COST] = s.words[COST];
}

inline void go_back(State& s) {
    for (i8 k = 0; k < s.words[NUM_NODES_TOUCHED]; k++) {
        const i8 u = s.nodes_touched[k];
        s.succ[u] = s.kept_succ[u];
        s.pred[u] = s.kept_pred[u];
        s.route[u] = s.kept_route[u];
        s.to_succ[u] = s.kept_to_succ[u];
        s.from_pred[u] = s.kept_from_pred[u];
    }
    for (i8 k = 0; k < s.words[NUM_ROUTES_TOUCHED]; k++) {
        const i8 t = s.routes_touched[k];
        if (s.size[t] == 0 && s.kept_size[t] != 0) s.words[NUM_ROUTES]++;
        if (s.size[t] != 0 && s.kept_size[t] == 0) s.words[NUM_ROUTES]--;
        s.first[t] = s.kept_first[t];
        s.last[t] = s.kept_last[t];
        s.size[t] = s.kept_size[t];
        s.load[t] = s.kept_load[t];
    }
    s.words[COST] = s.words[KEPT_COST];
}

// ---- the best solution ---------------------------------------------------------------------------------------------

inline void add_absent(State& s, i8 u) {
    s.absent_at[u] = s.words[NUM_ABSENT];
    s.absent[s.words[NUM_ABSENT]++] = u;
}

inline void settle_absent(State& s) {
    for (i8 k = 0; k < s.words[NUM_REMOVED]; k++) {
        const i8 u = s.removed[k];
        const i8 at = s.absent_at[u];
        if (s.route[u] < 0 && at < 0) {
            add_absent(s, u);
        } else if (s.route[u] >= 0 && at >= 0) {
            const i8 other = s.absent[--s.words[NUM_ABSENT]];
            s.absent[at] = other;
            s.absent_at[other] = at;
            s.absent_at[u] = -1;
        }
    }
}

inline bool precedes(i8 absent, i8 cost, i8 other_absent, i8 other_cost) {
    return absent < other_absent || (absent == other_absent && cost < other_cost);
}

inline void note_best(State& s, Control& c) {
    const i8 absent = s.words[NUM_ABSENT];
    const i8 cost = s.words[KEPT_COST];
    if (!precedes(absent, cost, s.words[BEST_ABSENT], s.words[CYCLE_BEST])) return;
    std::copy_n(s.succ, s.num_nodes, s.best_succ);
    std::copy_n(s.first, s.words[NUM_SLOTS], s.best_first);
    s.words[BEST_ABSENT] = absent;
    s.words[CYCLE_BEST] = cost;
    if (precedes(absent, cost, s.words[CHAMPION_ABSENT], c.slots[BEST])) {
        s.words[CHAMPION_ABSENT] = absent;
        c.slots[BEST] = cost;
        c.slots[IMPROVED] = c.slots[ITERATIONS];
    }
}

// ---- the first solution, for symmetric costs -----------------------------------------------------------------------

inline void reverse(State& s, i8 t) {
    for (i8 u = s.first[t]; u != 0;) {
        const i8 after = s.succ[u];
        s.succ[u] = s.pred[u];
        s.pred[u] = after;
        u = after;
    }
    std::swap(s.first[t], s.last[t]);
}

inline void join(State& s, i8 t, i8 w, i8 u, i8 v) {
    s.succ[u] = v;
    s.pred[v] = u;
    const bool shorter = s.size[t] < s.size[w];
    const i8 kept = shorter ? w : t;
    const i8 gone = shorter ? t : w;
    const i8 start = s.first[t];
    const i8 end = s.last[w];
    const i8 stop = shorter ? u : end;
    i8 x = s.first[gone];
    for (; x != stop; x = s.succ[x]) s.route[x] = kept;
    s.route[x] = kept;
    s.first[kept] = start;
    s.last[kept] = end;
    s.size[kept] += s.size[gone];
    s.load[kept] += s.load[gone];
    s.size[gone] = 0;
    s.first[gone] = 0;
    s.last[gone] = 0;
}

inline i8 merge(const Instance& p, State& s, i8 u, i8 v) {
    const i8 t = s.route[u];
    const i8 w = s.route[v];
    if (t == w || s.load[t] + s.load[w] > p.capacity) return 1;
    if ((s.last[t] != u && s.first[t] != u) || (s.first[w] != v && s.last[w] != v)) return 1;
    const i8 walked = i8(s.size[t]) + s.size[w];
    if (s.last[t] != u) reverse(s, t);
    if (s.first[w] != v) reverse(s, w);
    join(s, t, w, u, v);
    return walked;
}

inline void merge_some(const Instance& p, State& s) {
    i8 k = s.words[CURSOR];
    if (k == 0) {
        for (i8 u = 1; u < p.num_nodes; u++) {
            s.route[u] = u - 1;
            s.first[u - 1] = u;
            s.last[u - 1] = u;
            s.size[u - 1] = 1;
            s.load[u - 1] = p.demand[u];
        }
    }
    for (i8 work = 0; k < p.num_savings && work < CHUNK; k++) work += merge(p, s, p.saving_from[k], p.saving_to[k]);
    s.words[CURSOR] = k;
    if (k == p.num_savings) {
        s.words[CURSOR] = 0;
        s.words[NUM_SLOTS] = 0;
        s.words[PHASE] = STORE;
    }
}

inline void store_some(const Instance& p, State& s) {
    i8 t = s.words[CURSOR];
    i8 slots = s.words[NUM_SLOTS];
    for (i8 work = 0; t < p.num_nodes && work < CHUNK; t++) {
        work += 1 + s.size[t];
        if (s.size[t] != 0 && slots < p.max_vehicles && s.load[t] <= p.capacity) {
            s.best_first[slots++] = s.first[t];
            for (i8 u = s.first[t]; u != 0; u = s.succ[u]) s.best_succ[u] = s.succ[u];
        }
    }
    s.words[CURSOR] = t;
    s.words[NUM_SLOTS] = slots;
    if (t == p.num_nodes) {
        s.words[NUM_SLOTS] = std::min({slots + slots / 5 + 10, p.max_vehicles, p.num_nodes});
        s.words[CURSOR] = 0;
        s.words[PHASE] = RESTORE;
    }
}

// ---- ruin and recreate ---------------------------------------------------------------------------------------------

inline void to_insert(State& s, i8 u) { s.removed[s.words[NUM_REMOVED]++] = u; }

inline void call_absent(const Instance& p, State& s, Random& r) {
    const i8 count = s.words[NUM_ABSENT];
    if (count == 0) return;
    i8 k = below(r, count);
    for (i8 times = std::min(count, i8(MAX_ABSENT)); times > 0; times--) {
        const i8 u = s.absent[k];
        to_insert(s, u);
        s.words[COST] -= p.absence[u];
        if (++k == count) k = 0;
    }
}

inline i8 string_start(State& s, Random& r, i8 u, i8 length) {
    const i8 back = below(r, length);
    i8 v = u;
    i8 steps = 0;
    for (; steps < back && s.pred[v] != 0; steps++) v = s.pred[v];
    i8 ahead = length - 1 - steps;
    for (i8 w = u; ahead > 0 && s.succ[w] != 0; ahead--) w = s.succ[w];
    for (; ahead > 0 && s.pred[v] != 0; ahead--) v = s.pred[v];
    return v;
}

inline void shuffle(State& s, Random& r) {
    for (i8 k = s.words[NUM_REMOVED] - 1; k > 0; k--) std::swap(s.removed[k], s.removed[below(r, k + 1)]);
}

inline void sort_by_key(State& s) {
    for (i8 k = 1; k < s.words[NUM_REMOVED]; k++) {
        const auto u = s.removed[k];
        const i8 key = s.key[k];
        i8 j = k - 1;
        for (; j >= 0 && s.key[j] > key; j--) {
            s.key[j + 1] = s.key[j];
            s.removed[j + 1] = s.removed[j];
        }
        s.key[j + 1] = key;
        s.removed[j + 1] = u;
    }
}

inline bool blinks(const Parameters& q, State& s, Random& r) {
    if (--s.words[BLINK] >= 0) return false;
    s.words[BLINK] = until_blink(r, q.blink);
    return true;
}

template <class Arcs>
struct Search {
    // Copies of the tables: pointers and sizes that no write to an array can change.
    const Instance p;
    const Parameters q;
    State s;
    Random r;
    Control c;

    i8 arc(i8 u, i8 v) const { return Arcs::arc(p, u, v); }

    void take_out(i8 u) {
        const i8 a = s.pred[u];
        const i8 b = s.succ[u];
        const i8 t = s.route[u];
        touch_route(s, t);
        touch_node(s, u);
        touch_node(s, a);
        touch_node(s, b);
        i8 joined = arc(a, b);
        if (s.size[t] == 1) {
            joined = 0;
            s.words[NUM_ROUTES]--;
        }
        s.words[COST] += joined - s.from_pred[u] - s.to_succ[u];
        if (a != 0) {
            s.succ[a] = b;
            s.to_succ[a] = joined;
        } else {
            s.first[t] = b;
        }
        if (b != 0) {
            s.pred[b] = a;
            s.from_pred[b] = joined;
        } else {
            s.last[t] = a;
        }
        s.size[t]--;
        s.load[t] -= p.demand[u];
        s.route[u] = -1;
    }

    void put_in(i8 u, i8 a, i8 b, i8 t) {
        touch_route(s, t);
        touch_node(s, u);
        touch_node(s, a);
        touch_node(s, b);
        const i8 before = arc(a, u);
        const i8 after = arc(u, b);
        i8 replaced = 0;
        if (a != 0) {
            replaced = s.to_succ[a];
            s.succ[a] = u;
            s.to_succ[a] = before;
        } else {
            s.first[t] = u;
        }
        if (b != 0) {
            replaced = s.from_pred[b];
            s.pred[b] = u;
            s.from_pred[b] = after;
        } else {
            s.last[t] = u;
        }
        s.words[COST] += before + after - replaced;
        s.succ[u] = b;
        s.pred[u] = a;
        s.to_succ[u] = after;
        s.from_pred[u] = before;
        s.route[u] = t;
        if (s.size[t] == 0) s.words[NUM_ROUTES]++;
        s.size[t]++;
        s.load[t] += p.demand[u];
    }

    void remove_string(i8 u, double longest) {
        const i8 size = s.size[s.route[u]];
        const i8 length = std::min(i8(unit(r) * std::min(double(size), longest) + 1.0), size);
        i8 spared = 0;
        i8 start = 0;
        if (length > 1 && length < size && unit(r) < q.split) {
            spared = 1;
            while (length + spared < size && unit(r) < q.deeper) spared++;
            start = below(r, length - 1) + 1;
        }
        i8 v = string_start(s, r, u, length + spared);
        for (i8 k = 0; k < length + spared; k++) {
            const i8 after = s.succ[v];
            if (k < start || k >= start + spared) {
                take_out(v);
                to_insert(s, v);
            }
            v = after;
        }
    }

    void ruin() {
        s.words[NUM_REMOVED] = 0;
        const i8 clients = p.num_nodes - 1;
        i8 seed = below(r, clients) + 1;
        if (s.words[NUM_ABSENT] > 0 && unit(r) < 0.5) seed = s.absent[below(r, s.words[NUM_ABSENT])];
        call_absent(p, s, r);
        const double longest = std::min(q.longest, double(clients) / double(std::max(i8(1), s.words[NUM_ROUTES])));
        i8 strings = i8(unit(r) * (4.0 * q.removed / (1.0 + longest) - 1.0) + 1.0);
        for (i8 k = -1; strings > 0 && k < p.num_neighbours; k++) {
            const i8 u = k < 0 ? seed : p.neighbours[seed * p.num_neighbours + k];
            if (s.route[u] >= 0 && s.route_stamp[s.route[u]] != s.words[STAMP]) {
                remove_string(u, longest);
                strings--;
            }
        }
    }

    void order() {
        const i8 lot = below(r, 11);
        if (lot < 4) return shuffle(s, r);
        for (i8 k = 0; k < s.words[NUM_REMOVED]; k++) {
            const i8 u = s.removed[k];
            s.key[k] = lot < 8 ? -p.demand[u] : lot < 10 ? -arc(0, u) : arc(0, u);
        }
        sort_by_key(s);
    }

    i8 end_of_route(i8 u, i8 budget) const {
        i8 found = 0;
        const i8 room = p.capacity - p.demand[u];
        const i8 out = arc(0, u);
        const i8 home = arc(u, 0);
        for (i8 t = 0; t < s.words[NUM_SLOTS]; t++) {
            if (s.size[t] == 0 || s.load[t] > room) continue;
            EVALUATED(2);
            const i8 a = s.first[t];
            const i8 at_start = out + arc(u, a) - s.from_pred[a];
            if (at_start < budget) {
                budget = at_start;
                found = -a;
            }
            const i8 b = s.last[t];
            const i8 at_end = arc(b, u) + home - s.to_succ[b];
            if (at_end < budget) {
                budget = at_end;
                found = b;
            }
        }
        return found;
    }

    i8 beside_neighbours(i8 u, i8 budget) {
        i8 found = p.num_nodes;
        const i8 room = p.capacity - p.demand[u];
        const std::int32_t* near = p.neighbours + u * p.num_neighbours;
        for (i8 k = 0; k < q.reach; k++) {
            const i8 v = near[k];
            const i8 t = s.route[v];
            if (t < 0 || s.load[t] > room) continue;
            EVALUATED(2);
            if (found == p.num_nodes) found = 0;
            const i8 there = arc(u, v);
            const i8 after = there + arc(u, s.succ[v]) - s.to_succ[v];
            if (after < budget && !blinks(q, s, r)) {
                budget = after;
                found = v;
            }
            const i8 before = arc(s.pred[v], u) + there - s.from_pred[v];
            if (before < budget && !blinks(q, s, r)) {
                budget = before;
                found = -v;
            }
        }
        return found;
    }

    // A function of its own: inlined with all the rest, its inner loop runs out of registers, and gcc 12 is a tenth slower.
    [[gnu::noinline]] bool insert(i8 u, i8 limit) {
        const i8 absence = p.absence[u];
        const i8 budget = std::min(limit - s.words[COST], absence);
        i8 place = beside_neighbours(u, budget);
        if (place == p.num_nodes) place = end_of_route(u, budget);
        if (place > 0) {
            put_in(u, place, s.succ[place], s.route[place]);
            return true;
        }
        if (place < 0) {
            place = -place;
            put_in(u, s.pred[place], place, s.route[place]);
            return true;
        }
        EVALUATED(1);
        if (p.demand[u] <= p.capacity && arc(0, u) + arc(u, 0) < budget) {
            const i8 t = empty_slot(s);
            if (t >= 0) {
                put_in(u, 0, 0, t);
                return true;
            }
        }
        s.words[COST] += absence;
        return s.words[COST] < limit;
    }

    bool recreate(i8 limit) {
        order();
        for (i8 k = 0; k < s.words[NUM_REMOVED]; k++) {
            if (!insert(s.removed[k], limit)) return false;
        }
        return s.words[COST] < limit;
    }

    // ---- restore, temperature, iteration ---------------------------------------------------------------------------

    i8 restore_route(i8 t) {
        i8 a = 0, count = 0, load = 0, cost = 0;
        s.first[t] = s.best_first[t];
        for (i8 u = s.best_first[t], b; u != 0; a = u, u = b) {
            b = s.best_succ[u];
            s.pred[u] = s.kept_pred[u] = a;
            s.succ[u] = s.kept_succ[u] = b;
            s.from_pred[u] = s.kept_from_pred[u] = arc(a, u);
            s.to_succ[u] = s.kept_to_succ[u] = arc(u, b);
            s.route[u] = s.kept_route[u] = t;
            cost += s.from_pred[u];
            load += p.demand[u];
            count++;
        }
        if (a != 0) {
            s.words[COST] += cost + s.to_succ[a];
            s.words[NUM_ROUTES]++;
        }
        s.last[t] = a;
        s.size[t] = count;
        s.load[t] = load;
        s.kept_first[t] = s.first[t];
        s.kept_last[t] = a;
        s.kept_size[t] = count;
        s.kept_load[t] = load;
        return count;
    }

    void restore_some() {
        i8 t = s.words[CURSOR];
        if (t == 0) {
            s.words[COST] = 0;
            s.words[NUM_ROUTES] = 0;
            s.words[NUM_ABSENT] = 0;
            s.words[HINT] = 0;
            std::fill_n(s.route, s.num_nodes, -1);
            std::fill_n(s.kept_route, s.num_nodes, -1);
            std::fill_n(s.absent_at, s.num_nodes, -1);
        }
        for (i8 work = 0; t < s.words[NUM_SLOTS] && work < CHUNK; t++) work += 1 + restore_route(t);
        s.words[CURSOR] = t;
        if (t == s.words[NUM_SLOTS]) {
            for (i8 u = 1; u < s.num_nodes; u++) {
                if (s.route[u] < 0) {
                    add_absent(s, u);
                    s.words[COST] += p.absence[u];
                }
            }
            s.words[KEPT_COST] = s.words[COST];
            s.words[CURSOR] = 0;
            s.words[PHASE] = SEARCH;
            note_best(s, c);
        }
    }

    void set_temperature() {
        const i8 now = s.words[BY_CLOCK] != 0 ? now_ns() : c.slots[ITERATIONS];
        const i8 elapsed = now - s.words[BEGIN];
        if (elapsed >= s.words[SPAN]) {
            s.words[PHASE] = DONE;
            return;
        }
        const double top = s.reals[TOP];
        const double part = std::max(0.0, double(elapsed) / double(s.words[SPAN]));
        s.reals[TEMPERATURE] = top * decay(part * logarithm(std::max(1.0, top / q.cold)));
    }

    void iterate() {
        begin_trial(s);
        const i8 limit = s.words[KEPT_COST] + i8(s.reals[TEMPERATURE] * exponential(r)) + 1;
        ruin();
        if (recreate(limit)) {
            keep(s);
            settle_absent(s);
            s.words[ACCEPTED]++;
            c.slots[ITERATIONS]++;
            note_best(s, c);
        } else {
            go_back(s);
            c.slots[ITERATIONS]++;
        }
    }

    bool search_some() {
        for (i8 k = 0; k < ITERATIONS_A_LOOK; k++) {
            if (c.slots[ITERATIONS] >= c.slots[LIMIT] || p.num_nodes < 2) return false;
            if (c.slots[ITERATIONS] % ITERATIONS_A_TEMPERATURE == 0) {
                set_temperature();
                if (s.words[PHASE] != SEARCH) return true;
            }
            iterate();
        }
        return true;
    }

    i8 advance() {
        bool alive = !out_of_time(c);
        while (alive) {
            switch (s.words[PHASE]) {
                case SAVINGS: merge_some(p, s); break;
                case STORE: store_some(p, s); break;
                case RESTORE: restore_some(); break;
                case SEARCH: alive = search_some(); break;
                default: alive = false;
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
