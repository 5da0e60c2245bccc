"""Registers, facts and visits from the files of offices."""
