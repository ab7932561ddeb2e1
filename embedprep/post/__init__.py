"""Stage 5, after the rows found: change them as `--post` says, and fill the rows without a vector.

In: the rows found, and the steps.
Out: all rows; what was fitted, so that other vectors can follow.
May import: vocabulary, vectors.

`oov` fills the rows without a vector. `changing` does all steps, block by block. `fitting` and
`applying` say what each step is, `exact` how the sums come out the same on every machine, `eigen`
where the main directions come from.
"""
