"""Benchmarks: how long a gradient takes, how right a derivative and a check are, beside all else.

    packages        which others are installed

`python -m benchmarks.derivatives` asks for slopes that are known exactly:

    points/         functions and what their slopes are
    derivatives/    our methods and others, and how they fared

`python -m benchmarks.checkers` asks checkers of gradients for their verdicts:

    gallery/        layers, losses and networks, wrong and right, and what must be said of each
    checkers/       ours and others, and how they fared

`python -m benchmarks.gradients` takes the time of gradients. To read in this order:

    batches         the pictures that the nets look at
    nets            the nets that are compared, and those that grow
    backprop        the gradient by hand: the analytic reference
    entries         a few entries of a gradient, where all would take too long
    contenders      our methods and backprop, as things that can be timed
    rivals          PyTorch, torch.func, scipy, numdifftools, where they are installed
    timing          rounds in which each is timed once; peak memory
    compare         one net: seconds, ratios, differences, memory
    growth          how time grows with weights and depth, measured and predicted
    report          the table in the terminal
    picture         the picture
    gradients       the command
"""
