"""The pages of the manual, and what draws their pictures."""
