"""Twins of contracts/breakers and of the modules that these share."""
