"""Solutions to the exercises at the end of each lesson; a file a lesson, of the same name."""
