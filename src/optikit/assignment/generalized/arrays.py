"""What the kernels of the generalized assignment problem read and write: every array once."""

from __future__ import annotations

from optikit.kernels.jit import Arrays, array, f8, i4, i8, scalar, u1

# Slots of State.words: what the search carries from one slice to the next.
PHASE = 0  # DESCEND or KICK (kernels/advance.py)
COST = 1  # of the allocation, in ticks
OVER = 2  # loads above capacities, all agents together, in ticks
HEAD = 3  # where the queue begins in `queue`
WAITING = 4  # jobs in it
LOGGED = 5  # moves since the last kick
WORDS = 6

# Slots of State.numbers.
ENERGY = 0  # of the allocation before the last kick
DEAREST = 1  # no agent's price of what is above or below its capacity is higher
NUMBERS = 2

# Length of State.chain_...: the chain under way, link by link.
DEEPEST = 16  # links of a chain, at most


class Instance(Arrays):
    """A problem to be minimised, and the prices of its relaxation. Costs and loads are integers (ticks).

    The last agent may be one that takes the jobs that are left out: it has no capacity, and they demand nothing of it.
    """

    num_agents = scalar(i8, "at least 1")
    num_jobs = scalar(i8, "at least 1")
    num_options = scalar(i8, "pairs of a job and an agent that can have it")
    tiny = scalar(f8, "energies differ by more, or are the same but for rounding")
    cost = array(i8, "num_jobs * num_agents", "of a job on an agent, by job; anything where the pair is forbidden")
    demand = array(i8, "num_jobs * num_agents", "load of a job on an agent, by job")
    capacity = array(i8, "num_agents", "the largest load")
    price = array(f8, "num_agents", "of a unit of load in the relaxation, >= 0", mutable=True)
    regret = array(f8, "num_jobs * num_agents", "cost and price of the load, less the least of the job", mutable=True)
    first = array(i8, "num_jobs + 1", "where the options of a job begin")
    option = array(i4, "num_options", "the agents that can have it, by regret", mutable=True)


class Parameters(Arrays):
    """What a user may tune; defaults in search.py."""

    depth = scalar(i8, "links of a chain, at most, 1 to 16")
    kicks = scalar(i8, "jobs that a kick moves, at least 1")
    work = scalar(i8, "links that the search for one chain looks at, at most")
    near = scalar(i8, "a kick moves a job to one of so many of its best options, at least 1")
    dearest = scalar(f8, "no penalty of a tick above a capacity is higher")
    heat = scalar(f8, "energy that a kick may cost on average and is kept all the same")


class State(Arrays):
    """An allocation under local search."""

    num_agents = scalar(i8, "as in the Instance")
    num_jobs = scalar(i8, "as in the Instance")
    words = array(i8, "6", "see the slots above", mutable=True)
    numbers = array(f8, "2", "see the slots above", mutable=True)
    agent_of = array(i4, "num_jobs", "the allocation", mutable=True)
    load = array(i8, "num_agents", "of each agent, in ticks", mutable=True)
    penalty = array(f8, "num_agents", "energy of a tick above the capacity", mutable=True)
    head = array(i4, "num_agents", "first job of an agent; -1 none", mutable=True)
    after = array(i4, "num_jobs", "next job of the same agent; -1 none", mutable=True)
    before = array(i4, "num_jobs", "the one before; -1 none", mutable=True)
    queue = array(i4, "num_jobs", "jobs at which a chain may begin, from HEAD on, round the end", mutable=True)
    queued = array(u1, "num_jobs", "1 where a job is in the queue", mutable=True)
    chain_job = array(i4, "16", "the job that moves,", mutable=True)
    chain_agent = array(i4, "16", "the agent that takes it,", mutable=True)
    chain_at = array(i8, "16", "which of its options that is,", mutable=True)
    chain_next = array(
        i4, "16", "the job of that agent that may give way next; -2: the option has not been looked at,", mutable=True
    )
    chain_gain = array(f8, "16", "change of energy before this link,", mutable=True)
    chain_base = array(f8, "16", "and with its job moved", mutable=True)
    log_job = array(i4, "4096", "moves since the kick,", mutable=True)
    log_agent = array(i4, "4096", "and where the job was before", mutable=True)
    best = array(i4, "num_jobs", "the best feasible allocation", mutable=True)
