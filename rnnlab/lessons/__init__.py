"""The lecture's parts, each as a lesson that computes what it shows: ``rnnlab lesson NAME``."""
