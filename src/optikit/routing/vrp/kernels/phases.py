"""What `advance` is doing: one of these, in State.words[PHASE]."""

SAVINGS = 0  # merging routes of one client by the savings list
STORE = 1  # writing the merged routes as the best solution
RESTORE = 2  # making the best solution of the cycle (at its start: the one to start from) the current one
SEARCH = 3  # ruin and recreate
DONE = 4  # the annealing cycle is over: Python chooses where the next one starts

CHUNK = 4000  # nodes that a step of the first three handles before it looks at the clock: some 20 microseconds
ITERATIONS_A_LOOK = 12  # of SEARCH, about 3 microseconds each
ITERATIONS_A_TEMPERATURE = 48

# What `breed` is doing: one of these, in Descent.words[PHASE].
BRED = 0  # the child is in its family: Python chooses what comes next
CONCEIVE = 1  # a child is still to be made
SETTLE = 2  # its routes are linked, and nothing else is known of them
DESCEND = 3  # moves around one client after the other
EXCHANGE = 4  # SWAP* between one route and the others
GROWN = 5  # the child is a local optimum
ADOPT = 6  # routes from elsewhere, linked by Python, are to join a family
ADOPTED = 7  # all is known of them

CLIENTS_A_LOOK = 16  # of DESCEND, about 1 microsecond each
