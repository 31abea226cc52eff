"""Result exports of Applied Biosystems real-time PCR systems."""
