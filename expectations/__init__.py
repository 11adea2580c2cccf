"""From typed rows to a verdict: rules as data, the split, the suite, the answer to the sender."""
