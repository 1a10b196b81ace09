"""A package, so that tests.helpers is found before any installed package called tests."""
