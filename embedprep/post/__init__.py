"""Stage 5, before the rows without a vector: change the rows found, as `--post` says.

In: the rows found, and the steps.
Out: the rows in their new space, and what was fitted, so that other vectors can follow.
May import: vocabulary, vectors.

`changing` does all steps, block by block. `fitting` and `applying` say what each step is, `exact`
how the sums come out the same on every machine, `eigen` where the main directions come from.
"""
