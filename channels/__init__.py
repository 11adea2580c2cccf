"""Where files come from: a channel lists what it holds and gives bytes; landing is one for all."""
