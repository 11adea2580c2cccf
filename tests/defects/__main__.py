"""Write the golden answers anew."""

from tests.defects.golden import write

write()
