"""Exports of NucleoView, the software of ChemoMetec's NucleoCounter."""
