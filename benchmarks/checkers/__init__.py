"""How well checkers of gradients judge: ours and those of other packages, on the same gallery.

`python -m benchmarks.checkers` runs them. To read in this order:

    live        the parameters of a layer, and where its backward leaves their gradients
    view        a case as two pure functions of its arrays: forward, and vector times Jacobian
    answers     what a checker says of a case, how long it took, whatever happens on the way
    recipe      the course's recipe: central differences, and a relative error
    rivals      torch, JAX, autograd, where they are installed
    ours        nn.gradcheck
    score       the sums of a checker over the gallery
    report      the table in the terminal
    __main__    the command
"""
