"""Twin of contracts/LendingMarket.vy, one file for each of its modules."""
