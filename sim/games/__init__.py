"""Games small enough to be solved on paper: what crowds do with nobody to coordinate them."""
