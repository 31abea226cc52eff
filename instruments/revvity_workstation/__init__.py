"""What EnVision and EnSpire exports share: both come from one family of workstation software."""
