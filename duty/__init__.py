"""The duty engineer's desk: is everything well, what to do if not, and how nothing is lost."""
