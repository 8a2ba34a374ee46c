// The work of optikit.routing.vrp.kernels.breed in C++: the yardstick of its speed.
//
// The same search, statement by statement: it starts from the same arrays and must leave the same bits in them. A move
// is a change of one or two routes whose cost is computed; for SWAP*, a place for a client, or two clients for each other.

#include "twin.h"

namespace {

inline double bearing_of(double x, double y) {
    const double total = std::abs(x) + std::abs(y);
    if (total == 0.0) return 0.0;
    const double part = y / total;
    if (x < 0.0) return 2.0 - part;
    if (y < 0.0) return 4.0 + part;
    return part;
}

struct Search {
    // Copies of the tables: pointers and sizes that no write to an array can change.
    const Instance p;
    const Descent w;
    const Families f;
    Random r;
    Control c;

    i8 arc(i8 u, i8 v) const { return p.dist[u * p.num_nodes + v]; }

    i8 bridge(i8 a, i8 b) const { return a == b ? 0 : arc(a, b); }

    // ---- routes as rings -------------------------------------------------------------------------------------------

    i8 fine(i8 load) const { return i8(w.reals[FINE] * double(std::max(i8(0), load - p.capacity))); }

    i8 fine_moved(i8 s, i8 t, i8 load) const {
        return fine(w.load[s] - load) + fine(w.load[t] + load) - w.fine[s] - w.fine[t];
    }

    void widen(i8 t, i8 a, i8 count) {
        if (count == 1) {
            w.begin[t] = a;
            w.end[t] = a;
        } else if (((a - w.begin[t]) & TURN) > ((w.end[t] - w.begin[t]) & TURN)) {
            if (((a - w.end[t]) & TURN) <= ((w.begin[t] - a) & TURN)) {
                w.end[t] = a;
            } else {
                w.begin[t] = a;
            }
        }
    }

    bool overlap(i8 s, i8 t) const {
        const i8 apart = (w.begin[t] - w.begin[s]) & TURN;
        return apart <= ((w.end[s] - w.begin[s]) & TURN) || ((-apart) & TURN) <= ((w.end[t] - w.begin[t]) & TURN);
    }

    void settle(i8 t) {
        const i8 ring = w.num_nodes + t;
        w.carried[ring] = 0;
        w.position[ring] = 0;
        w.route[ring] = i4(t);
        i8 load = 0, length = 0, count = 0;
        double x = 0.0, y = 0.0;
        i8 u = ring;
        for (i8 v = w.succ[u]; v != ring; v = w.succ[u]) {
            const i8 step = arc(w.site[u], v);
            w.leg[u] = step;
            length += step;
            count++;
            load += p.demand[v];
            w.carried[v] = load;
            w.position[v] = i4(count);
            w.route[v] = i4(t);
            x += w.east[v];
            y += w.north[v];
            widen(t, w.angle[v], count);
            u = v;
        }
        w.leg[u] = 0;
        w.bearing[t] = 8.0;
        if (count > 0) {
            w.leg[u] = arc(u, 0);
            length += w.leg[u];
            w.bearing[t] = bearing_of(x, y);
        }
        w.words[DISTANCE] += length - w.length[t];
        w.words[EXCESS] += std::max(i8(0), load - p.capacity) - std::max(i8(0), w.load[t] - p.capacity);
        w.size[t] = i4(count);
        w.load[t] = load;
        w.length[t] = length;
        w.fine[t] = fine(load);
        w.changed[t] = w.words[MOVES];
    }

    void moved(i8 s, i8 t) {
        w.words[MOVES]++;
        w.words[GAINED] = 1;
        settle(s);
        if (s != t) settle(t);
    }

    void move_after(i8 u, i8 v) {
        const i4 a = w.pred[u], b = w.succ[u];
        w.succ[a] = b;
        w.pred[b] = a;
        const i4 y = w.succ[v];
        w.succ[v] = i4(u);
        w.pred[u] = i4(v);
        w.succ[u] = y;
        w.pred[y] = i4(u);
    }

    void exchange(i8 u, i8 v) {
        const i8 a = w.pred[u];
        move_after(u, v);
        move_after(v, a);
    }

    void lay(i8 t, i8 begin, i8 end) {
        const i8 ring = w.num_nodes + t;
        i8 u = ring;
        for (i8 k = begin; k < end; k++) {
            const i8 v = w.scratch[k];
            w.succ[u] = i4(v);
            w.pred[v] = i4(u);
            u = v;
        }
        w.succ[u] = i4(ring);
        w.pred[ring] = i4(u);
    }

    // ---- relocate, swap, 2-opt, 2-opt* -----------------------------------------------------------------------------

    bool gains(i8 s, i8 t, i8 delta, i8 load) const {
        EVALUATED(1);
        if (s != t && delta < w.fine[s] + w.fine[t]) delta += fine_moved(s, t, load);
        return delta < 0;
    }

    bool relocate(i8 u, i8 v) {
        const i8 a = w.pred[u], x = w.succ[u], s = w.route[u], t = w.route[v];
        if (v == a) return false;
        const i8 sx = w.site[x], sv = w.site[v], sy = w.site[w.succ[v]];
        const i8 arrive = arc(sv, u), depart = arc(u, sy);
        const i8 freed = w.leg[v] + w.leg[a] + w.leg[u];
        const i8 load = p.demand[u];
        if (gains(s, t, arrive + depart + bridge(w.site[a], sx) - freed, load)) {
            move_after(u, v);
            return true;
        }
        if (sx == 0 || v == x) return false;
        const i8 base = bridge(w.site[a], w.site[w.succ[x]]) - freed - w.leg[x] + w.leg[u];
        const i8 straight = base + arrive + arc(sx, sy);
        const i8 turned = base + arc(sv, sx) + depart;
        EVALUATED(1);  // two moves, one question
        if (!gains(s, t, std::min(straight, turned), load + p.demand[sx])) return false;
        if (straight <= turned) {
            move_after(u, v);
            move_after(x, u);
        } else {
            move_after(x, v);
            move_after(u, x);
        }
        return true;
    }

    bool swap(i8 u, i8 v) {
        const i8 a = w.pred[u], x = w.succ[u], b = w.pred[v], y = w.succ[v];
        if (u == b || u == y) return false;
        const i8 s = w.route[u], t = w.route[v], sx = w.site[x], sy = w.site[y];
        i8 joins = arc(w.site[a], v) + arc(w.site[b], u) - w.leg[a] - w.leg[b];
        i8 load = p.demand[u] - p.demand[v];
        if (u < v && gains(s, t, joins + arc(v, sx) + arc(u, sy) - w.leg[u] - w.leg[v], load)) {
            exchange(u, v);
            return true;
        }
        if (sx == 0 || x == b) return false;
        joins -= w.leg[x];
        load += p.demand[sx];
        const i8 after_x = w.site[w.succ[x]];
        if (gains(s, t, joins + arc(v, after_x) + arc(sx, sy) - w.leg[v], load)) {
            exchange(u, v);
            move_after(x, u);
            return true;
        }
        if (v < u || sy == 0 || y == a) return false;
        const i8 after_y = w.site[w.succ[y]];
        if (!gains(s, t, joins + arc(sy, after_x) + arc(sx, after_y) - w.leg[y], load - p.demand[sy])) return false;
        exchange(u, v);
        exchange(x, y);
        return true;
    }

    bool two_opt(i8 u, i8 v) {
        const i8 x = w.succ[u];
        if (w.position[u] >= w.position[v] || x == v) return false;
        const i8 y = w.succ[v];
        EVALUATED(1);
        if (arc(u, v) + arc(x, w.site[y]) >= w.leg[u] + w.leg[v]) return false;
        for (i8 k = x; k != y;) {
            const i4 after = w.succ[k];
            w.succ[k] = w.pred[k];
            w.pred[k] = after;
            k = after;
        }
        w.succ[u] = i4(v);
        w.pred[v] = i4(u);
        w.succ[x] = i4(y);
        w.pred[y] = i4(x);
        return true;
    }

    i8 write(i8 k, i8 u, i8 stop, bool forward) {
        while (u != stop) {
            w.scratch[k++] = i4(u);
            u = forward ? w.succ[u] : w.pred[u];
        }
        return k;
    }

    bool two_opt_star(i8 u, i8 v) {
        const i8 s = w.route[u], t = w.route[v], x = w.succ[u], y = w.succ[v];
        const i8 sx = w.site[x], sv = w.site[v], sy = w.site[y];
        const i8 freed = w.leg[u] + w.leg[v];
        const i8 behind = w.load[s] - w.carried[u];
        const bool turned = gains(s, t, arc(u, sv) + bridge(sx, sy) - freed, behind - w.carried[v]);
        if (!turned && !gains(s, t, arc(u, sy) + bridge(sv, sx) - freed, behind - w.load[t] + w.carried[v])) return false;
        const i8 ring = w.num_nodes + s, other = w.num_nodes + t;
        i8 k = write(0, w.succ[ring], x, true), middle;
        if (turned) {
            k = middle = write(k, v, other, false);
            k = write(k, w.pred[ring], u, false);
            k = write(k, y, other, true);
        } else {
            k = middle = write(k, y, other, true);
            k = write(k, w.succ[other], y, true);
            k = write(k, x, ring, true);
        }
        lay(s, 0, middle);
        lay(t, middle, k);
        return true;
    }

    // ---- SWAP* -----------------------------------------------------------------------------------------------------

    i8 detour(i8 a, i8 u, i8 b) const { return arc(a, u) + arc(u, b) - bridge(a, b); }

    void find_places(i8 u, i8 t) {
        const i8 cell = t * w.num_nodes + u;
        if (w.changed[t] < w.known[cell]) return;
        w.known[cell] = w.words[MOVES] + 1;
        const i8 at = cell * 3;
        for (i8 k = at; k < at + 3; k++) {
            w.price[k] = NOWHERE;
            w.place[k] = -1;
        }
        i8 v = w.num_nodes + t;
        EVALUATED(w.size[t] + 1);
        for (i8 times = i8(w.size[t]) + 1; times > 0; times--) {
            const i8 y = w.succ[v];
            const i8 added = arc(w.site[v], u) + arc(u, w.site[y]) - w.leg[v];
            i8 k = at + 3;
            while (k > at && added < w.price[k - 1]) {
                k--;
                if (k < at + 2) {
                    w.price[k + 1] = w.price[k];
                    w.place[k + 1] = w.place[k];
                }
            }
            if (k < at + 3) {
                w.price[k] = added;
                w.place[k] = i4(v);
            }
            v = y;
        }
    }

    void learn(i8 s, i8 t) {
        for (i8 u = w.succ[w.num_nodes + s]; u < w.num_nodes; u = w.succ[u]) {
            const i8 a = w.pred[u];
            w.gain[u] = w.leg[a] + w.leg[u] - bridge(w.site[a], w.site[w.succ[u]]);
            find_places(u, t);
        }
    }

    i8 best_place(i8 u, i8 v) const {
        const i8 b = w.pred[v];
        const i8 at = (i8(w.route[v]) * w.num_nodes + u) * 3;
        for (i8 k = at; k < at + 3; k++) {
            const i8 q = w.place[k];
            if (q >= 0 && q != v && q != b) return w.price[k] < detour(w.site[b], u, w.site[w.succ[v]]) ? k : -1;
        }
        return -1;
    }

    i8 price_instead(i8 u, i8 v) const {
        const i8 k = best_place(u, v);
        return k >= 0 ? w.price[k] : detour(w.site[w.pred[v]], u, w.site[w.succ[v]]);
    }

    i8 place_instead(i8 u, i8 v) const {
        const i8 k = best_place(u, v);
        return k >= 0 ? w.place[k] : w.pred[v];
    }

    void swap_star(i8 s, i8 t) {
        learn(s, t);
        learn(t, s);
        i8 least = 0, chosen = 0, partner = 0;
        EVALUATED(i8(w.size[s]) * w.size[t] + w.size[s] + w.size[t]);
        for (i8 u = w.succ[w.num_nodes + s]; u < w.num_nodes; u = w.succ[u]) {
            for (i8 v = w.succ[w.num_nodes + t]; v < w.num_nodes; v = w.succ[v]) {
                i8 delta = fine_moved(s, t, p.demand[u] - p.demand[v]) - w.gain[u] - w.gain[v];
                if (delta < least) {
                    delta += price_instead(u, v) + price_instead(v, u);
                    if (delta < least) {
                        least = delta;
                        chosen = u;
                        partner = v;
                    }
                }
            }
        }
        for (i8 way = 0; way < 2; way++) {
            const i8 home = way ? t : s, away = way ? s : t;
            for (i8 u = w.succ[w.num_nodes + home]; u < w.num_nodes; u = w.succ[u]) {
                const i8 delta =
                    w.price[(away * w.num_nodes + u) * 3] - w.gain[u] + fine_moved(home, away, p.demand[u]);
                if (delta < least) {
                    least = delta;
                    chosen = u;
                    partner = 0;
                }
            }
        }
        if (chosen == 0) return;
        if (partner != 0) {
            const i8 there = place_instead(chosen, partner), here = place_instead(partner, chosen);
            move_after(chosen, there);
            move_after(partner, here);
        } else {
            const i8 away = s + t - w.route[chosen];
            move_after(chosen, w.place[(away * w.num_nodes + chosen) * 3]);
        }
        moved(s, t);
    }

    void compare_routes(i8 s) {
        const i8 since = w.swapped[s];
        w.swapped[s] = w.words[MOVES];
        for (i8 t = s + 1; t < w.num_slots; t++) {
            const bool changed = w.words[LOOP] == 0 || std::max(w.changed[s], w.changed[t]) > since;
            if (changed && w.size[s] > 0 && w.size[t] > 0 && overlap(s, t)) swap_star(s, t);
        }
    }

    // ---- the descent -----------------------------------------------------------------------------------------------

    void settle_all() {
        w.words[MOVES]++;
        w.words[LOOP] = 0;
        w.words[GAINED] = 0;
        w.words[DISTANCE] = 0;
        w.words[EXCESS] = 0;
        for (i8 t = 0; t < w.num_slots; t++) {
            w.load[t] = 0;
            w.length[t] = 0;
            settle(t);
        }
        for (i8 k = w.num_nodes - 2; k > 0; k--) std::swap(w.order[k], w.order[below(r, k + 1)]);
    }

    bool try_moves(i8 u, i8 v) {
        if (relocate(u, v)) return true;
        if (v < w.num_nodes && swap(u, v)) return true;
        if (w.route[u] != w.route[v]) return two_opt_star(u, v);
        return v < w.num_nodes && two_opt(u, v);
    }

    i8 empty_end(i8 u) const {
        if (w.words[LOOP] > 0 && w.size[w.route[u]] > 1) {
            for (i8 t = 0; t < w.num_slots; t++) {
                if (w.size[t] == 0) return w.num_nodes + t;
            }
        }
        return -1;
    }

    void visit(i8 u) {
        const i8 since = w.tested[u];
        w.tested[u] = w.words[MOVES];
        i8 k = u * p.num_neighbours, last = -1;
        const i8 end = k + w.reach;
        while (k <= end) {
            i8 v = last;
            if (last >= 0) {
                last = -1;
            } else if (k < end) {
                v = p.neighbours[k++];
                if (w.words[LOOP] != 0 && std::max(w.changed[w.route[u]], w.changed[w.route[v]]) <= since) {
                    v = -1;
                } else if (w.pred[v] >= w.num_nodes) {
                    last = w.pred[v];
                }
            } else {
                v = empty_end(u);
                k++;
            }
            if (v < 0) continue;
            const i8 s = w.route[u], t = w.route[v];
            if (try_moves(u, v)) {
                moved(s, t);
                last = -1;
            }
        }
    }

    bool descend_some() {
        for (i8 times = 0; times < CLIENTS_A_LOOK; times++) {
            const i8 k = w.words[CURSOR];
            if (k == w.num_nodes - 1) {
                w.words[CURSOR] = 0;
                w.words[PHASE] = EXCHANGE;
                return true;
            }
            if (c.slots[ITERATIONS] >= c.slots[LIMIT]) return false;
            visit(w.order[k]);
            c.slots[ITERATIONS]++;
            w.words[CURSOR] = k + 1;
        }
        return true;
    }

    void exchange_some() {
        compare_routes(w.words[CURSOR]);
        if (++w.words[CURSOR] < w.num_slots) return;
        w.words[CURSOR] = 0;
        if (w.words[GAINED] == 0 && w.words[LOOP] > 0) {
            w.words[PHASE] = GROWN;
            return;
        }
        w.words[PHASE] = DESCEND;
        w.words[GAINED] = 0;
        w.words[LOOP]++;
    }

    // ---- tours -----------------------------------------------------------------------------------------------------

    void cross() {
        const i8 n = w.num_nodes - 1;
        std::fill_n(w.cut_at, w.num_nodes, 0);
        const i8 first = below(r, n), last = below(r, n);
        i8 length = last - first + 1;
        if (length <= 0) length += n;
        i8 j = first;
        for (i8 times = 0; times < length; times++) {
            const i4 u = w.mother[j];
            w.tour[j] = u;
            w.cut_at[u] = 1;
            if (++j == n) j = 0;
        }
        i8 k = j;
        for (i8 times = 0; times < n; times++) {
            const i4 u = w.father[k];
            if (w.cut_at[u] == 0) {
                w.tour[j] = u;
                if (++j == n) j = 0;
            }
            if (++k == n) k = 0;
        }
    }

    void find_cuts() {
        const i8 n = w.num_nodes - 1;
        w.potential[0] = 0;
        for (i8 k = 1; k <= n; k++) w.potential[k] = NEVER;
        for (i8 i = 0; i < n; i++) {
            i8 u = w.tour[i];
            i8 load = p.demand[u];
            i8 cost = w.potential[i] + arc(0, u);
            for (i8 j = i + 1;; j++) {
                const i8 total = cost + arc(u, 0) + fine(load);
                if (total < w.potential[j]) {
                    w.potential[j] = total;
                    w.cut_at[j] = i4(i);
                }
                if (j == n) break;
                const i8 v = w.tour[j];
                load += p.demand[v];
                if (load > w.most) break;
                cost += arc(u, v);
                u = v;
            }
        }
    }

    void cut() {
        find_cuts();
        for (i8 ring = w.num_nodes; ring < w.num_nodes + w.num_slots; ring++) w.succ[ring] = w.pred[ring] = i4(ring);
        i8 t = 0;
        for (i8 j = w.num_nodes - 1; j > 0;) {
            const i8 i = w.cut_at[j], ring = w.num_nodes + t;
            i8 u = w.pred[ring];
            for (i8 k = i; k < j; k++) {
                const i8 v = w.tour[k];
                w.succ[u] = i4(v);
                w.pred[v] = i4(u);
                u = v;
            }
            w.succ[u] = i4(ring);
            w.pred[ring] = i4(u);
            t = std::min(t + 1, w.num_slots - 1);
            j = i;
        }
    }

    void write_tour() {
        i8 count = 0;
        for (i8 t = 0; t < w.num_slots; t++) {
            if (w.size[t] == 0) continue;
            i8 k = count++;
            for (; k > 0 && w.bearing[w.scratch[k - 1]] > w.bearing[t]; k--) w.scratch[k] = w.scratch[k - 1];
            w.scratch[k] = i4(t);
        }
        i8 j = 0;
        for (i8 k = 0; k < count; k++) {
            for (i4 u = w.succ[w.num_nodes + w.scratch[k]]; u < w.num_nodes; u = w.succ[u]) w.tour[j++] = u;
        }
    }

    // ---- families --------------------------------------------------------------------------------------------------

    i8 broken_pairs(i8 a, i8 b) const {
        i8 count = 0;
        a *= f.num_nodes;
        b *= f.num_nodes;
        for (i8 u = 1; u < f.num_nodes; u++) {
            const i4 x = f.after[a + u], y = f.after[b + u], z = f.before[b + u];
            if (x != y && x != z) count++;
            if (f.before[a + u] == 0 && y != 0 && z != 0) count++;
        }
        return count;
    }

    void note_nearest(i8 k, i8 a) {
        i8 n0 = i8(1) << 40, n1 = n0, n2 = n0, n3 = n0, n4 = n0;
        for (i8 b = 0; b < f.words[k]; b++) {
            const i8 d = f.broken[a * f.num_rows + b];
            if (b + k * f.num_rows == a || d >= n4) continue;
            n4 = std::max(n3, d);
            i8 e = std::min(n3, d);
            n3 = std::max(n2, e);
            e = std::min(n2, e);
            n2 = std::max(n1, e);
            e = std::min(n1, e);
            n1 = std::max(n0, e);
            n0 = std::min(n0, e);
        }
        f.closest[a] = n0;
        f.nearest[a] = n0 + n1 + n2 + n3 + n4;
    }

    void rank_family(i8 k) {
        const i8 begin = k * f.num_rows, end = begin + f.words[k];
        for (i8 a = begin; a < end; a++) {
            f.cost[a] = f.distance[a] + i8(f.reals[USUAL_FINE] * double(f.excess[a]));
            note_nearest(k, a);
        }
        const double far = std::max(0.0, 1.0 - double(ELITE) / double(std::max(i8(1), f.words[k])));
        for (i8 a = begin; a < end; a++) {
            i8 cheaper = 0, farther = 0;
            for (i8 b = begin; b < end; b++) {
                if (f.cost[b] < f.cost[a] || (f.cost[b] == f.cost[a] && b < a)) cheaper++;
                if (f.nearest[b] > f.nearest[a] || (f.nearest[b] == f.nearest[a] && b < a)) farther++;
            }
            f.rank[a] = cheaper;
            f.worth[a] = double(cheaper) + far * double(farther);
        }
    }

    void copy_row(i8 a, i8 b) {
        f.distance[a] = f.distance[b];
        f.excess[a] = f.excess[b];
        const i8 n = f.num_nodes;
        std::copy_n(f.tour + b * (n - 1), n - 1, f.tour + a * (n - 1));
        std::copy_n(f.after + b * n, n, f.after + a * n);
        std::copy_n(f.before + b * n, n, f.before + a * n);
    }

    void drop(i8 k) {
        const i8 begin = k * f.num_rows, count = f.words[k];
        i8 gone = begin;
        double most = -1.0;
        for (i8 a = begin; a < begin + count; a++) {
            double worth = f.worth[a];
            if (f.closest[a] == 0) worth += 3.0 * double(count);
            if (f.rank[a] != 0 && worth > most) {
                most = worth;
                gone = a;
            }
        }
        const i8 last = begin + count - 1;
        f.words[k]--;
        if (gone == last) return;
        copy_row(gone, last);
        for (i8 b = 0; b < count - 1; b++) {
            const i4 d = b == gone - begin ? 0 : f.broken[last * f.num_rows + b];
            f.broken[gone * f.num_rows + b] = d;
            f.broken[(begin + b) * f.num_rows + gone - begin] = d;
        }
    }

    void join() {
        const i8 k = w.words[EXCESS] > 0 ? BREAKS : KEEPS;
        const i8 begin = k * f.num_rows, here = f.words[k], a = begin + here, n = f.num_nodes;
        f.distance[a] = w.words[DISTANCE];
        f.excess[a] = w.words[EXCESS];
        std::copy_n(w.tour, n - 1, f.tour + a * (n - 1));
        for (i8 u = 1; u < n; u++) {
            f.after[a * n + u] = w.site[w.succ[u]];
            f.before[a * n + u] = w.site[w.pred[u]];
        }
        f.broken[a * f.num_rows + here] = 0;
        for (i8 b = 0; b < here; b++) {
            const i4 d = i4(broken_pairs(a, begin + b));
            f.broken[a * f.num_rows + b] = d;
            f.broken[(begin + b) * f.num_rows + here] = d;
        }
        f.words[k]++;
        const i8 most = f.words[k] == f.num_rows - 1 ? f.num_members : f.words[k];
        for (;;) {
            rank_family(k);
            if (f.words[k] <= most) break;
            drop(k);
        }
        if (k == KEEPS && w.words[DISTANCE] < f.words[BEST]) {
            f.words[BEST] = w.words[DISTANCE];
            f.words[SINCE_BEST] = 0;
        }
    }

    void count_child() {
        f.words[CHILDREN]++;
        f.words[SINCE_BEST]++;
        if (w.words[EXCESS] == 0) f.words[KEPT]++;
        if (f.words[CHILDREN] % 100 != 0) return;
        double fine = f.reals[USUAL_FINE];
        if (f.words[KEPT] < WITHIN - SLACK) {
            fine = std::min(1.2 * fine, f.reals[MOST_FINE]);
        } else if (f.words[KEPT] > WITHIN + SLACK) {
            fine = std::max(0.85 * fine, f.reals[LEAST_FINE]);
        }
        f.reals[USUAL_FINE] = fine;
        f.words[KEPT] = 0;
    }

    i8 draw_parent() {
        const i8 total = f.words[KEEPS] + f.words[BREAKS];
        i8 best = -1;
        for (i8 times = 0; times < 2; times++) {
            i8 a = below(r, total);
            if (a >= f.words[KEEPS]) a += f.num_rows - f.words[KEEPS];
            if (best < 0 || f.worth[a] < f.worth[best]) best = a;
        }
        return best;
    }

    void begin_again() {
        for (const i8 slot : {KEEPS, BREAKS, CHILDREN, SINCE_BEST, KEPT}) f.words[slot] = 0;
    }

    // ---- one child after the other ---------------------------------------------------------------------------------

    void choose_parents() {
        const i8 n = w.num_nodes - 1;
        if (f.words[CHILDREN] < FIRST * f.num_members || f.words[KEEPS] + f.words[BREAKS] == 0) {
            std::copy_n(w.order, n, w.mother);
            for (i8 k = n - 1; k > 0; k--) std::swap(w.mother[k], w.mother[below(r, k + 1)]);
            std::copy_n(w.mother, n, w.father);
            return;
        }
        const i8 a = draw_parent();
        i8 b = draw_parent();
        for (i8 times = 0; times < 10; times++) {
            if (a == b) b = draw_parent();
        }
        std::copy_n(f.tour + a * n, n, w.mother);
        std::copy_n(f.tour + b * n, n, w.father);
    }

    void conceive() {
        if (f.words[SINCE_BEST] >= PATIENCE) begin_again();
        choose_parents();
        f.words[REPAIRING] = 0;
        w.reals[FINE] = f.reals[USUAL_FINE];
        cross();
        cut();
        w.words[PHASE] = SETTLE;
    }

    void grow_up() {
        const bool breaks = w.words[EXCESS] > 0, adopted = w.words[PHASE] == ADOPTED;
        w.words[PHASE] = BRED;
        write_tour();
        if (f.words[REPAIRING] != 0 && breaks && !adopted) return;
        join();
        if (f.words[REPAIRING] != 0 || adopted) return;
        count_child();
        if (breaks && unit(r) < 0.5) {
            f.words[REPAIRING] = 1;
            w.reals[FINE] = 10.0 * f.reals[USUAL_FINE];
            w.words[PHASE] = SETTLE;
        }
    }

    i8 breed() {
        bool alive = !out_of_time(c);
        while (alive) {
            switch (w.words[PHASE]) {
                case CONCEIVE: conceive(); break;
                case ADOPT:
                case SETTLE:
                    if (w.words[PHASE] == ADOPT) {
                        w.reals[FINE] = f.reals[USUAL_FINE];
                        w.words[PHASE] = ADOPTED;
                    } else {
                        w.words[PHASE] = DESCEND;
                    }
                    w.words[CURSOR] = 0;
                    settle_all();
                    break;
                case DESCEND: alive = descend_some(); break;
                case EXCHANGE: exchange_some(); break;
                case ADOPTED:
                case GROWN: grow_up(); break;
                default: alive = false;
            }
            if (alive) alive = !out_of_time(c);
        }
        return w.words[PHASE];
    }
};

}  // namespace

extern "C" i8 matrix(const Instance* p, const Descent* w, const Families* f, const Random* r, const Control* c) {
    return Search{*p, *w, *f, *r, *c}.breed();
}
