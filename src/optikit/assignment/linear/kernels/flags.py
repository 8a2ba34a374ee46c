"""What a kernel is compiled for."""

from optikit.kernels.jit import Flag

IS_DENSE = Flag("rows are those of a matrix, and lists hold their best entries; otherwise lists hold every entry there is")

VARIANTS = {"dense": {"IS_DENSE": True}, "sparse": {"IS_DENSE": False}}
