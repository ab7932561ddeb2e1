"""What people run today, each as a whole program that writes the same matrix.

One file per peer. Each offers `build(vectors, index) -> matrix`: float32, row `index[word]` is
the word's vector, row 0 and the rows of words without a vector are zeros.
`python -m benchmarks.peers NAME VECTORS VOCABULARY OUT.npy` runs one of them.
"""
