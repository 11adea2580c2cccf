"""The command line `bvb` and the steps that a run consists of; calls the rooms, holds no logic."""
