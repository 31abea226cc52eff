"""Text exports of the Vi-CELL XR cell counter."""
