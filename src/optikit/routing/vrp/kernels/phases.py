"""What `advance` is doing: one of these, in State.words[PHASE]."""

SAVINGS = 0  # merging routes of one client by the savings list
STORE = 1  # writing the merged routes as the best solution
RESTORE = 2  # making the best solution of the cycle (at its start: the one to start from) the current one
SEARCH = 3  # ruin and recreate
DONE = 4  # the annealing cycle is over: Python chooses where the next one starts

CHUNK = 4000  # nodes that a step of the first three handles before it looks at the clock: some 20 microseconds
ITERATIONS_A_LOOK = 12  # of SEARCH, about 3 microseconds each
ITERATIONS_A_TEMPERATURE = 48
