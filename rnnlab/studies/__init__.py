"""Studies: what a sweep was made to tell, claim by claim. A study is one module of this package."""
