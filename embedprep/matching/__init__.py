"""Stage 4: which record fills which row.

In: `LookupKeys`, and the `Hits` of one or several files.
Out: filled rows, and for each where it came from.
May import: vocabulary, sources, fallback, vectors, lookup.

`matching` is the one loop; `combining` puts several files together, `means` averages, `records`
counts and decides what is an error, `census` remembers the keys for advice, `shared_keys` lets
several builds share one reading.
"""
