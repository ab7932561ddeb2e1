"""How fast and how small `embedprep build` is, next to what people run today.

`python -m benchmarks` restores real vectors, times whole processes and checks that every one of
them wrote the same matrix. Nothing in this package is needed to use embedprep.
"""
