"""Whether the model does what markets did: cases, claims about them, and the measuring."""
