"""How right a numerical derivative is: ours and those of other packages, on the same points.

`python -m benchmarks.derivatives` runs them. To read in this order:

    answers     what a method answers at a place, what it claims, how often it asked f
    ours        the lesson's step, the default one, what chooses its step; the best step there is
    rivals      scipy, numdifftools, statsmodels, jacobi, where they are installed
    score       an answer beside the exact gradient, and the sums of a method
    kinks       who tells a kink, and who sees one where none is
    report      the tables in the terminal
    __main__    the command
"""
