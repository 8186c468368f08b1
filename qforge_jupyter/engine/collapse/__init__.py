"""The collapse check: is a candidate fit to be trained on in place of a reference?"""
