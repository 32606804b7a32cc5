"""The gradient check."""

from nn.checking.check import gradcheck
from nn.checking.report import Bend, Cause, Checked, Entry, Report

__all__ = ["Bend", "Cause", "Checked", "Entry", "Report", "gradcheck"]
