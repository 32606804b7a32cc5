"""A config becomes an experiment: text to tables, tables to calls, calls to objects.

document    TOML or JSON, and --set
signature   the options of a class or function
call        a table as the arguments of a constructor, checked against its signature
options     the tables [train] and [gradient]
model       the network, sized to the data
experiment  the objects of a run, and the config as resolved
listing     everything a config can name, with its options
"""

from nn.config.document import override, read
from nn.config.experiment import Experiment, build
from nn.config.listing import listing

__all__ = ["Experiment", "build", "listing", "override", "read"]
