"""The job: every stage of a build, in one pipeline.

In: jobs: what to read, where to write, and how.
Out: matrices with their reports, published.
May import: sources, vocabulary, containers, counting, vectors, lookup, matching, post,
    coverage, indexing, cluster, report, matrix.

`pipeline` is the job on one page; follow the stages from there.
"""
