"""A published matrix, opened again.

In: a file that `build` wrote.
Out: an `EmbeddingMatrix`, or a table that many models share.
May import: sources, vocabulary, containers, post, coverage, report,
    explain.
"""
