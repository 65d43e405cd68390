"""What the embedding of a trained model says of its words: which are near, and which differ alike."""
