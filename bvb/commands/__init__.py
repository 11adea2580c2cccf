"""Commands of `bvb`: each module has one `command`."""
