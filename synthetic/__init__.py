"""The synthetic region: files that 66 territories and the platform would send, made by seed."""
