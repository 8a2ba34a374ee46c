"""A shop as a model of CP-SAT: an interval for each mode, and everything else between them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..check import carries
from ..flat import NEVER
from ..parts import CHAIN, NETWORK, OPEN
from ..problem import Shop
from ..solution import Schedule
from .hints import Hinted
from .prices import add_objective
from .scale import flat_of


class IntervalModel:
    """A CP-SAT model of a shop.

    Each operation has a start and an end; each of its modes an interval that is present where the mode is chosen. Operations on a
    machine do not overlap; where setups matter, and in open jobs with transports or without waiting, a circuit says what follows
    what. A resumable operation starts in one window of its machine and ends in one, with as much working time in between as it
    lasts.

    Parameters
    ----------
    shop : Shop
    pause : callable
        Called now and then while building.

    Attributes
    ----------
    model : ortools.sat.python.cp_model.CpModel
    starts, ends : list
        Of each operation: a variable, and a variable or an expression.
    present : list
        Literal of each operation, or True where it must be done.
    mode : list
        Literal of each mode, or True where it must be chosen.
    """

    def __init__(self, shop: Shop, pause: Callable[[], None] = lambda: None) -> None:
        from ortools.sat.python import cp_model

        self.cp = cp_model
        self.shop = shop
        self.flat = flat_of(shop)
        self.model = cp_model.CpModel()
        self.pause = pause
        self.hints: list[tuple[Any, Callable[[Hinted], int]]] = []
        """Variable -> its value in a schedule."""
        self.starts: list[Any] = []
        self.ends: list[Any] = []
        self.present: list[Any] = []
        self.mode: list[Any] = [True] * self.flat.num_modes
        self.whole: list[Any] = []
        """Interval of each operation, whatever its mode."""
        self.setup_terms: list[tuple[Any, int]] = []
        """Literal of a pair on a machine -> its setup."""
        self.on: list[list[tuple[int, Any]]] = [[] for _ in range(self.flat.num_machines)]
        """Machine -> operations that may be on it, with the literals that say so."""
        for index in range(self.flat.num_operations):
            if index % 100 == 0:
                pause()
            self._operation(index)
        self.held: list[Any] = list(self.ends)
        """Until when an operation keeps its machine."""
        self._jobs()
        self._machines()
        self._precedences()
        add_objective(self)

    # -- operations -----------------------------------------------------------------

    def _operation(self, i: int) -> None:
        flat, model = self.flat, self.model
        modes = range(int(flat.mode_ptr[i]), int(flat.mode_ptr[i + 1]))
        duration = flat.mode_duration[modes.start : modes.stop].tolist()
        optional = flat.omission[i] >= 0
        earliest = int(flat.earliest[i])
        latest = min(int(flat.latest[i]), flat.horizon)
        fits = earliest + min(duration) <= latest
        present: Any = True
        if optional:
            present = self.literal(lambda told: int(told.present[i]))
        if not fits:
            model.add_bool_or([present.negated()] if optional else [])
            earliest, latest = 0, flat.horizon
        start = self.integer(earliest, latest - min(duration), lambda told: int(told.start[i]))
        if len(modes) == 1:
            self.mode[modes.start] = present
        else:
            for m in modes:
                self.mode[m] = self.literal(lambda told, m=m: int(told.mode[i] == m))  # type: ignore[misc]
            literals = [self.mode[m] for m in modes]
            model.add_exactly_one([*literals, present.negated()] if optional else literals)
        broken = [bool(flat.resumable[i]) and self._interrupted(m) for m in modes]
        if len(modes) == 1 and not broken[0]:
            end = start + duration[0]
        else:
            end = self.integer(earliest + min(duration), latest, lambda told: int(told.end[i]))
        self.starts.append(start)
        self.ends.append(end)
        self.present.append(present)
        for m, length, may_break in zip(modes, duration, broken, strict=True):
            self._works(i, m, length, may_break)
            self.on[flat.mode_machine[m]].append((i, self.mode[m]))
        if len(modes) > 1 or broken[0]:
            size = self.integer(min(duration), latest - earliest, lambda told: int(told.end[i] - told.start[i]))
            self.whole.append(model.new_optional_interval_var(start, size, end, present, ""))
        else:
            self.whole.append(model.new_optional_fixed_size_interval_var(start, duration[0], present, ""))

    def _interrupted(self, mode: int) -> bool:
        """Whether the machine of a mode has breaks."""
        machine = self.flat.mode_machine[mode]
        first = self.flat.window_ptr[machine]
        alone = self.flat.window_ptr[machine + 1] == first + 1
        return not (alone and self.flat.window_start[first] == 0 and self.flat.window_end[first] >= NEVER)

    def _windows(self, mode: int) -> list[tuple[int, int]]:
        flat, machine = self.flat, self.flat.mode_machine[mode]
        each = slice(int(flat.window_ptr[machine]), int(flat.window_ptr[machine + 1]))
        ends = np.minimum(flat.window_end[each], max(flat.horizon, 1))
        return [(int(a), int(b)) for a, b in zip(flat.window_start[each], ends, strict=True) if a <= b]

    def _works(self, i: int, m: int, length: int, may_break: bool) -> None:
        """A mode takes its duration, within the working time of its machine."""
        model, chosen, start, end = self.model, self.mode[m], self.starts[i], self.ends[i]
        if may_break and length > 0:
            self._resumes(i, m, length)
            return
        several = self.flat.mode_ptr[i + 1] - self.flat.mode_ptr[i] > 1 or self.flat.resumable[i]
        if several:
            model.add(end == start + length).only_enforce_if(chosen)
        if self._interrupted(m):
            within = [[a, b - length] for a, b in self._windows(m) if b - length >= a]
            if not within:
                model.add_bool_or([self._not(chosen)])
                return
            domain = self.cp.Domain.from_intervals(within)
            model.add_linear_expression_in_domain(start, domain).only_enforce_if(chosen)

    def _resumes(self, i: int, m: int, length: int) -> None:
        """From a start in one window to an end in one: what passes is the duration and the breaks between these windows."""
        model, chosen, start, end = self.model, self.mode[m], self.starts[i], self.ends[i]
        begins, ends, off, here = [], [], 0, 0
        early, late = int(self.flat.earliest[i]), min(int(self.flat.latest[i]), self.flat.horizon)
        for a, b in self._windows(m):
            off += a - here  # time without work before this window
            here = b
            if b <= early or a >= late or a == b:
                continue
            starts_here = self.literal(lambda told, a=a, b=b: int(told.mode[i] == m and a <= told.start[i] < b))  # type: ignore[misc]
            ends_here = self.literal(lambda told, a=a, b=b: int(told.mode[i] == m and a < told.end[i] <= b))  # type: ignore[misc]
            model.add_linear_constraint(start, a, b - 1).only_enforce_if(starts_here)
            model.add_linear_constraint(end, a + 1, b).only_enforce_if(ends_here)
            begins.append((starts_here, off))
            ends.append((ends_here, off))
        for literals in (begins, ends):
            model.add_bool_or([self._not(chosen), *(literal for literal, _ in literals)])
            model.add_at_most_one([literal for literal, _ in literals])
            for literal, _ in literals:
                model.add_implication(literal, chosen)
        passes = sum(literal * gone for literal, gone in ends) - sum(literal * gone for literal, gone in begins)
        model.add(end - start == length + passes).only_enforce_if(chosen)

    # -- jobs -----------------------------------------------------------------------

    def _jobs(self) -> None:
        flat = self.flat
        for job in range(flat.num_jobs):
            self.pause()
            own = range(int(flat.job_ptr[job]), int(flat.job_ptr[job + 1]))
            if flat.job_order[job] == CHAIN:
                self._chain(job, own)
            elif flat.job_order[job] == OPEN:
                self.model.add_no_overlap([self.whole[i] for i in own])
                if flat.no_wait[job] or (flat.transport.size and flat.transport.any()):
                    nodes = [(i, self.present[i]) for i in own]
                    self._circuit(nodes, self._follow_in_job(bool(flat.no_wait[job])), None)

    def _follow_in_job(self, tight: bool) -> Callable[..., None]:
        return lambda i, j, literal: self._carried(i, j, [literal], tight)

    def _chain(self, job: int, own: range) -> None:
        flat, model = self.flat, self.model
        wait, block = not flat.no_wait[job], bool(flat.blocking[job])
        for i in own:
            between: list[int] = []
            if block and i != own[-1]:
                self.held[i] = self.integer(0, flat.horizon, lambda told, i=i: int(told.held[i]))  # type: ignore[misc]
                model.add(self.held[i] >= self.ends[i]).only_enforce_if(self._both(i))
            for j in range(i + 1, own.stop):
                # j comes next after i where what is between is left out
                literals = [self.present[i], self.present[j], *(self.present[k].negated() for k in between)]
                literals = [literal for literal in literals if literal is not True]
                self._carried(i, j, literals, not wait, block)
                between.append(j)
                if self.present[j] is True:
                    break
            if block and i != own[-1] and all(self.present[j] is not True for j in range(i + 1, own.stop)):
                last = [self.present[j].negated() for j in range(i + 1, own.stop)]
                model.add(self.held[i] == self.ends[i]).only_enforce_if([*last, *self._both(i)])

    def _carried(self, i: int, j: int, literals: list[Any], tight: bool, block: bool = False) -> None:
        """j is after i in their job, with the transport between; ``tight``: at once."""
        flat, model = self.flat, self.model
        if not (flat.transport.size and flat.transport.any()):
            self._gap(i, j, 0, literals, tight, block)
            return
        model.add(self.starts[j] >= self.ends[i]).only_enforce_if(literals)
        for one in range(int(flat.mode_ptr[i]), int(flat.mode_ptr[i + 1])):
            for other in range(int(flat.mode_ptr[j]), int(flat.mode_ptr[j + 1])):
                carried = int(flat.transport[flat.mode_machine[one] * flat.num_machines + flat.mode_machine[other]])
                both = [literal for literal in (self.mode[one], self.mode[other]) if literal is not True]
                self._gap(i, j, carried, [*literals, *both], tight, block)

    def _gap(self, i: int, j: int, gap: int, literals: list[Any], tight: bool, block: bool) -> None:
        model = self.model
        rule = self.starts[j] == self.ends[i] + gap if tight else self.starts[j] >= self.ends[i] + gap
        model.add(rule).only_enforce_if(literals)
        if block:
            model.add(self.held[i] == self.starts[j] - gap).only_enforce_if(literals)

    # -- machines -------------------------------------------------------------------

    def _machines(self) -> None:
        model = self.model
        for machine, modes in enumerate(self.on):
            self.pause()
            by_operation: dict[int, list[Any]] = {}
            for i, literal in modes:
                by_operation.setdefault(i, []).append(literal)
            nodes = [(i, self._either(i, literals, machine)) for i, literals in by_operation.items()]
            model.add_no_overlap([self._holds(i, literal) for i, literal in nodes])
            setups = self._setups(machine)
            if setups is not None:
                self._sequence(machine, nodes, setups)

    def _either(self, i: int, literals: list[Any], machine: int) -> Any:
        """Whether an operation is on a machine: one of its modes there is chosen."""
        if len(literals) == 1:
            return literals[0]
        ours = set(range(int(self.flat.mode_ptr[i]), int(self.flat.mode_ptr[i + 1])))
        there = self.literal(lambda told: int(told.mode[i] in ours and self.flat.mode_machine[told.mode[i]] == machine))
        self.model.add(sum(literals) == there)
        return there

    def _holds(self, i: int, literal: Any) -> Any:
        """The time that an operation keeps a machine, if it is there."""
        model = self.model
        if self.held[i] is not self.ends[i]:
            size = self.integer(0, self.flat.horizon, lambda told: int(told.held[i] - told.start[i]))
            return model.new_optional_interval_var(self.starts[i], size, self.held[i], literal, "")
        modes = [m for m in range(int(self.flat.mode_ptr[i]), int(self.flat.mode_ptr[i + 1])) if self.mode[m] is literal]
        if len(modes) == 1 and not (self.flat.resumable[i] and self._interrupted(modes[0])):
            length = int(self.flat.mode_duration[modes[0]])
            if self.flat.mode_ptr[i + 1] - self.flat.mode_ptr[i] == 1 and not self.flat.resumable[i]:
                return self.whole[i]
            return model.new_optional_interval_var(self.starts[i], length, self.ends[i], literal, "")
        size = self.integer(0, self.flat.horizon, lambda told: int(told.end[i] - told.start[i]))
        return model.new_optional_interval_var(self.starts[i], size, self.ends[i], literal, "")

    def _setups(self, machine: int) -> Callable[[int | None, int], int] | None:
        """The setup between two operations of a machine, and before its first; None where there is none at all."""
        flat = self.flat
        size, base = flat.num_families, int(flat.setup_base[machine])
        pairs = flat.setup[base : base + size * size] if flat.setup.size else np.zeros(0, np.int64)
        first = flat.first_setup[machine * size : (machine + 1) * size] if flat.first_setup.size else np.zeros(0, np.int64)
        if not pairs.any() and not first.any():
            return None

        def between(i: int | None, j: int) -> int:
            if i is None:
                return int(first[flat.family[j]]) if first.size else 0
            return int(pairs[flat.family[i] * size + flat.family[j]]) if pairs.size else 0

        return between

    def _sequence(self, machine: int, nodes: list[tuple[int, Any]], setups: Callable[[int | None, int], int]) -> None:
        def follow(i: int | None, j: int, literal: Any) -> None:
            gap = setups(i, j)
            if i is None or self.held[i] is self.ends[i] or not self._goes_on(i, j):
                before = 0 if i is None else self.held[i]
                self.model.add(self.starts[j] >= before + gap).only_enforce_if(literal)
            else:
                self._set_up_within(i, j, gap, literal)
            if gap:
                self.setup_terms.append((literal, gap))

        self._circuit(nodes, follow, machine)

    def _goes_on(self, i: int, j: int) -> bool:
        """Whether j may be what the job of i does next: it does not block a machine for itself."""
        same = self.flat.job_of[i] == self.flat.job_of[j] and i < j
        return bool(same and all(self.present[k] is not True for k in range(i + 1, j)))

    def _set_up_within(self, i: int, j: int, gap: int, literal: Any) -> None:
        """The setup between operations of a blocking job: from the end on where they follow each other, else from when it left."""
        self.model.add(self.starts[j] >= self.ends[i] + gap).only_enforce_if(literal)
        for k in range(i + 1, j):
            self.model.add(self.starts[j] >= self.held[i] + gap).only_enforce_if([literal, self.present[k]])

    def _circuit(self, nodes: list[tuple[int, Any]], follow: Callable[..., None], machine: int | None) -> None:
        """One sequence of those that are there, on a machine or in a job: a literal for each pair that may follow each other."""
        arcs = []
        for a, (i, there) in enumerate(nodes, 1):
            begins = self.literal(lambda told, i=i: int(told.first(i, machine)))  # type: ignore[misc]
            ends = self.literal(lambda told, i=i: int(told.last(i, machine)))  # type: ignore[misc]
            arcs += [(0, a, begins), (a, 0, ends)]
            if machine is not None:
                follow(None, i, begins)
            if there is not True:
                arcs.append((a, a, there.negated()))
            for b, (j, _) in enumerate(nodes, 1):
                if i != j:
                    pair = self.literal(lambda told, i=i, j=j: int(told.after(i, machine) == j))  # type: ignore[misc]
                    arcs.append((a, b, pair))
                    follow(i, j, pair)
        if all(there is not True for _, there in nodes):
            nobody = self.literal(lambda told: int(not any(told.there(i, machine) for i, _ in nodes)))
            arcs.append((0, 0, nobody))
            for _, there in nodes:
                self.model.add_implication(nobody, there.negated())  # no circle beside it, where nothing takes time
        if nodes:
            self.model.add_circuit(arcs)

    # -- precedences ------------------------------------------------------------------

    def _precedences(self) -> None:
        flat, model = self.flat, self.model
        for arc in range(len(flat.arc_tail)):
            tail, head = int(flat.arc_tail[arc]), int(flat.arc_head[arc])
            before = self.ends[tail] if flat.arc_from_end[arc] else self.starts[tail]
            after = self.ends[head] if flat.arc_to_end[arc] else self.starts[head]
            model.add(after >= before + int(flat.arc_lag[arc])).only_enforce_if(self._both(tail, head))
        if flat.transport.size and flat.transport.any() and (flat.job_order == NETWORK).any():
            for rule in self.shop.precedences:
                if carries(self.shop, rule):
                    self._carried(rule.before, rule.after, self._both(rule.before, rule.after), False)

    def _both(self, *operations: int) -> list[Any]:
        return [self.present[i] for i in operations if self.present[i] is not True]

    # -- variables ----------------------------------------------------------------------

    def integer(self, low: int, high: int, hint: Callable[[Hinted], int]) -> Any:
        """A variable, and what it is in a schedule that is hinted at."""
        high = max(low, high)
        variable = self.model.new_int_var(low, high, "")
        self.hints.append((variable, lambda told: min(max(hint(told), low), high)))  # what is left out may be anywhere
        return variable

    def literal(self, hint: Callable[[Hinted], int]) -> Any:
        """A literal, and what it is in a schedule that is hinted at."""
        variable = self.model.new_bool_var("")
        self.hints.append((variable, hint))
        return variable

    def _not(self, literal: Any) -> Any:
        return self.model.new_constant(0) if literal is True else literal.negated()

    # -- to and fro ---------------------------------------------------------------------

    def start(self, schedule: Schedule) -> None:
        """Hint at a schedule: at every variable."""
        told = Hinted(self.shop, self.flat, schedule)
        self.model.clear_hints()
        for variable, value in self.hints:
            self.model.add_hint(variable, value(told))

    def bound(self, value: float) -> float:
        """A bound on the model's objective as one on the shop's; the model's is a whole number of ticks."""
        return self.flat.cost(math.ceil(value - 1e-6)) - self.flat.error

    def read(self, value_of: Callable[[Any], int]) -> Schedule:
        """The schedule, from a function that gives the value of a variable (``solver.value``, for instance)."""
        flat = self.flat
        start = np.array([value_of(variable) for variable in self.starts], np.int64)
        mode = np.full(flat.num_operations, -1)
        for m, literal in enumerate(self.mode):
            if literal is True or value_of(literal):
                mode[flat.mode_operation[m]] = m
        return flat.schedule(np.where(mode >= 0, start, 0), mode)
