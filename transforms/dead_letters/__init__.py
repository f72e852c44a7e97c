"""Failures that get lost: dead-letter queues for everything that is invoked or delivered asynchronously."""
