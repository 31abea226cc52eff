"""What we measure with: instruments, media, reagents, calibration."""
