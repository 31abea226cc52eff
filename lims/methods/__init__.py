"""How we measure: methods and their versions, plate layouts."""
