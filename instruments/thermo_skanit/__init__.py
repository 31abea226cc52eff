"""Exports of SkanIt (Varioskan, Multiskan) and of the Multiskan Sky itself."""
